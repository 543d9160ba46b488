//! The sets of policies of a configuration: their files, and the examples that they must pass.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use openclaw::agent::{ActionDefinition, ActionEffect, Safeguards};
use openclaw::config::{Config, ExtendedSet, FileFault, PolicyConfig, read_named_file};
use openclaw::domain::AgentName;
use openclaw::policy::{Expectation, Extends, PolicyExample, PolicySet, admits, asks, check_set, reads_context};

use crate::fault::{Fault, OtherFile, Severity};
use crate::yaml;

/// The result of the examples of one set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetReport {
    /// The set.
    pub name: String,
    /// The number of its examples.
    pub examples: usize,
    /// The faults of its files and its examples.
    pub faults: Vec<Fault>,
    /// What it leaves without effect.
    pub warnings: Vec<Fault>,
}

/// Checks the sets of policies, and runs their examples.
#[must_use]
pub fn check_policies(config: &Config, directory: &Path) -> Vec<SetReport> {
    config.policies.iter().map(|(name, set)| check_one(name, set, config, directory)).collect()
}

fn check_one(name: &str, set: &PolicyConfig, config: &Config, directory: &Path) -> SetReport {
    let mut report = SetReport { name: name.to_owned(), examples: 0, faults: Vec::new(), warnings: Vec::new() };
    let mut files = Vec::new();
    for (index, path) in set.files.iter().enumerate() {
        match OtherFile::read(directory, path) {
            Ok(file) => files.push(file),
            Err(fault) => {
                let path = format!("policies.{name}.files[{index}]");
                report.faults.push(unusable(path, fault, "a Cedar file"));
            }
        }
    }
    if !report.faults.is_empty() {
        return report;
    }
    let texts: Vec<&str> = files.iter().map(|file| file.text.as_str()).collect();
    let extends = match set.extends {
        ExtendedSet::Strict => Extends::Strict,
        ExtendedSet::Permissive => Extends::Permissive,
        ExtendedSet::None => Extends::None,
    };
    let agents: Vec<&str> = config.agents.keys().map(AgentName::as_str).collect();
    for fault in check_set(&texts, extends, &config.actions, &agents) {
        let path = format!("policies.{name}.files[{}]", fault.file);
        report.faults.push(Fault {
            marked: Some(fault.place.unwrap_or(0..0)),
            other: files.get(fault.file).cloned(),
            ..Fault::at(path, fault.found, fault.allowed)
        });
    }
    if report.faults.is_empty() {
        if !reads_context(&texts, extends, OPINION) {
            report.faults.extend(ignored(OPINION, name, config));
        }
        let is_admitted =
            |agent: &AgentName, action: &ActionDefinition| admits(&texts, extends, agent.as_str(), action);
        let mut warnings = unpermitted_actions(name, config, is_admitted);
        if !reads_context(&texts, extends, PLANNED) {
            warnings.extend(ignored(PLANNED, name, config));
        }
        let warnings = warnings.into_iter().map(|fault| Fault { severity: Severity::Warning, ..fault });
        report.warnings = warnings.collect();
    }
    if report.faults.is_empty()
        && let Ok(parsed) = PolicySet::parse(&texts, extends)
    {
        let permitted = |action: &Arc<ActionDefinition>| {
            config.agents.keys().any(|agent| admits(&texts, extends, agent.as_str(), action))
        };
        let may_allow = config.actions.values().any(permitted);
        let needed = [
            (Expectation::Deny, true),
            (Expectation::Allow, may_allow),
            // What is extended asks about writes alone.
            (Expectation::Ask, may_allow && asks(&texts, if has_writes(config) { extends } else { Extends::None })),
        ];
        let needed = needed.into_iter().filter(|(_, is_needed)| *is_needed).map(|(expected, _)| expected).collect();
        run_examples(name, set, &parsed, (config, directory), needed, &mut report);
    }
    report
}

/// The members of `context` for which an agent may name a model.
const OPINION: &str = "opinion";
const PLANNED: &str = "planned";

/// Returns a fault for each agent that names a model for a member of `context` which this set of policies does not read.
fn ignored(member: &str, name: &str, config: &Config) -> impl Iterator<Item = Fault> {
    let key = if member == OPINION { "policy_check" } else { "plan" };
    let asks = move |safeguards: &Safeguards| {
        let model = if key == "plan" { &safeguards.planner } else { &safeguards.opinion };
        safeguards.policy == name && model.is_some()
    };
    config.agents.values().filter(move |agent| asks(&agent.safeguards)).map(move |agent| {
        let found = format!("no policy that reads context.{member}, though the agent {} has {key}", agent.name);
        let allowed = format!("a forbid on context.{member}, such as that of strict, or no {key}");
        Fault::at(format!("policies.{name}"), found, allowed)
    })
}

/// Returns each action of an agent that no policy of this set permits it, so that each call of it is denied.
fn unpermitted_actions(
    name: &str,
    config: &Config,
    is_admitted: impl Fn(&AgentName, &ActionDefinition) -> bool,
) -> Vec<Fault> {
    let mut faults = Vec::new();
    for agent in config.agents.values().filter(|agent| agent.safeguards.policy == name) {
        for action in agent.actions.values().filter(|action| !is_admitted(&agent.name, action)) {
            let (agent, action) = (&agent.name, action.name.as_str());
            let found = format!("no permit on {action}, which the agent {agent} may call");
            let allowed = format!("a permit on {action}, or an agent without it");
            faults.push(Fault::at(format!("policies.{name}"), found, allowed));
        }
    }
    faults
}

fn has_writes(config: &Config) -> bool {
    config.actions.values().any(|action| action.effect == ActionEffect::Write)
}

/// Runs the examples of a set, of which there must be one for each decision that it can make.
fn run_examples(
    name: &str,
    set: &PolicyConfig,
    parsed: &PolicySet,
    (config, directory): (&Config, &Path),
    needed: BTreeSet<Expectation>,
    report: &mut SetReport,
) {
    let path = format!("policies.{name}.tests");
    let Some(file) = &set.tests else {
        report.faults.push(Fault::at(path, "nothing", "the path of a file with examples, in YAML"));
        return;
    };
    let file = match OtherFile::read(directory, file) {
        Ok(file) => file,
        Err(fault) => return report.faults.push(unusable(path, fault, "a YAML file with examples")),
    };
    let examples = match read_examples(&file) {
        Ok(examples) => examples,
        Err(fault) => return report.faults.push(Fault { path, ..*fault }),
    };
    report.examples = examples.len();
    let agents: Vec<&str> = config.agents.keys().map(AgentName::as_str).collect();
    let mut missing = needed;
    for (example, marked) in &examples {
        missing.remove(&example.expect);
        if let Err(fault) = example.run(parsed, &config.actions, &agents) {
            let found = format!("the example \"{}\" {}", example.name, fault.found);
            report.faults.push(Fault {
                marked: Some(marked.clone()),
                other: Some(Arc::clone(&file)),
                ..Fault::at(path.as_str(), found, fault.allowed)
            });
        }
    }
    let missing: Vec<&str> = missing.into_iter().map(name_of).collect();
    if !missing.is_empty() {
        let found = format!("no example that expects {}", missing.join(", "));
        report.faults.push(Fault::at(path, found, "an example for each decision that the set can make"));
    }
}

/// Reads the examples of a file, each with its place.
fn read_examples(file: &Arc<OtherFile>) -> Result<Vec<(PolicyExample, std::ops::Range<usize>)>, Box<Fault>> {
    let here = |fault: Fault| Box::new(Fault { other: Some(Arc::clone(file)), ..fault });
    let document = yaml::read(&file.text).map_err(|fault| here(*fault))?;
    let Some(entries) = document.entries() else {
        return Err(here(Fault {
            marked: Some(0..0),
            ..Fault::at("", "something other than a list", "a list of examples")
        }));
    };
    let mut examples = Vec::with_capacity(entries.len());
    for entry in entries {
        let marked = entry.first_bytes();
        match serde_path_to_error::deserialize::<_, PolicyExample>(&entry.to_json()) {
            Ok(example) => examples.push((example, marked)),
            Err(error) => {
                let (at, text) = (error.path().to_string(), error.into_inner().to_string());
                let at = if at == "." { String::new() } else { format!("{at}: ") };
                let fault = Fault::at("", format!("an example that cannot be read: {at}{text}"), EXAMPLE);
                return Err(here(Fault { marked: Some(marked), ..fault }));
            }
        }
    }
    Ok(examples)
}

const EXAMPLE: &str = "name, principal: { user, tenant, groups }, agent, action, input, context, expect: allow, deny or ask, and policy_ids";

const fn name_of(expectation: Expectation) -> &'static str {
    match expectation {
        Expectation::Allow => "allow",
        Expectation::Ask => "ask",
        Expectation::Deny => "deny",
    }
}

fn unusable(path: String, fault: FileFault, what: &str) -> Fault {
    Fault::at(path, fault.found(), format!("the path of {what} within the directory of openclaw.yaml"))
}

impl OtherFile {
    fn read(directory: &Path, path: &str) -> Result<Arc<Self>, FileFault> {
        let text = read_named_file(directory, path)?;
        Ok(Arc::new(Self { path: directory.join(path).display().to_string(), text }))
    }
}
