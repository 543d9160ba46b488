//! Decodes `OpenAI`'s chunks into stream events.

use std::collections::{BTreeMap, VecDeque};

use serde_json::Value;

use super::convert::{finish, text, usage};
use super::wire::{Chunk, ChunkChoice, FinishReason, OutputArguments, OutputCall};
use crate::domain::{ToolCall, ToolName, Usage};
use crate::llm::decode::FrameDecoder;
use crate::llm::error::TRUNCATED;
use crate::llm::generation_parts::finish_with_calls;
use crate::llm::tool_calls::{CallIds, parse_arguments};
use crate::llm::{LlmError, StreamEvent, frames};

// The usage follows in a later chunk and is not waited for.
const UNNAMED: LlmError =
    LlmError::Unusable { reason: "a tool call has no name", usage: Usage { input_tokens: 0, output_tokens: 0 } };
/// The payload that ends a stream.
const DONE: &str = "[DONE]";

/// A decoder of one generation and the part of it that has arrived.
pub(super) struct StreamDecoder {
    ids: CallIds,
    calls: BTreeMap<u32, OpenCall>,
    refused: bool,
    has_calls: bool,
    finish: Option<FinishReason>,
}

#[derive(Default)]
struct OpenCall {
    id: Option<String>,
    name: Option<String>,
    text: String,
    object: Option<Value>,
}

impl StreamDecoder {
    pub(super) const fn new(ids: CallIds) -> Self {
        Self { ids, calls: BTreeMap::new(), refused: false, has_calls: false, finish: None }
    }

    fn choice(&mut self, choice: ChunkChoice, events: &mut VecDeque<StreamEvent>) -> Result<(), LlmError> {
        let mut add = |text: String| {
            if !text.is_empty() {
                events.push_back(StreamEvent::TextDelta(text));
            }
        };
        choice.delta.content.map(text).map(&mut add);
        if let Some(refusal) = choice.delta.refusal {
            self.refused |= !refusal.is_empty();
            add(refusal);
        }
        for piece in choice.delta.tool_calls.unwrap_or_default() {
            self.piece(piece);
        }
        if let Some(reason) = choice.finish_reason {
            // The finish reason follows the last piece of every call.
            self.finish = Some(reason);
            self.close_calls(events)?;
        }
        Ok(())
    }

    /// Adds a piece to the call with its index.
    fn piece(&mut self, piece: OutputCall) {
        let last = self.calls.last_key_value().map(|(index, _)| *index);
        // On servers that send no index, an id or a name begins a new call.
        let begins = piece.id.is_some() || piece.function.name.is_some();
        let next = last.map_or(0, |last| last.saturating_add(1));
        let index = piece.index.unwrap_or(if begins { next } else { last.unwrap_or(0) });
        let call = self.calls.entry(index).or_default();
        // The first piece names the call; later ones may leave the name out or repeat it.
        call.id = call.id.take().or(piece.id);
        call.name = call.name.take().or(piece.function.name);
        match piece.function.arguments {
            Some(OutputArguments::Text(text)) => call.text.push_str(&text),
            Some(OutputArguments::Object(object)) if !object.is_null() => call.object = Some(object),
            Some(OutputArguments::Object(_)) | None => {}
        }
    }

    fn close_calls(&mut self, events: &mut VecDeque<StreamEvent>) -> Result<(), LlmError> {
        for call in std::mem::take(&mut self.calls).into_values() {
            self.has_calls = true;
            let name = call.name.ok_or(UNNAMED)?;
            events.push_back(StreamEvent::ToolCall(ToolCall {
                id: self.ids.or_next(call.id),
                name: ToolName::new(name),
                arguments: call.object.unwrap_or_else(|| parse_arguments(&call.text)),
            }));
        }
        Ok(())
    }
}

impl FrameDecoder for StreamDecoder {
    fn decode(&mut self, frame: &str, events: &mut VecDeque<StreamEvent>) -> Result<(), LlmError> {
        if frame.trim() == DONE {
            return self.finish(events);
        }
        let chunk: Chunk = frames::parse(frame)?;
        if let Some(error) = chunk.error {
            return Err(error.into_error());
        }
        // Requests ask for one choice.
        for choice in chunk.choices.into_iter().filter(|choice| choice.index == 0) {
            self.choice(choice, events)?;
        }
        events.extend(chunk.usage.map(|counts| StreamEvent::Usage(usage(counts))));
        Ok(())
    }

    /// Appends the end of the generation.
    fn finish(&mut self, events: &mut VecDeque<StreamEvent>) -> Result<(), LlmError> {
        // Only here, since usage follows the finish reason and some servers omit `[DONE]`.
        let reason = self.finish.ok_or(TRUNCATED)?;
        events.push_back(StreamEvent::Finished(finish_with_calls(finish(reason, self.refused), self.has_calls)));
        Ok(())
    }
}

#[cfg(test)]
#[path = "stream_tests.rs"]
mod tests;
