//! An answer in pieces, and its fold into a whole.

use std::pin::Pin;

use futures_util::{Stream, StreamExt};

use super::LlmError;
use super::assembly::TRUNCATED;
use crate::domain::{Content, FinishReason, Generation, Message, ModelRef, RetryStats, Role, ToolCall, Usage};

/// A piece of an answer. A whole stream is text and tool calls in any number, usage at any place (the last one counts),
/// and exactly one [`StreamEvent::Finished`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StreamEvent {
    /// More text.
    TextDelta(String),
    /// A complete tool call.
    ToolCall(ToolCall),
    /// What was used so far.
    Usage(Usage),
    /// The end and its reason.
    Finished(FinishReason),
}

/// An answer as it comes.
pub type GenerationStream = Pin<Box<dyn Stream<Item = Result<StreamEvent, LlmError>> + Send>>;

/// What has come of an answer so far.
#[derive(Debug, Default)]
pub struct PartialGeneration {
    text: String,
    calls: Vec<ToolCall>,
    usage: Usage,
    finish: Option<FinishReason>,
}

impl PartialGeneration {
    /// Adds a piece.
    pub fn take(&mut self, event: &StreamEvent) {
        match event {
            StreamEvent::TextDelta(delta) => self.text.push_str(delta),
            StreamEvent::ToolCall(call) => self.calls.push(call.clone()),
            StreamEvent::Usage(now) => self.usage = *now,
            StreamEvent::Finished(reason) => self.finish = Some(*reason),
        }
    }

    /// Tokens, as far as they are reported.
    #[must_use]
    pub const fn usage(&self) -> Usage {
        self.usage
    }

    /// The whole answer.
    ///
    /// # Errors
    /// [`LlmError::Unreachable`] without [`StreamEvent::Finished`]: a cut stream is never a short answer.
    pub fn into_generation(self, served_by: ModelRef, retry_stats: RetryStats) -> Result<Generation, LlmError> {
        let finish = self.finish.ok_or(TRUNCATED)?;
        let text = (!self.text.is_empty()).then_some(Content::Text(self.text));
        let content = text.into_iter().chain(self.calls.into_iter().map(Content::ToolCall)).collect();
        let message = Message { role: Role::Assistant, content };
        Ok(Generation { message, finish, usage: self.usage, served_by, retry_stats })
    }
}

/// Puts the pieces together.
///
/// # Errors
/// The stream's first error, or that of [`PartialGeneration::into_generation`].
pub async fn fold(mut stream: GenerationStream, served_by: ModelRef) -> Result<Generation, LlmError> {
    let mut partial = PartialGeneration::default();
    while let Some(event) = stream.next().await {
        partial.take(&event?);
    }
    partial.into_generation(served_by, RetryStats::default())
}
