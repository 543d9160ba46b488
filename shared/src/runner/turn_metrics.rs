//! What a turn takes, also where it fails or is cut off.

use std::time::Duration;

use crate::domain::{ModelRef, RetryStats, Timestamp, Usage};
use crate::llm::{LlmError, ModelError, StreamEvent};

/// Bytes of a model's text per token, where the provider reports no count: English has four.
const BYTES_PER_TOKEN: u64 = 4;

/// What a turn took, whether it succeeded or not.
///
/// It is written while the turn runs, so that it holds what a turn took whose future was dropped.
#[derive(Debug, Clone, Default)]
pub struct TurnMetrics {
    /// The model called last; `None` where none was called.
    pub model: Option<ModelRef>,
    /// Time spent waiting for models; `None` where none was called.
    pub llm_latency: Option<Duration>,
    /// Tokens.
    pub usage: Usage,
    /// Whether a part of `usage` is an estimate, since a call ended before the provider had reported all of its tokens.
    pub is_usage_estimated: bool,
    /// Retries and fallbacks.
    pub retry_stats: RetryStats,
    open_call: Option<OpenCall>,
}

/// A call of a model that has not ended.
#[derive(Debug, Clone)]
struct OpenCall {
    began_at: Timestamp,
    estimated_input: u64,
    reported: Usage,
    output_bytes: u64,
    has_output: bool,
}

impl TurnMetrics {
    /// Begins a call of `model` with a prompt of about `estimated_input` tokens.
    pub(super) fn begin_call(&mut self, model: &ModelRef, estimated_input: u64, now: Timestamp) {
        self.model = Some(model.clone());
        self.open_call = Some(OpenCall {
            began_at: now,
            estimated_input,
            reported: Usage::default(),
            output_bytes: 0,
            has_output: false,
        });
    }

    /// Notes an event of the open call, and the tokens that have been reported so far.
    pub(super) fn observe(&mut self, event: &StreamEvent, reported: Usage) {
        let Some(call) = &mut self.open_call else { return };
        call.reported = reported;
        match event {
            StreamEvent::TextDelta(text) => call.output_bytes += text.len() as u64,
            StreamEvent::ToolCall(tool_call) => call.output_bytes += tool_call.arguments.to_string().len() as u64,
            StreamEvent::Usage(_) => return,
            StreamEvent::Finished(_) => {}
        }
        call.has_output = true;
    }

    /// Returns whether the open call has produced any output.
    pub(super) fn has_output(&self) -> bool {
        self.open_call.as_ref().is_some_and(|call| call.has_output)
    }

    /// Ends the call with a whole answer of `served_by`.
    pub(super) fn end_call(&mut self, served_by: &ModelRef, usage: Usage, retry_stats: RetryStats, now: Timestamp) {
        self.close(now);
        self.model = Some(served_by.clone());
        // Every call is billed, so the tokens of all calls are added.
        self.usage = self.usage + usage;
        self.retry_stats = self.retry_stats + retry_stats;
    }

    /// Ends the call with an error. Its tokens count if the model had begun to answer, or may have.
    pub(super) fn fail_call(&mut self, error: &ModelError, now: Timestamp) {
        self.model = Some(error.model.clone());
        self.retry_stats = self.retry_stats + error.retry_stats;
        if self.has_output() || matches!(error.source, LlmError::TimedOut) {
            self.break_off(now);
        } else if let Some(call) = self.close(now) {
            self.usage = self.usage + call.reported;
        }
    }

    /// Ends the call without an answer, if one is open: it was cancelled, or its time is over. The provider bills it all the
    /// same.
    pub(super) fn break_off(&mut self, now: Timestamp) {
        let Some(call) = self.close(now) else { return };
        let estimate =
            Usage { input_tokens: call.estimated_input, output_tokens: call.output_bytes.div_ceil(BYTES_PER_TOKEN) };
        let input_tokens = match call.reported.input_tokens {
            0 => estimate.input_tokens,
            reported => reported,
        };
        // Reports before the end are totals so far, and some are sent once, at the start.
        let output_tokens = call.reported.output_tokens.max(estimate.output_tokens);
        let usage = Usage { input_tokens, output_tokens };
        self.is_usage_estimated |= usage != call.reported;
        self.usage = self.usage + usage;
    }

    fn close(&mut self, now: Timestamp) -> Option<OpenCall> {
        let call = self.open_call.take()?;
        self.llm_latency = Some(self.llm_latency.unwrap_or_default() + now.since(call.began_at));
        Some(call)
    }
}
