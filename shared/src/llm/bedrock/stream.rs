//! `ConverseStream`'s events into ours.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use aws_sdk_bedrockruntime::error::SdkError;
use aws_sdk_bedrockruntime::operation::converse_stream::ConverseStreamOutput;
use aws_sdk_bedrockruntime::types::{
    ContentBlockDelta, ContentBlockDeltaEvent, ContentBlockStart, ContentBlockStartEvent, ConverseStreamOutput as Frame,
};
use futures_util::stream::{StreamExt, try_unfold};
use tokio::time::timeout;

use super::answer::{finish, usage};
use super::error::stream_error;
use crate::domain::{FinishReason, ToolCall, ToolCallId, ToolName};
use crate::llm::assembly::{TRUNCATED, arguments, with_calls};
use crate::llm::{GenerationStream, LlmError, StreamEvent};

/// What has come of an answer so far.
struct Reading {
    frames: ConverseStreamOutput,
    idle_timeout: Duration,
    machine: Machine,
    events: VecDeque<StreamEvent>,
    ended: bool,
}

/// The events of an answer. Silence of more than `idle_timeout` is an error; the stream is read to its very end, so that
/// its connection can be used again.
pub(super) fn events(frames: ConverseStreamOutput, idle_timeout: Duration) -> GenerationStream {
    let reading = Reading { frames, idle_timeout, machine: Machine::default(), events: VecDeque::new(), ended: false };
    try_unfold(reading, |mut reading| async move { Ok(reading.next().await?.map(|event| (event, reading))) }).boxed()
}

impl Reading {
    async fn next(&mut self) -> Result<Option<StreamEvent>, LlmError> {
        while self.events.is_empty() && !self.ended {
            let received = timeout(self.idle_timeout, self.frames.stream.recv()).await;
            match received {
                Ok(Ok(Some(frame))) => self.machine.take(frame, &mut self.events)?,
                Ok(Ok(None)) => self.end(TRUNCATED)?,
                Ok(Err(error @ SdkError::ServiceError(_))) => return Err(stream_error(&error)),
                Ok(Err(error)) => self.end(stream_error(&error))?,
                Err(_elapsed) => self.end(LlmError::TimedOut)?,
            }
        }
        Ok(self.events.pop_front())
    }

    /// The transport is over. The answer is whole if its end was said before; then nothing that follows can spoil it.
    fn end(&mut self, why: LlmError) -> Result<(), LlmError> {
        self.ended = true;
        let finish = self.machine.finished.take().ok_or(why)?;
        self.events.push_back(StreamEvent::Finished(with_calls(finish, self.machine.has_calls)));
        Ok(())
    }
}

/// The pure part: frames in, events out.
#[derive(Debug, Default)]
struct Machine {
    open: BTreeMap<i32, OpenCall>,
    has_calls: bool,
    finished: Option<FinishReason>,
}

#[derive(Debug)]
struct OpenCall {
    id: String,
    name: String,
    json: String,
}

impl OpenCall {
    fn close(self) -> StreamEvent {
        let arguments = arguments(&self.json);
        StreamEvent::ToolCall(ToolCall { id: ToolCallId::new(self.id), name: ToolName::new(self.name), arguments })
    }
}

impl Machine {
    fn take(&mut self, frame: Frame, events: &mut VecDeque<StreamEvent>) -> Result<(), LlmError> {
        match frame {
            Frame::ContentBlockStart(start) => self.begin(start),
            Frame::ContentBlockDelta(delta) => self.add(delta, events),
            Frame::ContentBlockStop(stop) => {
                events.extend(self.open.remove(&stop.content_block_index).map(OpenCall::close));
            }
            Frame::MessageStop(stop) => {
                self.finished = Some(finish(&stop.stop_reason)?);
                events.extend(std::mem::take(&mut self.open).into_values().map(OpenCall::close));
            }
            Frame::Metadata(metadata) => {
                events.extend(metadata.usage.as_ref().map(|tokens| StreamEvent::Usage(usage(tokens))));
            }
            // a start says only who speaks; what is unknown is still to come and not ours
            _ => {}
        }
        Ok(())
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
