//! What a configuration may do and its author may not expect.

use std::collections::BTreeSet;

use openclaw::agent::{ActionDefinition, ActionEffect, Safeguards, SteeredWrite, TemplatedValue};
use openclaw::config::Config;
use openclaw::domain::ToolName;
use serde_json::Value;

use crate::fault::{Fault, Severity};

/// Returns the warnings of a configuration, with their paths in its document.
pub(crate) fn warnings(config: &Config, document: &Value) -> Vec<Fault> {
    let mut warnings = Warnings(Vec::new());
    for agent in config.agents.values() {
        let at = agent_path(document, agent.name.as_str());
        if agent.system.as_deref().is_some_and(is_templated) {
            let found = "a template, which the model reads as it is written";
            warnings.add(format!("{at}.system"), found, "plain text; the `system` of a generate state is a template");
        }
        let Safeguards { policy, opinion, planner, .. } = &agent.safeguards;
        let writes = || agent.actions.values().any(|action| action.effect == ActionEffect::Write);
        if planner.is_some() && (policy == "permissive" || !writes()) {
            let found = "a model that is never asked: plans are for writes under a policy that reads `planned`";
            warnings.add(format!("{at}.plan"), found, "no `plan`, or an agent that writes under strict");
        }
        if opinion.is_some() && agent.actions.is_empty() {
            let found = "a model that is never asked, since the agent has no actions";
            warnings.add(format!("{at}.policy_check"), found, "an agent with actions, or no `policy_check`");
        }
        for SteeredWrite { fork, key, write } in agent.steered_writes() {
            let steered = if key == "on_error" {
                "a failure that untrusted text can bring about"
            } else {
                "a condition on untrusted text"
            };
            let path = format!("{at}.states.{fork}.{key}");
            let found = format!("{steered}, which decides whether {write} may write");
            let allowed = "a fork that the caller's input or trusted output decides; otherwise a policy should judge the \
                           write";
            warnings.add(path, found, allowed);
        }
    }
    let carried: BTreeSet<&str> = config.actions.values().flat_map(|action| &action.data).map(String::as_str).collect();
    let sections = document.get("actions").and_then(Value::as_array);
    for (index, section) in sections.into_iter().flatten().enumerate() {
        let name = section.get("name").and_then(Value::as_str).unwrap_or_default();
        if let Some(action) = config.actions.get(&ToolName::new(name)) {
            let at = format!("actions[{index}]");
            warnings.accepts(&at, action, &carried);
            warnings.effect(&at, action);
            warnings.arguments(&at, action);
        }
    }
    warnings.0
}

/// Returns the path of an agent's section.
fn agent_path(document: &Value, name: &str) -> String {
    let agents = document.get("agents").and_then(Value::as_array);
    let named = |agent: &Value| agent.get("name").and_then(Value::as_str) == Some(name);
    let index = agents.and_then(|agents| agents.iter().position(named));
    index.map_or_else(|| "agent".to_owned(), |index| format!("agents[{index}]"))
}

struct Warnings(Vec<Fault>);

impl Warnings {
    fn add(&mut self, path: String, found: impl Into<String>, allowed: impl Into<String>) {
        self.0.push(Fault { severity: Severity::Warning, ..Fault::at(path, found, allowed) });
    }

    fn accepts(&mut self, at: &str, action: &ActionDefinition, carried: &BTreeSet<&str>) {
        for class in action.accepts.iter().filter(|class| !carried.contains(class.as_str())) {
            let found = format!("\"{class}\", a class that no action carries");
            self.add(format!("{at}.accepts"), found, "a class that an action has under `data`");
        }
    }

    /// Warns of requests that policies take for reads, though the method says that they change something.
    fn effect(&mut self, at: &str, action: &ActionDefinition) {
        let method = action.settings.get("method").and_then(Value::as_str).unwrap_or_default();
        if action.effect == ActionEffect::Read && ["DELETE", "PATCH", "PUT"].contains(&method) {
            self.add(format!("{at}.effect"), format!("read, for a {method}"), "write, where a call changes something");
        }
    }

    /// Warns of arguments that a call may lack where it needs them, and of those that it does not send.
    fn arguments(&mut self, at: &str, action: &ActionDefinition) {
        let mut sent = BTreeSet::new();
        for (key, value) in action.settings.iter().filter(|(key, _)| *key != "response") {
            let path = format!("{at}.{key}");
            if action.kind == "lambda" {
                if key == "args" && texts(value).into_iter().any(is_templated) {
                    let found = "a template, which the function gets as it is written";
                    self.add(path, found, "fixed values; the function gets arguments and caller beside them");
                }
                continue;
            }
            let parsed = TemplatedValue::parse(value);
            let templates = parsed.iter().flat_map(TemplatedValue::templates);
            sent.extend(templates.flat_map(|(_, template)| template.names().iter().cloned()).collect::<Vec<_>>());
            for name in texts(value).into_iter().flat_map(bare_arguments).collect::<BTreeSet<_>>() {
                if action.parameters.of(name).is_some() && !action.parameters.required().any(|known| known == name) {
                    let found = format!("\"arguments.{name}\", which a call may lack, and then fails");
                    let allowed = format!(
                        "an argument under `required`, or another value, as in {{{{ arguments.{name} or 0 }}}}"
                    );
                    self.add(path.clone(), found, allowed);
                }
            }
        }
        let reads_all = action.kind == "lambda" || sent.contains("arguments");
        for name in action.parameters.names().filter(|_| !reads_all) {
            let is_sent = |read: &String| {
                let rest = read.strip_prefix("arguments.").and_then(|read| read.strip_prefix(name));
                rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
            };
            let is_asked = action.kind == "sql" && action.settings.values().any(|value| has_parameter(value, name));
            if !is_asked && !sent.iter().any(is_sent) {
                let path = format!("{at}.parameters.properties.{name}");
                self.add(path, "an argument that the action does not send", "an argument that its templates read");
            }
        }
    }
}

/// Returns whether a text has what templates are made of.
fn is_templated(text: &str) -> bool {
    text.contains("{{") || text.contains("{%")
}

/// Returns whether a statement of SQL has a parameter of this name outside quotation marks.
fn has_parameter(statement: &Value, name: &str) -> bool {
    let ends = |rest: &str| !rest.starts_with(|next: char| next.is_ascii_alphanumeric() || next == '_');
    let unquoted = statement.as_str().into_iter().flat_map(|text| text.split('\'').step_by(2));
    let mut named = unquoted.flat_map(|text| text.split(':').skip(1)).filter_map(|part| part.strip_prefix(name));
    named.any(ends)
}

/// Returns the arguments that a text reads and nothing else, as in `{{ arguments.id }}`. Under a condition they may be safe.
fn bare_arguments(text: &str) -> impl Iterator<Item = &str> {
    let pieces = text.split("{{").skip(1).filter(|_| !text.contains("{%"));
    pieces.filter_map(|piece| piece.split_once("}}")?.0.trim().strip_prefix("arguments."))
}

fn texts(value: &Value) -> Vec<&str> {
    match value {
        Value::String(text) => vec![text],
        Value::Array(items) => items.iter().flat_map(texts).collect(),
        Value::Object(members) => members.values().flat_map(texts).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) => Vec::new(),
    }
}

#[cfg(test)]
#[path = "warnings_tests.rs"]
mod tests;
