//! Tool calls after policy has judged them: settled, waiting for a person, or approved.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{ToolCall, ToolCallId, Trust, Usage};

/// A tool call and its outcome.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settled {
    /// The call.
    pub call: ToolCall,
    /// The outcome.
    pub outcome: SettledOutcome,
}

/// The outcome of a judged call.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, derive_more::Debug)]
#[serde(rename_all = "snake_case")]
pub enum SettledOutcome {
    /// The call ran.
    Succeeded(ActionOutput),
    /// The call ran and failed, or could not run.
    Failed {
        /// The text for the model.
        #[debug("[{} bytes]", text.len())]
        text: String,
        /// Whether a part of the text comes from outside.
        is_from_outside: bool,
        /// Whether the call may have reached its target.
        has_run: bool,
    },
    /// Policy denied the call, or the gateway's own rules did.
    Denied {
        /// The text for the model.
        #[debug("[{} bytes]", text.len())]
        text: String,
        /// The policies that denied it.
        policy_ids: BTreeSet<String>,
        /// Whether a person could allow it.
        needs_approval: bool,
    },
}

/// What an action has answered.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, derive_more::Debug)]
pub struct ActionOutput {
    /// The output: a text, or JSON.
    #[debug("[hidden]")]
    pub value: Value,
    /// Whether strangers may have written it.
    pub trust: Trust,
    /// The data classes that it carries.
    pub data: BTreeSet<String>,
    /// The tokens of the action's own call of a model, if it made one.
    #[serde(default)]
    pub usage: Option<Usage>,
}

impl ActionOutput {
    /// Returns the output as a model reads it: a text as it is, anything else as JSON.
    #[must_use]
    pub fn text(&self) -> String {
        match &self.value {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        }
    }
}

/// A call that waits for a person's decision.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ask {
    /// The call with its arguments; an approval is valid for this very call.
    pub call: ToolCall,
}

/// A person's approval of one call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Approval {
    /// The call that may run.
    pub call: ToolCallId,
}
