//! A generation as a stream of events, and the fold into a whole one.

use std::pin::Pin;

use futures_util::{Stream, StreamExt};

use super::LlmError;
use super::error::TRUNCATED;
use super::generation_parts::GenerationParts;
use crate::domain::{FinishReason, Generation, ModelRef, ToolCall, Usage};

/// One event of a generation. A complete stream holds text and tool calls in any number, usage at any place (the last
/// report counts), and exactly one [`StreamEvent::Finished`].
#[derive(Clone, PartialEq, Eq, derive_more::Debug)]
pub enum StreamEvent {
    /// More text.
    TextDelta(#[debug("[{} bytes]", _0.len())] String),
    /// A complete tool call.
    ToolCall(ToolCall),
    /// The tokens used so far.
    Usage(Usage),
    /// The end and its reason.
    Finished(FinishReason),
}

/// The events of a generation as they arrive.
pub type GenerationStream = Pin<Box<dyn Stream<Item = Result<StreamEvent, LlmError>> + Send>>;

/// The part of a generation that has arrived.
#[derive(Debug, Default)]
pub struct PartialGeneration {
    parts: GenerationParts,
    usage: Usage,
    finish: Option<FinishReason>,
}

impl PartialGeneration {
    /// Adds an event.
    pub fn push(&mut self, event: &StreamEvent) {
        match event {
            StreamEvent::TextDelta(delta) => self.parts.text.push_str(delta),
            StreamEvent::ToolCall(call) => self.parts.calls.push(call.clone()),
            // Each report holds the total so far.
            StreamEvent::Usage(now) => self.usage = *now,
            StreamEvent::Finished(reason) => self.finish = Some(*reason),
        }
    }

    /// Returns the whole generation.
    ///
    /// # Errors
    /// [`LlmError::BrokenOff`] without [`StreamEvent::Finished`]: a truncated stream is never a short generation.
    /// [`LlmError::Unusable`] for more tool calls than any model writes.
    pub fn into_generation(self, served_by: ModelRef) -> Result<Generation, LlmError> {
        let finish = self.finish.ok_or(TRUNCATED)?;
        self.parts.into_generation(finish, self.usage, served_by)
    }
}

/// Collects a stream into the whole generation.
///
/// # Errors
/// The stream's first error, or that of [`PartialGeneration::into_generation`].
pub async fn fold(mut stream: GenerationStream, served_by: ModelRef) -> Result<Generation, LlmError> {
    let mut partial = PartialGeneration::default();
    while let Some(event) = stream.next().await {
        partial.push(&event?);
    }
    partial.into_generation(served_by)
}
