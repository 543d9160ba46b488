//! Events as a WebSocket carries them. Pure.

use serde::Serialize;

use crate::delivery::MAX_FRAME_BYTES;
use crate::http::Problem;
use crate::http::turn_event::{ClientEvent, ERROR};
use crate::runner::TurnEvent;

/// What is left of a frame for a delta's text: the rest has room beside it.
const TEXT_BYTES: usize = MAX_FRAME_BYTES - 1024;

/// Above every number that a frame of a run can have, and exact in JSON: the last word on a run whose frames nobody has
/// counted.
pub(super) const FINAL_SEQ: u64 = (1 << 53) - 1;

/// A frame.
#[derive(Serialize)]
struct Frame<'a, T> {
    event: &'a str,
    data: T,
    request_id: &'a str,
    seq: u64,
}

/// The frames of one request, numbered from 0.
pub(super) struct Frames {
    request_id: String,
    seq: u64,
}

impl Frames {
    /// Of a request of this name.
    pub(super) fn new(request_id: &str) -> Self {
        Self { request_id: request_id.to_owned(), seq: 0 }
    }

    /// Beginning with another number.
    pub(super) fn from(request_id: &str, seq: u64) -> Self {
        Self { request_id: request_id.to_owned(), seq }
    }

    fn frame(&mut self, event: &str, data: impl Serialize) -> String {
        let frame = Frame { event, data, request_id: &self.request_id, seq: self.seq };
        // Nothing in it can fail to be written: no map has keys that are no text.
        let text = serde_json::to_string(&frame).unwrap_or_default();
        self.seq = self.seq.saturating_add(1);
        text
    }

    pub(super) fn event(&mut self, event: &ClientEvent<'_>) -> String {
        self.frame(event.name(), event)
    }

    /// The frame that refuses, or ends a run that came to no answer; `instance` is the invocation's id, which the log has.
    pub(super) fn error(&mut self, problem: &Problem, instance: &str) -> String {
        self.frame(ERROR, problem.document(instance))
    }

    /// Frames of what has been told. Texts that follow each other are joined, and long ones parted.
    pub(super) fn told(&mut self, events: Vec<TurnEvent>, agent: &str) -> Vec<String> {
        let (mut frames, mut said) = (Vec::new(), String::new());
        for event in events {
            if let TurnEvent::Delta(text) = event {
                said.push_str(&text);
                continue;
            }
            self.deltas(&std::mem::take(&mut said), &mut frames);
            frames.push(self.event(&ClientEvent::new(&event, agent)));
        }
        self.deltas(&said, &mut frames);
        frames
    }

    fn deltas(&mut self, said: &str, into: &mut Vec<String>) {
        let mut rest = said;
        while !rest.is_empty() {
            let (text, after) = rest.split_at(fitting(rest));
            into.push(self.event(&ClientEvent::Delta { text }));
            rest = after;
        }
    }
}

/// How many bytes of a text fit a frame once they are written as JSON; whole characters, at least one.
fn fitting(text: &str) -> usize {
    let mut written = 0;
    for (at, character) in text.char_indices() {
        written += match character {
            '"' | '\\' => 2,
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
