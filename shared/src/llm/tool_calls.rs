//! Arguments and ids of tool calls, as all providers' conversions need them.

use serde_json::{Map, Value};

use crate::domain::{Message, Prompt, ToolCallId};

/// Parses the arguments that a model wrote. Empty text becomes `{}`, and text that is not JSON a JSON string.
pub(super) fn parse_arguments(text: &str) -> Value {
    if text.trim().is_empty() {
        return Value::Object(Map::new());
    }
    // A model's mistake is not the provider's error; policy and tools refuse arguments that are not an object.
    serde_json::from_str(text).unwrap_or_else(|_| Value::String(text.to_owned()))
}

/// Returns the arguments as an object, the only form that providers accept in a request. Other values become its
/// member `invalid_arguments`.
pub(super) fn arguments_object(arguments: &Value) -> Value {
    match arguments {
        Value::Object(_) => arguments.clone(),
        other => Value::Object(Map::from_iter([("invalid_arguments".to_owned(), other.clone())])),
    }
}

/// A source of ids for calls to which the provider gives none: `call_0`, `call_1` and so on. It continues the numbers
/// of the conversation, so ids are unique within a run, and the same conversation yields the same ids.
#[derive(Debug, Clone)]
pub(super) struct CallIds(u64);

impl CallIds {
    /// Returns the ids that follow those of the prompt's calls.
    pub(super) fn after(prompt: &Prompt) -> Self {
        // Ids of a provider that look like generated ones count too, so that none is used twice.
        let numbers =
            prompt.messages.iter().flat_map(Message::tool_calls).filter_map(|call| {
                call.id.as_str().strip_prefix("call_").and_then(|number| number.parse::<u64>().ok())
            });
        Self(numbers.max().map_or(0, |last| last.saturating_add(1)))
    }

    /// Returns the provider's id, or the next generated one if the provider gave none.
    pub(super) fn or_next(&mut self, given: Option<String>) -> ToolCallId {
        // An id that is empty identifies nothing.
        if let Some(id) = given.filter(|id| !id.is_empty()) {
            return ToolCallId::new(id);
        }
        let id = ToolCallId::new(format!("call_{}", self.0));
        self.0 = self.0.saturating_add(1);
        id
    }
}

#[cfg(test)]
#[path = "tool_calls_tests.rs"]
mod tests;
