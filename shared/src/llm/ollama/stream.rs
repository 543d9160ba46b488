//! Decodes Ollama's lines into stream events.

use std::collections::VecDeque;

use super::convert::{call_from_wire, finish, usage};
use super::wire::Response;
use crate::llm::decode::FrameDecoder;
use crate::llm::generation_parts::finish_with_calls;
use crate::llm::tool_calls::CallIds;
use crate::llm::{LlmError, StreamEvent, frames};

/// A decoder of one generation and the part of it that has arrived.
pub(super) struct StreamDecoder {
    ids: CallIds,
    has_calls: bool,
}

impl StreamDecoder {
    pub(super) const fn new(ids: CallIds) -> Self {
        Self { ids, has_calls: false }
    }
}

impl FrameDecoder for StreamDecoder {
    fn decode(&mut self, frame: &str, events: &mut VecDeque<StreamEvent>) -> Result<(), LlmError> {
        let line: Response = frames::parse(frame)?;
        let counts = usage(&line);
        if let Some(error) = line.error {
            return Err(error.into_error());
        }
        let text = line.message.content.filter(|text| !text.is_empty());
        events.extend(text.map(StreamEvent::TextDelta));
        for call in line.message.tool_calls.unwrap_or_default() {
            self.has_calls = true;
            events.push_back(StreamEvent::ToolCall(call_from_wire(call, &mut self.ids)));
        }
        if line.done {
            let finish = finish(line.done_reason)?;
            // Before the end, since nothing after it is read.
            events.push_back(StreamEvent::Usage(counts));
            events.push_back(StreamEvent::Finished(finish_with_calls(finish, self.has_calls)));
        }
        Ok(())
    }
}

#[cfg(test)]
#[path = "stream_tests.rs"]
mod tests;
