//! Small rules about the parts of an answer.

use serde_json::{Map, Value};

use crate::domain::{Content, Effort, FinishReason, Generation, Message, ModelRef, Role, ToolCall, Usage};
use crate::llm::LlmError;

/// What a stream is that ends without its end.
pub(super) const CUT: LlmError = LlmError::Unreachable("the stream ended before the answer did");

/// The parts of an answer that came whole.
#[derive(Debug, Default)]
pub(super) struct Answer {
    pub(super) text: String,
    pub(super) calls: Vec<ToolCall>,
}

impl Answer {
    /// The generation, with text before calls, as `fold` has it.
    pub(super) fn into_generation(self, finish: FinishReason, usage: Usage, served_by: ModelRef) -> Generation {
        let finish = with_calls(finish, !self.calls.is_empty());
        let text = (!self.text.is_empty()).then_some(Content::Text(self.text));
        let content = text.into_iter().chain(self.calls.into_iter().map(Content::ToolCall)).collect();
        let message = Message { role: Role::Assistant, content };
        Generation { message, finish, usage, served_by, effort: Effort::default() }
    }
}

/// An answer with calls that says it is at its end waits for them nevertheless.
pub(super) const fn with_calls(finish: FinishReason, has_calls: bool) -> FinishReason {
    match finish {
        FinishReason::EndTurn if has_calls => FinishReason::ToolCalls,
        other => other,
    }
}

/// Arguments from the text that a model wrote. No text is no arguments; text that is no JSON is kept as a JSON string,
/// since a model that errs is no error of the provider: policy and tools refuse arguments that are no object.
pub(super) fn arguments(text: &str) -> Value {
    if text.trim().is_empty() {
        return Value::Object(Map::new());
    }
    serde_json::from_str(text).unwrap_or_else(|_| Value::String(text.to_owned()))
}

/// Arguments as an object, which is all that Bedrock takes back: others become the member `invalid_arguments`.
pub(super) fn arguments_object(arguments: &Value) -> Value {
    match arguments {
        Value::Object(_) => arguments.clone(),
        other => Value::Object(Map::from_iter([("invalid_arguments".to_owned(), other.clone())])),
    }
}
