//! Frames: events as a WebSocket carries them. Pure.

use serde::Serialize;

use crate::api::{ClientEvent, ERROR_EVENT};
use crate::delivery::MAX_FRAME_BYTES;
use crate::http::Problem;
use crate::runner::TurnEvent;

/// The share of a frame that a delta's text may take; the rest is for the other members.
const TEXT_BYTES: usize = MAX_FRAME_BYTES - 1024;

/// The number of the last frame of a run whose frames were not counted: above all others, and exact in JSON.
pub(super) const FINAL_SEQ: u64 = (1 << 53) - 1;

/// A frame.
#[derive(Serialize)]
struct Frame<'a, T> {
    event: &'a str,
    data: T,
    request_id: &'a str,
    seq: u64,
}

/// Writes the frames of one request, numbered from 0.
pub(super) struct FrameWriter {
    request_id: String,
    seq: u64,
}

impl FrameWriter {
    /// Creates the writer of a request.
    pub(super) fn new(request_id: &str) -> Self {
        Self { request_id: request_id.to_owned(), seq: 0 }
    }

    /// Creates a writer whose first frame has the number `seq`.
    pub(super) fn starting_at(request_id: &str, seq: u64) -> Self {
        Self { request_id: request_id.to_owned(), seq }
    }

    fn frame(&mut self, event: &str, data: impl Serialize) -> String {
        let frame = Frame { event, data, request_id: &self.request_id, seq: self.seq };
        // Serialization cannot fail: all maps have text keys.
        let text = serde_json::to_string(&frame).unwrap_or_default();
        self.seq = self.seq.saturating_add(1);
        text
    }

    /// Returns the frame of an event.
    pub(super) fn event(&mut self, event: &ClientEvent<'_>) -> String {
        self.frame(event.name(), event)
    }

    /// Returns the frame that refuses a message or ends a failed run. `instance` is the invocation's id, as in the log.
    pub(super) fn error(&mut self, problem: &Problem, instance: &str) -> String {
        self.frame(ERROR_EVENT, problem.document(instance))
    }

    /// Returns the frames of events. Consecutive deltas are joined, and long ones split.
    pub(super) fn events(&mut self, events: Vec<TurnEvent>, agent: &str) -> Vec<String> {
        let (mut frames, mut pending) = (Vec::new(), String::new());
        for event in events {
            if let TurnEvent::Delta(text) = event {
                // Joined, because every frame is a request to API Gateway.
                pending.push_str(&text);
                continue;
            }
            self.deltas(&std::mem::take(&mut pending), &mut frames);
            frames.push(self.event(&ClientEvent::new(&event, agent)));
        }
        self.deltas(&pending, &mut frames);
        frames
    }

    fn deltas(&mut self, text: &str, into: &mut Vec<String>) {
        let mut rest = text;
        while !rest.is_empty() {
            let (text, after) = rest.split_at(fitting(rest));
            into.push(self.event(&ClientEvent::Delta { text }));
            rest = after;
        }
    }
}

/// Returns how many bytes of a text fit a frame once they are escaped as JSON: whole characters, at least one.
fn fitting(text: &str) -> usize {
    let mut written = 0;
    for (at, character) in text.char_indices() {
        written += match character {
            '"' | '\\' => 2,
            // `serde_json` writes most control characters as `\u00XX`.
            control if control < ' ' => 6,
            other => other.len_utf8(),
        };
        if written > TEXT_BYTES {
            return at;
        }
    }
    text.len()
}

#[cfg(test)]
#[path = "frame_tests.rs"]
mod tests;
