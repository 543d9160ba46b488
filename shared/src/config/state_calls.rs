//! The states that call an action.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::agents::Agents;
use super::shown::quoted;
use super::state_file::StateSection;
use crate::agent::{CallSpec, Parameters, TemplatedValue};
use crate::domain::ToolName;

/// The keys that only a state that generates has.
const OF_GENERATE: [&str; 6] = ["llm", "max_tokens", "prompt", "system", "temperature", "tools"];

impl Agents<'_> {
    /// Resolves a state that calls an action, and checks its arguments as far as they are known.
    pub(super) fn call(&mut self, at: &str, action: &str, section: &StateSection) -> CallSpec {
        for key in section.given().into_iter().filter(|key| OF_GENERATE.contains(key)) {
            self.faults.add_key(
                format!("{at}.{key}"),
                format!("{key} in a state that calls an action"),
                "action, arguments, next, on_error",
            );
        }
        let name = ToolName::new(action);
        let definition = self.actions.get(&name).cloned();
        let parameters = definition.as_ref().map(|definition| &definition.parameters);
        if parameters.is_none() {
            self.faults.add(format!("{at}.action"), quoted(action), format!("generate, or {}", self.action_names()));
        }
        let mut arguments = BTreeMap::new();
        for (name, value) in section.arguments.iter().flatten() {
            let at = format!("{at}.arguments.{name}");
            match TemplatedValue::parse(value) {
                Ok(value) => {
                    if let Some(parameters) = parameters {
                        self.check_argument(&at, name, &value, parameters);
                    }
                    arguments.insert(name.clone(), value);
                }
                Err((path, fault)) => self.faults.add(format!("{at}{path}"), fault.to_string(), "a template"),
            }
        }
        let is_read = !self.faults.is_known(&format!("{at}.arguments"));
        let required = parameters.into_iter().flat_map(Parameters::required).filter(|_| is_read);
        let given = |name: &str| section.arguments.as_ref().is_some_and(|arguments| arguments.contains_key(name));
        for missing in required.filter(|name| !given(name)) {
            self.faults.add(format!("{at}.arguments.{missing}"), "nothing", "an argument that the action requires");
        }
        CallSpec { action: name, arguments }
    }

    /// Refuses an argument that the action's schema would refuse whatever a run reads.
    fn check_argument(&mut self, at: &str, name: &str, value: &TemplatedValue, parameters: &Parameters) {
        let Some(schema) = parameters.of(name) else {
            let known = parameters.names().collect::<Vec<_>>().join(", ");
            self.faults.add_key(at, "an argument that the action does not have", known);
            return;
        };
        if let Some(literal) = value.literal() {
            if let Err(fault) = parameters.check_one(name, &literal, self.rules.schemas()) {
                self.faults.add(at, "a value that the action's schema refuses", fault);
            }
            return;
        }
        let kind = schema.get("type").and_then(Value::as_str).unwrap_or_default();
        match value {
            // A run decides the type of one expression.
            TemplatedValue::Template(template) if !template.is_text() || kind == "string" => {}
            TemplatedValue::Map(members) if kind == "object" => self.check_members(at, members, schema),
            TemplatedValue::List(items) if kind == "array" => self.check_items(at, items, schema),
            TemplatedValue::Template(_) => {
                let allowed = format!("a value of type {kind}; one expression without text around it keeps its type");
                self.faults.add(at, "a template that yields text", allowed);
            }
            TemplatedValue::Literal(_) | TemplatedValue::List(_) | TemplatedValue::Map(_) => {
                self.faults.add(at, "a value of another type", format!("a value of type {kind}"));
            }
        }
    }

    fn check_members(&mut self, at: &str, members: &BTreeMap<String, TemplatedValue>, schema: &Value) {
        // The schema of an object is that of arguments, within an argument too.
        let Ok(inner) = Parameters::read(schema, self.rules.schemas()) else { return };
        for (name, member) in members {
            self.check_argument(&format!("{at}.{name}"), name, member, &inner);
        }
        for missing in inner.required().filter(|name| !members.contains_key(*name)) {
            self.faults.add(format!("{at}.{missing}"), "nothing", "an argument that the action requires");
        }
    }

    fn check_items(&mut self, at: &str, items: &[TemplatedValue], schema: &Value) {
        let limit = |key| schema.get(key).and_then(Value::as_u64).and_then(|limit| usize::try_from(limit).ok());
        let (least, most) = (limit("minItems").unwrap_or(0), limit("maxItems").unwrap_or(usize::MAX));
        if !(least..=most).contains(&items.len()) {
            let most = if most == usize::MAX { "or more".to_owned() } else { format!("to {most}") };
            self.faults.add(at, format!("a list of {}", items.len()), format!("a list of {least} {most}"));
        }
        let item = json!({ "type": "object", "properties": { "item": schema.get("items") } });
        let Ok(inner) = Parameters::read(&item, self.rules.schemas()) else { return };
        for (index, value) in items.iter().enumerate() {
            self.check_argument(&format!("{at}[{index}]"), "item", value, &inner);
        }
    }
}
