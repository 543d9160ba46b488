//! The parts of a generation, and the message that they form.

use crate::domain::{Content, FinishReason, Generation, Message, ModelRef, RetryStats, Role, ToolCall, Usage};

/// The text and the tool calls of one generation.
#[derive(Default, derive_more::Debug)]
pub(super) struct GenerationParts {
    #[debug("[{} bytes]", text.len())]
    pub(super) text: String,
    pub(super) calls: Vec<ToolCall>,
}

impl GenerationParts {
    /// Builds the generation of one call without retries. Its message holds the text before the calls.
    pub(super) fn into_generation(self, finish: FinishReason, usage: Usage, served_by: ModelRef) -> Generation {
        let finish = finish_with_calls(finish, !self.calls.is_empty());
        let text = (!self.text.is_empty()).then_some(Content::Text(self.text));
        let content = text.into_iter().chain(self.calls.into_iter().map(Content::ToolCall)).collect();
        let message = Message { role: Role::Assistant, content };
        Generation { message, finish, usage, served_by, retry_stats: RetryStats::default() }
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
