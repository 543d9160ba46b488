//! What a turn takes, also where it fails or is cut off.

use std::time::Duration;

use crate::domain::{ModelRef, RetryStats, Timestamp, Usage};
use crate::llm::{CallMeter, CallTotals, LlmError};

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
    /// Whether a part of `usage` is an estimate, since the provider has not reported all tokens of an attempt.
    pub is_usage_estimated: bool,
    /// Retries and fallbacks.
    pub retry_stats: RetryStats,
    /// Calls of the agent that policy denied, or that would need a person's approval.
    pub calls_denied: u32,
    open_call: Option<OpenCall>,
}

/// A call of a model that has not ended.
#[derive(Debug, Clone)]
struct OpenCall {
    began_at: Timestamp,
    meter: CallMeter,
}

impl TurnMetrics {
    /// Begins a call of `model` with a prompt of about `estimated_input` tokens, and returns its meter.
    pub(super) fn begin_call(&mut self, model: &ModelRef, estimated_input: u64, now: Timestamp) -> CallMeter {
        let meter = CallMeter::new(estimated_input);
        self.model = Some(model.clone());
        self.open_call = Some(OpenCall { began_at: now, meter: meter.clone() });
        meter
    }

    /// Ends the call with a whole answer.
    pub(super) fn end_call(&mut self, now: Timestamp) {
        self.close(now, CallMeter::finish);
    }

    /// Adds what an action's own call of a model has taken.
    pub(super) fn add(&mut self, meter: &CallMeter) {
        let CallTotals { usage, is_usage_estimated, retry_stats, .. } = meter.totals();
        self.usage = self.usage + usage;
        self.is_usage_estimated |= is_usage_estimated;
        self.retry_stats = self.retry_stats + retry_stats;
    }

    /// Ends the call with an error.
    pub(super) fn fail_call(&mut self, error: &LlmError, now: Timestamp) {
        self.close(now, |meter| meter.fail(error));
    }

    /// Ends the call without an answer, if one is open: it was cancelled, or its time is over.
    pub(super) fn break_off(&mut self, now: Timestamp) {
        self.close(now, CallMeter::break_off);
    }

    fn close(&mut self, now: Timestamp, end: impl FnOnce(&CallMeter)) {
        let Some(OpenCall { began_at, meter }) = self.open_call.take() else { return };
        end(&meter);
        let CallTotals { model, usage, is_usage_estimated, retry_stats } = meter.totals();
        self.model = model.or_else(|| self.model.take());
        self.llm_latency = Some(self.llm_latency.unwrap_or_default() + now.since(began_at));
        self.usage = self.usage + usage;
        self.is_usage_estimated |= is_usage_estimated;
        self.retry_stats = self.retry_stats + retry_stats;
    }
}
