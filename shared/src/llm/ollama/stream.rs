//! Ollama's lines into events.

use std::collections::VecDeque;

use super::convert::{call_from_wire, finish, usage};
use super::wire::Response;
use crate::llm::assembly::{Assemble, CallIds, with_calls};
use crate::llm::{LlmError, StreamEvent, frames};

/// What has come of an answer so far.
#[derive(Debug)]
pub(super) struct Reading {
    ids: CallIds,
    has_calls: bool,
}

impl Reading {
    pub(super) const fn new(ids: CallIds) -> Self {
        Self { ids, has_calls: false }
    }
}

impl Assemble for Reading {
    fn take(&mut self, frame: &str, events: &mut VecDeque<StreamEvent>) -> Result<(), LlmError> {
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
            events.push_back(StreamEvent::Usage(counts));
            events.push_back(StreamEvent::Finished(with_calls(finish, self.has_calls)));
        }
        Ok(())
    }
}

#[cfg(test)]
#[path = "stream_tests.rs"]
mod tests;
