//! From frames to events, and from an answer's parts to an answer: what the providers' conversions share.

use std::collections::VecDeque;

use futures_util::stream::{StreamExt, try_unfold};
use serde_json::{Map, Value};

use super::frames::FrameStream;
use super::{GenerationStream, LlmError, StreamEvent};
use crate::domain::{
    Content, FinishReason, Generation, Message, ModelRef, Prompt, RetryStats, Role, ToolCall, ToolCallId, Usage,
};

/// What a stream is that ends without its end.
pub(super) const TRUNCATED: LlmError = LlmError::Unreachable("the stream ended before the answer did");

/// A provider's reading of its own frames.
pub(super) trait Assemble: Send + 'static {
    /// Takes one frame and appends what it says.
    fn take(&mut self, frame: &str, events: &mut VecDeque<StreamEvent>) -> Result<(), LlmError>;

    /// The stream has ended without [`StreamEvent::Finished`]. Most protocols say their end, so this is a cut.
    fn end(&mut self, _events: &mut VecDeque<StreamEvent>) -> Result<(), LlmError> {
        Err(TRUNCATED)
    }
}

struct Assembly<A> {
    frames: FrameStream,
    machine: A,
    events: VecDeque<StreamEvent>,
    finished: bool,
}

/// Runs frames through a provider's reading, up to the answer's end.
pub(super) fn assemble(frames: FrameStream, machine: impl Assemble) -> GenerationStream {
    let assembly = Assembly { frames, machine, events: VecDeque::new(), finished: false };
    try_unfold(assembly, |mut assembly| async move { Ok(assembly.next().await?.map(|event| (event, assembly))) })
        .boxed()
}

impl<A: Assemble> Assembly<A> {
    async fn next(&mut self) -> Result<Option<StreamEvent>, LlmError> {
        while self.events.is_empty() && !self.finished {
            if let Some(frame) = self.frames.next().await.transpose()? {
                self.machine.take(&frame, &mut self.events)?;
            } else {
                self.machine.end(&mut self.events)?;
                self.finished = true;
            }
        }
        let event = self.events.pop_front();
        self.finished |= matches!(event, Some(StreamEvent::Finished(_)));
        Ok(event)
    }
}

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
        Generation { message, finish, usage, served_by, retry_stats: RetryStats::default() }
    }
}

/// Some servers say "stop" even where the model asks for tools.
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

/// Arguments as an object, which is all that providers take back: others become the member `invalid_arguments`.
pub(super) fn arguments_object(arguments: &Value) -> Value {
    match arguments {
        Value::Object(_) => arguments.clone(),
        other => Value::Object(Map::from_iter([("invalid_arguments".to_owned(), other.clone())])),
    }
}

/// Ids for calls that a provider leaves without: `call_0`, `call_1` … counted on from the conversation so far, so that
/// no two calls of a run share one, and the same conversation gives the same ids.
#[derive(Debug, Clone)]
pub(super) struct CallIds(u64);

impl CallIds {
    pub(super) fn after(prompt: &Prompt) -> Self {
        let numbers =
            prompt.messages.iter().flat_map(Message::tool_calls).filter_map(|call| {
                call.id.as_str().strip_prefix("call_").and_then(|number| number.parse::<u64>().ok())
            });
        Self(numbers.max().map_or(0, |last| last.saturating_add(1)))
    }

    /// The provider's id, or the next of ours.
    pub(super) fn or_next(&mut self, given: Option<String>) -> ToolCallId {
        if let Some(id) = given.filter(|id| !id.is_empty()) {
            return ToolCallId::new(id);
        }
        let id = ToolCallId::new(format!("call_{}", self.0));
        self.0 = self.0.saturating_add(1);
        id
    }
}

#[cfg(test)]
#[path = "assembly_tests.rs"]
mod tests;
