//! Decodes a provider's frames into stream events.

use std::collections::VecDeque;

use futures_util::stream::{StreamExt, try_unfold};

use super::error::TRUNCATED;
use super::frames::FrameStream;
use super::{GenerationStream, LlmError, StreamEvent};

/// A provider's decoder of its own frames.
pub(super) trait FrameDecoder: Send + 'static {
    /// Decodes one frame and appends its events.
    fn decode(&mut self, frame: &str, events: &mut VecDeque<StreamEvent>) -> Result<(), LlmError>;

    /// Appends the events that the end of the transport implies. Most protocols mark the end of a generation, so the
    /// transport may not end before [`StreamEvent::Finished`].
    fn finish(&mut self, _events: &mut VecDeque<StreamEvent>) -> Result<(), LlmError> {
        Err(TRUNCATED)
    }
}

struct DecodedStream<D> {
    frames: FrameStream,
    decoder: D,
    events: VecDeque<StreamEvent>,
    finished: bool,
}

/// Decodes frames up to the end of the generation.
pub(super) fn decode_stream(frames: FrameStream, decoder: impl FrameDecoder) -> GenerationStream {
    let stream = DecodedStream { frames, decoder, events: VecDeque::new(), finished: false };
    try_unfold(stream, |mut stream| async move { Ok(stream.next().await?.map(|event| (event, stream))) }).boxed()
}

impl<D: FrameDecoder> DecodedStream<D> {
    async fn next(&mut self) -> Result<Option<StreamEvent>, LlmError> {
        while self.events.is_empty() && !self.finished {
            if let Some(frame) = self.frames.next().await.transpose()? {
                self.decoder.decode(&frame, &mut self.events)?;
            } else {
                self.decoder.finish(&mut self.events)?;
                self.finished = true;
            }
        }
        let event = self.events.pop_front();
        // Nothing that follows the end counts, so the rest of the transport is not read.
        self.finished |= matches!(event, Some(StreamEvent::Finished(_)));
        Ok(event)
    }
}
