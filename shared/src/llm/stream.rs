//! An answer in pieces, and its fold into a whole.

use std::pin::Pin;

use futures_util::{Stream, StreamExt};

use super::LlmError;
use crate::domain::{Content, Effort, FinishReason, Generation, Message, ModelRef, Role, ToolCall, Usage};

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

/// Puts the pieces together.
///
/// # Errors
/// The stream's first error, or [`LlmError::Unreachable`] when it ends without [`StreamEvent::Finished`]: a cut stream
/// is never a short answer.
pub async fn fold(mut stream: GenerationStream, served_by: ModelRef) -> Result<Generation, LlmError> {
    let mut text = String::new();
    let mut calls = Vec::new();
    let mut usage = Usage::default();
    let mut finish = None;
    while let Some(event) = stream.next().await {
        match event? {
            StreamEvent::TextDelta(delta) => text.push_str(&delta),
            StreamEvent::ToolCall(call) => calls.push(Content::ToolCall(call)),
            StreamEvent::Usage(now) => usage = now,
            StreamEvent::Finished(reason) => finish = Some(reason),
        }
    }
    let finish = finish.ok_or(LlmError::Unreachable("the stream ended before the answer did"))?;
    let mut content = Vec::with_capacity(calls.len() + 1);
    if !text.is_empty() {
        content.push(Content::Text(text));
    }
    content.append(&mut calls);
    let message = Message { role: Role::Assistant, content };
    Ok(Generation { message, finish, usage, served_by, effort: Effort::default() })
}
