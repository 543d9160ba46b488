//! Decodes Anthropic's frames into stream events.

use std::collections::{BTreeMap, VecDeque};

use serde_json::Value;

use super::convert::finish;
use super::wire::{BlockDelta, Frame, OutputBlock, Usage};
use crate::domain::{FinishReason, ToolCall, ToolCallId, ToolName};
use crate::llm::decode::FrameDecoder;
use crate::llm::generation_parts::finish_with_calls;
use crate::llm::tool_calls::parse_arguments;
use crate::llm::{LlmError, StreamEvent, frames};

/// A decoder of one generation and the part of it that has arrived.
#[derive(Default)]
pub(super) struct StreamDecoder {
    usage: Usage,
    open: BTreeMap<u32, OpenCall>,
    has_calls: bool,
    finish: Option<FinishReason>,
}

struct OpenCall {
    id: String,
    name: String,
    /// The input in the start of the block; counts if no delta follows.
    input: Value,
    json: String,
}

impl OpenCall {
    fn close(self) -> StreamEvent {
        let arguments = match self.input {
            // The start of a block holds an empty object as a placeholder; deltas, if there are any, replace it.
            Value::Object(input) if self.json.is_empty() && !input.is_empty() => Value::Object(input),
            _ => parse_arguments(&self.json),
        };
        StreamEvent::ToolCall(ToolCall { id: ToolCallId::new(self.id), name: ToolName::new(self.name), arguments })
    }
}

impl FrameDecoder for StreamDecoder {
    fn decode(&mut self, frame: &str, events: &mut VecDeque<StreamEvent>) -> Result<(), LlmError> {
        match frames::parse(frame)? {
            Frame::MessageStart { message } => self.count(message.usage, events),
            Frame::ContentBlockStart { index, content_block } => self.begin(index, content_block, events),
            Frame::ContentBlockDelta { index, delta } => self.add(index, delta, events),
            Frame::ContentBlockStop { index } => events.extend(self.open.remove(&index).map(OpenCall::close)),
            Frame::MessageDelta { delta, usage } => {
                // A later delta may carry token counts alone.
                self.finish = delta.stop_reason.map(finish).or(self.finish);
                self.count(usage, events);
            }
            Frame::MessageStop => self.stop(events)?,
            Frame::Error { error } => return Err(error.into_error()),
            Frame::Unknown => {}
        }
        Ok(())
    }
}

impl StreamDecoder {
    fn count(&mut self, usage: Usage, events: &mut VecDeque<StreamEvent>) {
        self.usage = self.usage.updated(usage);
        events.push_back(StreamEvent::Usage(self.usage.into()));
    }

    fn begin(&mut self, index: u32, block: OutputBlock, events: &mut VecDeque<StreamEvent>) {
        match block {
            OutputBlock::Text { text } if text.is_empty() => {}
            OutputBlock::Text { text } => events.push_back(StreamEvent::TextDelta(text)),
            OutputBlock::ToolUse { id, name, input } => {
                self.has_calls = true;
                self.open.insert(index, OpenCall { id, name, input, json: String::new() });
            }
            OutputBlock::Unknown => {}
        }
    }

    fn add(&mut self, index: u32, delta: BlockDelta, events: &mut VecDeque<StreamEvent>) {
        match delta {
            BlockDelta::TextDelta { text } => events.push_back(StreamEvent::TextDelta(text)),
            BlockDelta::InputJsonDelta { partial_json } => {
                // the input of a server tool belongs to a block that is not in `open`
                if let Some(call) = self.open.get_mut(&index) {
                    call.json.push_str(&partial_json);
                }
            }
            BlockDelta::Unknown => {}
        }
    }

    fn stop(&mut self, events: &mut VecDeque<StreamEvent>) -> Result<(), LlmError> {
        let finish = self
            .finish
            .ok_or(LlmError::Unusable { reason: "the stream has no stop_reason", usage: self.usage.into() })?;
        // A block without its stop frame is still a call.
        events.extend(std::mem::take(&mut self.open).into_values().map(OpenCall::close));
        events.push_back(StreamEvent::Finished(finish_with_calls(finish, self.has_calls)));
        Ok(())
    }
}

#[cfg(test)]
#[path = "stream_tests.rs"]
mod tests;
