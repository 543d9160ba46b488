//! Splits byte chunks into frames: Server-Sent Events and lines of JSON. The length of a frame is bounded.

use bytes::{Bytes, BytesMut};
use eventsource_stream::{EventStreamError, Eventsource};
use futures_util::stream::{BoxStream, StreamExt, try_unfold};
use serde::de::DeserializeOwned;

use super::LlmError;
use super::transport::ByteStream;

/// The longest frame: a line of JSON, or an event with all of its lines.
const MAX_FRAME_BYTES: usize = 4 * 1024 * 1024;
const TOO_LONG: LlmError = LlmError::Malformed("a frame of the stream is longer than 4 MB");
const NOT_UTF8: LlmError = LlmError::Malformed("the stream is not UTF-8");

/// The payloads of a stream's frames, in order.
pub(super) type FrameStream = BoxStream<'static, Result<String, LlmError>>;

/// Parses one frame.
pub(super) fn parse<T: DeserializeOwned>(frame: &str) -> Result<T, LlmError> {
    // Every wire type takes frames that it does not know, so an error means that a known frame is broken.
    serde_json::from_str(frame).map_err(|_| LlmError::Malformed("a frame of the stream is not what the API describes"))
}

/// Returns the `data` of Server-Sent Events (WHATWG HTML, section 9.2). Skips comments and empty events.
pub(super) fn events(bytes: ByteStream) -> FrameStream {
    bounded_events(bytes)
        .eventsource()
        .map(|event| match event {
            Ok(event) => Ok(event.data),
            Err(EventStreamError::Transport(error)) => Err(error),
            Err(EventStreamError::Utf8(_)) => Err(NOT_UTF8),
            Err(EventStreamError::Parser(_)) => Err(LlmError::Malformed("the stream is not an event stream")),
        })
        .boxed()
}

/// Returns the lines of a stream. Skips empty lines; the last one may lack its line break.
pub(super) fn lines(bytes: ByteStream) -> FrameStream {
    try_unfold(Lines { bytes, buffer: BytesMut::new(), searched: 0, ended: false }, |mut lines| async move {
        Ok(lines.next().await?.map(|line| (line, lines)))
    })
    .boxed()
}

struct Lines {
    bytes: ByteStream,
    buffer: BytesMut,
    searched: usize,
    ended: bool,
}

impl Lines {
    async fn next(&mut self) -> Result<Option<String>, LlmError> {
        loop {
            let Some(line) = self.take_line() else {
                if self.ended {
                    return Ok(None);
                }
                self.fill().await?;
                continue;
            };
            let line = std::str::from_utf8(&line).map_err(|_| NOT_UTF8)?.trim();
            if !line.is_empty() {
                return Ok(Some(line.to_owned()));
            }
        }
    }

    fn take_line(&mut self) -> Option<BytesMut> {
        // Bytes that were searched before are not searched again, so a long line costs linear time.
        let unsearched = self.buffer.get(self.searched..).unwrap_or_default();
        match unsearched.iter().position(|byte| *byte == b'\n') {
            Some(position) => {
                let line = self.buffer.split_to(self.searched + position + 1);
                self.searched = 0;
                Some(line)
            }
            None if self.ended && !self.buffer.is_empty() => {
                self.searched = 0;
                Some(self.buffer.split())
            }
            None => {
                self.searched = self.buffer.len();
                None
            }
        }
    }

    async fn fill(&mut self) -> Result<(), LlmError> {
        match self.bytes.next().await.transpose()? {
            Some(chunk) => self.buffer.extend_from_slice(&chunk),
            None => self.ended = true,
        }
        if self.buffer.len() > MAX_FRAME_BYTES { Err(TOO_LONG) } else { Ok(()) }
    }
}

/// Returns the same chunks, without a byte order mark, and with an error where an event exceeds its limit.
fn bounded_events(bytes: ByteStream) -> ByteStream {
    try_unfold((bytes, false, OpenEvent::default()), |(mut bytes, begun, mut open)| async move {
        let Some(mut chunk) = bytes.next().await.transpose()? else { return Ok(None) };
        if !begun {
            // `eventsource_stream` panics on a byte order mark. An event stream begins with ASCII, so nothing else is
            // removed.
            let mark = chunk.iter().take_while(|byte| !byte.is_ascii()).count();
            drop(chunk.split_to(mark));
        }
        // A byte order mark may be split over chunks.
        let begun = begun || !chunk.is_empty();
        if open.extend(&chunk) > MAX_FRAME_BYTES { Err(TOO_LONG) } else { Ok(Some((chunk, (bytes, begun, open)))) }
    })
    .boxed()
}

/// The event that has not ended: one of many lines is as long as one of a long line.
#[derive(Default)]
struct OpenEvent {
    bytes: usize,
    line_bytes: usize,
    after_return: bool,
}

impl OpenEvent {
    /// Adds a chunk and returns the length of the longest event that was open within it.
    fn extend(&mut self, chunk: &Bytes) -> usize {
        let mut longest = 0;
        for byte in chunk {
            self.bytes += 1;
            match byte {
                // The second byte of a line break.
                b'\n' if self.after_return => {}
                b'\n' | b'\r' => {
                    longest = longest.max(self.bytes);
                    // An empty line ends an event.
                    if self.line_bytes == 0 {
                        self.bytes = 0;
                    }
                    self.line_bytes = 0;
                }
                _ => self.line_bytes += 1,
            }
            self.after_return = *byte == b'\r';
        }
        longest.max(self.bytes)
    }
}

#[cfg(test)]
#[path = "frames_tests.rs"]
mod tests;
