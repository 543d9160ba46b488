//! The states that call an action.

use std::collections::BTreeMap;

use super::agents::Agents;
use super::shown::quoted;
use super::state_file::StateSection;
use crate::agent::{CallSpec, Parameters, TemplatedValue};
use crate::domain::ToolName;

/// The keys that only a state that generates has.
const OF_GENERATE: [&str; 6] = ["llm", "max_tokens", "prompt", "system", "temperature", "tools"];

impl Agents<'_> {
    /// Resolves a state that calls an action, and checks its arguments as far as they are known.
    pub(super) fn call(&mut self, at: &str, action: &str, section: &StateSection) -> Option<CallSpec> {
        for key in section.given().into_iter().filter(|key| OF_GENERATE.contains(key)) {
            self.faults.add_key(
                format!("{at}.{key}"),
                format!("{key} in a state that calls an action"),
                "action, arguments, next, on_error",
            );
        }
        let name = ToolName::new(action);
        let Some(definition) = self.actions.get(&name).cloned() else {
            self.faults.add(format!("{at}.action"), quoted(action), format!("generate, or {}", self.action_names()));
            return None;
        };
        let mut arguments = BTreeMap::new();
        for (name, value) in section.arguments.iter().flatten() {
            let at = format!("{at}.arguments.{name}");
            match TemplatedValue::parse(value) {
                Ok(value) => {
                    self.check_argument(&at, name, &value, &definition.parameters);
                    arguments.insert(name.clone(), value);
                }
                Err((path, fault)) => self.faults.add(format!("{at}{path}"), fault.to_string(), "a template"),
            }
        }
        for missing in definition.parameters.required().filter(|name| !arguments.contains_key(*name)) {
            let known = section.arguments.as_ref().is_some_and(|arguments| arguments.contains_key(missing));
            if !known {
                self.faults.add(format!("{at}.arguments.{missing}"), "nothing", "an argument that the action requires");
            }
        }
        Some(CallSpec { action: name, arguments })
    }

    /// Refuses an argument that the action's schema would refuse whatever a run reads.
    fn check_argument(&mut self, at: &str, name: &str, value: &TemplatedValue, parameters: &Parameters) {
        let known = || parameters.names().collect::<Vec<_>>().join(", ");
        if parameters.of(name).is_none() {
            self.faults.add_key(at, "an argument that the action does not have", known());
        } else if let Some(literal) = value.literal()
            && let Err(fault) = parameters.check_one(name, &literal, self.rules.schemas())
        {
            self.faults.add(at, "a value that the action's schema refuses", fault);
        }
    }
}
