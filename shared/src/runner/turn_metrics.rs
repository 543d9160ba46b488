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
    /// Time spent waiting for actions; `None` where no call ran.
    pub action_latency: Option<Duration>,
    /// Tokens.
    pub usage: Usage,
    /// Whether a part of `usage` is an estimate, since the provider has not reported all tokens of an attempt.
    pub is_usage_estimated: bool,
    /// Retries and fallbacks.
    pub retry_stats: RetryStats,
    /// Calls of the agent that policy denied, or that would need a person's approval.
    pub calls_denied: u32,
    open_call: Option<OpenCall>,
    /// When the calls of actions began that have not ended.
    open_actions: Option<Timestamp>,
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

    /// Begins calls of actions, which run side by side.
    pub(super) const fn begin_actions(&mut self, now: Timestamp) {
        self.open_actions = Some(now);
    }

    /// Ends them; `latency` is that of the longest.
    pub(super) fn end_actions(&mut self, latency: Duration) {
        self.open_actions = None;
        self.action_latency = Some(self.action_latency.unwrap_or_default() + latency);
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

    /// Ends what is open without an answer, if anything is: it was cancelled, or its time is over.
    pub(super) fn break_off(&mut self, now: Timestamp) {
        self.close(now, CallMeter::break_off);
        if let Some(began_at) = self.open_actions {
            self.end_actions(now.since(began_at));
        }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn actions_count_by_the_longest_of_each_reply_and_until_they_are_cut_off() {
        let at = |second: u64| Timestamp::from_millis(1000 * second);
        let mut metrics = TurnMetrics::default();
        metrics.break_off(at(1));
        assert_eq!(metrics.action_latency, None, "no call ran");
        metrics.begin_actions(at(1));
        metrics.end_actions(Duration::from_secs(2));
        metrics.begin_actions(at(5));
        metrics.break_off(at(9));
        metrics.break_off(at(20));
        assert_eq!(metrics.action_latency, Some(Duration::from_secs(6)));
    }
}
