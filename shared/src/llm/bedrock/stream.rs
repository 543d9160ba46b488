//! Decodes `ConverseStream`'s frames into stream events.

use std::collections::{BTreeMap, VecDeque};

use aws_sdk_bedrockruntime::error::SdkError;
use aws_sdk_bedrockruntime::operation::converse_stream::ConverseStreamOutput;
use aws_sdk_bedrockruntime::types::{
    ContentBlockDelta, ContentBlockDeltaEvent, ContentBlockStart, ContentBlockStartEvent, ConverseStreamOutput as Frame,
};
use futures_util::stream::{StreamExt, try_unfold};

use super::convert::{finish, usage};
use super::error::stream_error;
use crate::domain::{FinishReason, ToolCall, ToolCallId, ToolName, Usage};
use crate::llm::error::TRUNCATED;
use crate::llm::generation_parts::finish_with_calls;
use crate::llm::stream_timeouts::StreamTimeouts;
use crate::llm::tool_calls::parse_arguments;
use crate::llm::{GenerationStream, LlmError, StreamEvent};

/// The frames of one generation and their decoder.
struct DecodedStream {
    frames: ConverseStreamOutput,
    timeouts: StreamTimeouts,
    decoder: StreamDecoder,
    events: VecDeque<StreamEvent>,
    ended: bool,
}

/// Decodes a stream. Silence beyond its time-outs is an error. The transport is read to its end, so that its connection can
/// be reused.
pub(super) fn decode_stream(frames: ConverseStreamOutput, timeouts: StreamTimeouts) -> GenerationStream {
    let decoder = StreamDecoder::default();
    let stream = DecodedStream { frames, timeouts, decoder, events: VecDeque::new(), ended: false };
    try_unfold(stream, |mut stream| async move { Ok(stream.next().await?.map(|event| (event, stream))) }).boxed()
}

impl DecodedStream {
    async fn next(&mut self) -> Result<Option<StreamEvent>, LlmError> {
        while self.events.is_empty() && !self.ended {
            let received = self.timeouts.bound(self.frames.stream.recv()).await;
            match received {
                Ok(Ok(Some(frame))) => self.decoder.decode(frame, &mut self.events),
                Ok(Ok(None)) => self.end(TRUNCATED)?,
                // The service itself reports a failure, so not even a generation whose end was marked is trusted.
                Ok(Err(error @ SdkError::ServiceError(_))) => return Err(stream_error(&error)),
                // Once the end was marked, a broken connection can lose only token counts.
                Ok(Err(error)) => self.end(stream_error(&error))?,
                Err(late) => self.end(late)?,
            }
            self.events.iter().for_each(|event| self.timeouts.observe(event));
        }
        Ok(self.events.pop_front())
    }

    /// Ends the stream when its transport has ended. The generation is complete if its end was marked before, whatever
    /// follows; otherwise `cause` is the error.
    fn end(&mut self, cause: LlmError) -> Result<(), LlmError> {
        self.ended = true;
        let finished = self.decoder.finished.take().ok_or(cause)?;
        let finish = finished.map_err(|reason| LlmError::Unusable { reason, usage: Usage::default() })?;
        self.events.push_back(StreamEvent::Finished(finish_with_calls(finish, self.decoder.has_calls)));
        Ok(())
    }
}

/// A pure decoder of one generation and the part of it that has arrived.
#[derive(Default)]
struct StreamDecoder {
    open: BTreeMap<i32, OpenCall>,
    has_calls: bool,
    finished: Option<Result<FinishReason, &'static str>>,
}

struct OpenCall {
    id: String,
    name: String,
    json: String,
}

impl OpenCall {
    fn close(self) -> StreamEvent {
        let arguments = parse_arguments(&self.json);
        StreamEvent::ToolCall(ToolCall { id: ToolCallId::new(self.id), name: ToolName::new(self.name), arguments })
    }
}

impl StreamDecoder {
    fn decode(&mut self, frame: Frame, events: &mut VecDeque<StreamEvent>) {
        match frame {
            Frame::ContentBlockStart(start) => self.begin(start),
            Frame::ContentBlockDelta(delta) => self.add(delta, events),
            Frame::ContentBlockStop(stop) => {
                events.extend(self.open.remove(&stop.content_block_index).map(OpenCall::close));
            }
            Frame::MessageStop(stop) => {
                // Token counts follow the stop, so the transport is read to its end.
                self.finished = Some(finish(&stop.stop_reason));
                events.extend(std::mem::take(&mut self.open).into_values().map(OpenCall::close));
            }
            Frame::Metadata(metadata) => {
                events.extend(metadata.usage.as_ref().map(|tokens| StreamEvent::Usage(usage(tokens))));
            }
            // a message start holds only the role; unknown frames belong to later versions of the API
            _ => {}
        }
    }

    fn begin(&mut self, event: ContentBlockStartEvent) {
        if let Some(ContentBlockStart::ToolUse(call)) = event.start {
            self.has_calls = true;
            let open = OpenCall { id: call.tool_use_id, name: call.name, json: String::new() };
            self.open.insert(event.content_block_index, open);
        }
    }

    fn add(&mut self, event: ContentBlockDeltaEvent, events: &mut VecDeque<StreamEvent>) {
        match event.delta {
            Some(ContentBlockDelta::Text(text)) if !text.is_empty() => events.push_back(StreamEvent::TextDelta(text)),
            Some(ContentBlockDelta::ToolUse(piece)) => {
                if let Some(call) = self.open.get_mut(&event.content_block_index) {
                    call.json.push_str(&piece.input);
                }
            }
            _ => {}
        }
    }
}
