//! The parts of a generation, and the message that they form.

use super::LlmError;
use crate::domain::{Content, FinishReason, Generation, Message, ModelRef, Role, ToolCall, Usage};

/// The most tool calls of one reply.
const MAX_CALLS: usize = 1_024;

/// The text and the tool calls of one generation.
#[derive(Default, derive_more::Debug)]
pub(super) struct GenerationParts {
    #[debug("[{} bytes]", text.len())]
    pub(super) text: String,
    pub(super) calls: Vec<ToolCall>,
}

impl GenerationParts {
    /// Builds the generation. Its message holds the text before the calls.
    ///
    /// # Errors
    /// [`LlmError::Unusable`] for more calls than any model writes.
    pub(super) fn into_generation(
        self,
        finish: FinishReason,
        usage: Usage,
        served_by: ModelRef,
    ) -> Result<Generation, LlmError> {
        let unusable = |reason| Err(LlmError::Unusable { reason, usage });
        if self.calls.len() > MAX_CALLS {
            return unusable("the reply has more than 1,024 tool calls");
        }
        let finish = finish_with_calls(finish, !self.calls.is_empty());
        let text = (!self.text.is_empty()).then_some(Content::Text(self.text));
        // A model may write anything as a name, and the call goes back to the provider with its result.
        let calls = self.calls.into_iter().map(|call| ToolCall { name: call.name.or_unknown(), ..call });
        let content = text.into_iter().chain(calls.map(Content::ToolCall)).collect();
        let message = Message::new(Role::Assistant, content);
        Ok(Generation { message, finish, usage, served_by })
    }
}

/// Returns the finish reason of a generation with or without calls. Some servers report "stop" although the model
/// proposes tool calls.
pub(super) const fn finish_with_calls(finish: FinishReason, has_calls: bool) -> FinishReason {
    match finish {
        FinishReason::EndTurn if has_calls => FinishReason::ToolCalls,
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::domain::{ModelId, Provider, ToolCallId, ToolName};

    fn of(calls: usize, name: &str) -> Result<Generation, LlmError> {
        let call = |number| ToolCall {
            id: ToolCallId::new(format!("call_{number}")),
            name: ToolName::new(name),
            arguments: json!({}),
        };
        let parts = GenerationParts { text: String::new(), calls: (0..calls).map(call).collect() };
        let served_by = ModelRef { provider: Provider::OpenAi, model: ModelId::new("m") };
        parts.into_generation(FinishReason::EndTurn, Usage::default(), served_by)
    }

    #[test]
    fn a_reply_with_more_calls_than_any_model_writes_is_malformed() {
        assert_eq!(of(1_024, "look").unwrap().message.tool_calls().count(), 1_024);
        assert!(matches!(of(1_025, "look"), Err(LlmError::Unusable { .. })));
    }
}
