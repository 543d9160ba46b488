//! The definition of an action.

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::{Map, Value};

use super::Parameters;
use crate::agent::{ModelChoice, Template};
use crate::domain::{ToolName, ToolSpec, Trust};

/// What an action does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ActionEffect {
    /// It changes nothing.
    Read,
    /// It changes something, or sends something out.
    Write,
}

impl ActionEffect {
    /// Returns the name, which is also that of the group of actions in policies.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Write => "write",
        }
    }
}

/// An action, as it is configured.
#[derive(Clone, PartialEq, derive_more::Debug)]
pub struct ActionDefinition {
    /// The name.
    pub name: ToolName,
    /// What the action does, as the model reads it.
    pub description: String,
    /// Its arguments.
    pub parameters: Parameters,
    /// What it does, as policy judges it.
    pub effect: ActionEffect,
    /// Whether strangers may have written what comes back.
    pub output: Trust,
    /// The data classes that its output carries.
    pub data: BTreeSet<String>,
    /// The data classes that it may be sent.
    pub accepts: BTreeSet<String>,
    /// The limit of a call, all attempts included.
    pub timeout: Duration,
    /// The longest output, in bytes; what is longer is cut.
    pub max_output_bytes: usize,
    /// The kind, such as `http`.
    pub kind: &'static str,
    /// The model that it calls, if its kind calls one.
    pub model: Option<ModelChoice>,
    /// The keys of the kind, as they are written.
    #[debug("[{} keys]", settings.len())]
    pub settings: Map<String, Value>,
}

impl ActionDefinition {
    /// Returns whether templates of the action read what the caller sent, and not only the arguments of the call.
    #[must_use]
    pub fn reads_input(&self) -> bool {
        self.settings.values().any(reads_input)
    }

    /// Returns the action as it is offered to a model.
    #[must_use]
    pub fn tool_spec(&self) -> ToolSpec {
        ToolSpec {
            name: self.name.clone(),
            description: self.description.clone(),
            input_schema: self.parameters.schema().clone(),
        }
    }
}

fn reads_input(setting: &Value) -> bool {
    match setting {
        Value::String(text) => Template::text(text)
            .is_ok_and(|template| template.names().iter().any(|name| name.split('.').next() == Some("input"))),
        Value::Array(items) => items.iter().any(reads_input),
        Value::Object(members) => members.values().any(reads_input),
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}
