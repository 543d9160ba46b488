//! The actions resolved: names, arguments, defaults, and the keys of their kinds.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Map, Value};

use super::action_file::{ActionSection, EffectName, OutputName};
use super::action_kind::{ActionKind, ActionSettings};
use super::agents::Agents;
use super::bounded::bounded;
use super::check::Check;
use super::faults::Faults;
use super::llm_file::LlmSection;
use super::shown::{may_hold_secret, quoted};
use super::state_file::StateLlmSection;
use crate::agent::{ActionDefinition, ActionEffect, ModelChoice, Parameters};
use crate::domain::{ToolName, Trust};

/// Names that policies, graphs or steps use for something else.
const RESERVED: [&str; 10] = [
    "read",
    "write",
    "call_action",
    "invoke_agent",
    "approve_call",
    "manage_grants",
    "generate",
    "unknown",
    "plan",
    "opinion",
];

/// The actions by name.
pub(super) type Actions = BTreeMap<ToolName, Arc<ActionDefinition>>;

/// Resolves the actions.
pub(super) fn resolve(resolver: &mut Agents<'_>, check: &Check<'_>) -> Actions {
    let mut actions = Actions::new();
    let sections = &resolver.file.actions;
    for (index, section) in sections.iter().enumerate() {
        let at = format!("actions[{index}]");
        if resolver.faults.is_known(&at) || is_foreign(&at, section, resolver.faults) {
            continue;
        }
        let Some(mut action) = resolve_action(&at, section, check, resolver.faults) else { continue };
        action.model = resolver.action_model(&at, section, check);
        let name = action.name.clone();
        if actions.insert(name.clone(), Arc::new(action)).is_some() {
            resolver.faults.add(
                format!("{at}.name"),
                format!("\"{name}\" a second time"),
                "a name of its own for each action",
            );
        }
    }
    actions
}

impl Agents<'_> {
    /// Resolves the model that an action calls, if its kind calls one.
    fn action_model(&mut self, at: &str, section: &ActionSection, check: &Check<'_>) -> Option<ModelChoice> {
        let kinds = check.rules.action_kinds();
        kinds.iter().find(|kind| Some(kind.name()) == section.kind.as_deref() && kind.calls_model())?;
        let written = section.settings.get("llm").cloned().unwrap_or_else(|| Value::Object(Map::new()));
        let llm: Result<StateLlmSection, _> = serde_path_to_error::deserialize(&written);
        match llm {
            Ok(llm) => {
                Some(self.model_choice(&format!("{at}.llm"), &llm.within(&LlmSection::default(), self.llm.provider)))
            }
            Err(error) => {
                let place = error.path().to_string();
                let place = if place == "." { String::new() } else { format!(".{place}") };
                self.faults.add(
                    format!("{at}.llm{place}"),
                    "a value or a key that is not allowed here",
                    "provider, model, context_tokens, fallbacks, guardrail",
                );
                None
            }
        }
    }
}

/// Refuses an action that is a Python class, with the form that takes its place.
fn is_foreign(at: &str, section: &ActionSection, faults: &mut Faults) -> bool {
    let Some(key) = ["module", "class"].into_iter().find(|key| section.settings.contains_key(*key)) else {
        return false;
    };
    let args = section.settings.get("args").map(Value::to_string).filter(|args| !may_hold_secret(args));
    let args = args.map_or_else(String::new, |args| format!(", args: {args}"));
    let allowed = format!(
        "no Python class: put its code into a Lambda function and name that, as in {{ name: {}, description: …, type: lambda, \
         function: <the function's name>{args} }}",
        section.name.as_deref().filter(|name| is_action_name(name)).unwrap_or("<name>"),
    );
    faults.add_key(format!("{at}.{key}"), "an action that is a Python class", allowed);
    true
}

fn resolve_action(
    at: &str,
    section: &ActionSection,
    check: &Check<'_>,
    faults: &mut Faults,
) -> Option<ActionDefinition> {
    let name = name(at, section, faults);
    let description = section.description.as_deref().map(str::trim).filter(|text| !text.is_empty());
    if description.is_none() {
        faults.add(format!("{at}.description"), "nothing", "what the action does, as the model reads it");
    }
    let parameters = parameters(at, section, check, faults);
    let (timeout_at, bytes_at) = (format!("{at}.timeout_ms"), format!("{at}.max_output_bytes"));
    let timeout_ms = bounded(section.timeout_ms, 10_000, 1..=60_000, &timeout_at, faults);
    let bytes = bounded(section.max_output_bytes, 65_536, 1..=1_048_576, &bytes_at, faults);
    for (key, classes) in [("data", &section.data), ("accepts", &section.accepts)] {
        check_classes(&format!("{at}.{key}"), classes, faults);
    }
    let kind = kind(at, section, check, faults)?;
    let effect = match section.effect {
        Some(EffectName::Read) => ActionEffect::Read,
        Some(EffectName::Write) => ActionEffect::Write,
        None => kind.default_effect(&section.settings),
    };
    let output = match section.output {
        Some(OutputName::Trusted) => Trust::Trusted,
        Some(OutputName::Untrusted) | None => Trust::Untrusted,
    };
    let settings = ActionSettings {
        settings: &section.settings,
        parameters: &parameters,
        effect,
        output,
        stage: check.stage,
        is_local: check.environment.is_local(),
    };
    for fault in kind.check(&settings) {
        faults.add(format!("{at}.{}", fault.path), fault.found, fault.allowed);
    }
    Some(ActionDefinition {
        name: name?,
        description: description?.to_owned(),
        parameters,
        effect,
        output,
        data: section.data.clone(),
        accepts: section.accepts.clone(),
        timeout: Duration::from_millis(timeout_ms.into()),
        max_output_bytes: usize::try_from(bytes).unwrap_or(65_536),
        kind: kind.name(),
        model: None,
        settings: section.settings.clone(),
    })
}

fn name(at: &str, section: &ActionSection, faults: &mut Faults) -> Option<ToolName> {
    let at = format!("{at}.name");
    let Some(name) = section.name.as_deref() else {
        faults.add(at, "nothing", "a name of 1 to 64 of a-z, 0-9 and _");
        return None;
    };
    if !is_action_name(name) {
        faults.add(at, quoted(name), "a name of 1 to 64 of a-z, 0-9 and _");
        return None;
    }
    if RESERVED.contains(&name) {
        faults.add(at, quoted(name), format!("another name than {}", RESERVED.join(", ")));
        return None;
    }
    Some(ToolName::new(name))
}

fn is_action_name(name: &str) -> bool {
    let is_part = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    (1..=64).contains(&name.len()) && name.bytes().all(is_part)
}

fn parameters(at: &str, section: &ActionSection, check: &Check<'_>, faults: &mut Faults) -> Parameters {
    let Some(schema) = &section.parameters else { return Parameters::none() };
    Parameters::read(schema, check.rules.schemas()).unwrap_or_else(|found| {
        for fault in found {
            let path = fault.steps.iter().fold(format!("{at}.parameters"), |path, step| format!("{path}.{step}"));
            faults.add(path, fault.found, fault.allowed);
        }
        // The configuration is refused, but its other faults are found as well, and none because of this one.
        let properties = schema.get("properties").and_then(Value::as_object);
        Parameters::of_any_value(properties.into_iter().flat_map(|properties| properties.keys().map(String::as_str)))
    })
}

fn check_classes(at: &str, classes: &BTreeSet<String>, faults: &mut Faults) {
    for class in classes.iter().filter(|class| !is_class_name(class)) {
        faults.add(at, quoted(class), "data classes: names of 1 to 64 of a-z, A-Z, 0-9, _ and -");
    }
}

fn is_class_name(name: &str) -> bool {
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    (1..=64).contains(&name.len()) && name.bytes().all(is_part)
}

/// Finds the kind, and refuses keys that it does not have.
fn kind<'a>(at: &str, section: &ActionSection, check: &Check<'a>, faults: &mut Faults) -> Option<&'a dyn ActionKind> {
    let kinds = check.rules.action_kinds();
    let names = || kinds.iter().map(|kind| kind.name()).collect::<Vec<_>>().join(", ");
    let Some(written) = section.kind.as_deref() else {
        faults.add(format!("{at}.type"), "nothing", names());
        return None;
    };
    let Some(kind) = kinds.iter().copied().find(|kind| kind.name() == written) else {
        faults.add(format!("{at}.type"), quoted(written), names());
        return None;
    };
    for key in section.settings.keys().filter(|key| !kind.keys().contains(&key.as_str())) {
        let allowed = format!(
            "in an action of type {written}: name, description, type, parameters, effect, output, data, accepts, timeout_ms, \
             max_output_bytes, {}",
            kind.keys().join(", ")
        );
        faults.add_key(format!("{at}.{key}"), "a key that the type does not have", allowed);
    }
    Some(kind)
}
