//! What a model call has taken so far, over all of its attempts.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures_util::stream::StreamExt;

use super::{GenerationStream, LlmError, StreamEvent};
use crate::domain::{Generation, ModelRef, RetryStats, Usage};

/// Bytes of a model's text per token, where the provider reports no count: English has four.
const BYTES_PER_TOKEN: u64 = 4;

/// What the attempts of one model call have taken.
#[derive(Debug, Clone, Default)]
pub struct CallTotals {
    /// The model called last; `None` before the first attempt.
    pub model: Option<ModelRef>,
    /// The tokens of all attempts, since each of them is billed.
    pub usage: Usage,
    /// Whether a part of `usage` is an estimate, since the provider has not reported all of an attempt's tokens.
    pub is_usage_estimated: bool,
    /// Throttles and fallbacks.
    pub retry_stats: RetryStats,
}

/// Counts what a model call takes. Clones share their counts, so that they are known although the call's future was
/// dropped.
#[derive(Debug, Clone)]
pub struct CallMeter(Arc<Mutex<State>>);

#[derive(Debug)]
struct State {
    estimated_input: u64,
    totals: CallTotals,
    /// The attempt in flight; `None` while the next one is waited for.
    attempt: Option<Attempt>,
}

#[derive(Debug, Default)]
struct Attempt {
    reported: Usage,
    output_bytes: u64,
    has_output: bool,
}

impl CallMeter {
    /// Starts a call with a prompt of about `estimated_input` tokens.
    #[must_use]
    pub fn new(estimated_input: u64) -> Self {
        Self(Arc::new(Mutex::new(State { estimated_input, totals: CallTotals::default(), attempt: None })))
    }

    /// Returns whether the attempt in flight has produced any output.
    #[must_use]
    pub fn has_output(&self) -> bool {
        self.state().attempt.as_ref().is_some_and(|attempt| attempt.has_output)
    }

    /// Begins an attempt at `model`.
    pub(super) fn begin(&self, model: &ModelRef) {
        let mut state = self.state();
        state.totals.model = Some(model.clone());
        state.attempt = Some(Attempt::default());
    }

    /// Counts the events of the attempt in flight as they are read.
    pub(super) fn observing(&self, stream: GenerationStream) -> GenerationStream {
        let meter = self.clone();
        stream.inspect(move |event| event.iter().for_each(|event| meter.observe(event))).boxed()
    }

    fn observe(&self, event: &StreamEvent) {
        let mut state = self.state();
        let Some(attempt) = &mut state.attempt else { return };
        match event {
            StreamEvent::TextDelta(text) => attempt.output_bytes += text.len() as u64,
            StreamEvent::ToolCall(call) => attempt.output_bytes += call.arguments.to_string().len() as u64,
            // Each report holds the total so far.
            StreamEvent::Usage(usage) => {
                attempt.reported = *usage;
                return;
            }
            StreamEvent::Finished(_) => {}
        }
        attempt.has_output = true;
    }

    /// Ends the attempt in flight with a whole generation.
    pub(super) fn succeed(&self, generation: &Generation) {
        let mut state = self.state();
        if let Some(attempt) = &mut state.attempt {
            attempt.reported = generation.usage;
            attempt.output_bytes = generation.message.size_bytes() as u64;
        }
        state.finish();
    }

    /// Ends the attempt in flight, if there is one, after a generation whose events were all read.
    pub fn finish(&self) {
        self.state().finish();
    }

    /// Ends the attempt in flight, if there is one, with an error. Its tokens count if the provider has reported them, if the
    /// model had begun to answer, or if it may have.
    pub fn fail(&self, error: &LlmError) {
        let mut state = self.state();
        let Some(attempt) = &mut state.attempt else { return };
        let is_billed = attempt.has_output || error.may_be_billed();
        if let LlmError::Unusable { usage, .. } = error
            && *usage != Usage::default()
        {
            attempt.reported = *usage;
        }
        if is_billed {
            state.break_off();
        } else if let Some(Attempt { reported, .. }) = state.attempt.take() {
            state.count(reported, reported);
        }
        if matches!(error, LlmError::Throttled { .. }) {
            state.totals.retry_stats = state.totals.retry_stats + RetryStats { throttles: 1, fallbacks: 0 };
        }
    }

    /// Notes that another model is called next.
    pub(super) fn fall_back(&self) {
        let mut state = self.state();
        state.totals.retry_stats = state.totals.retry_stats + RetryStats { throttles: 0, fallbacks: 1 };
    }

    /// Ends the attempt in flight, if there is one, without an answer: it was cancelled, or its time is over. The provider
    /// bills it all the same.
    pub fn break_off(&self) {
        self.state().break_off();
    }

    /// Returns what the attempts that have ended took.
    #[must_use]
    pub fn totals(&self) -> CallTotals {
        self.state().totals.clone()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn finish(&mut self) {
        self.end(|reported, estimate| if reported == 0 { estimate } else { reported });
    }

    fn break_off(&mut self) {
        // Reports before the end are totals so far, and some are sent once, at the start.
        self.end(u64::max);
    }

    /// Ends an attempt whose prompt the model has read. `output_tokens` chooses between the reported and the estimated ones.
    fn end(&mut self, output_tokens: impl Fn(u64, u64) -> u64) {
        let Some(Attempt { reported, output_bytes, .. }) = self.attempt.take() else { return };
        // No prompt has no tokens, so 0 is not a report.
        let input_tokens = if reported.input_tokens == 0 { self.estimated_input } else { reported.input_tokens };
        let output_tokens = output_tokens(reported.output_tokens, output_bytes.div_ceil(BYTES_PER_TOKEN));
        self.count(reported, Usage { input_tokens, output_tokens });
    }

    fn count(&mut self, reported: Usage, usage: Usage) {
        self.totals.is_usage_estimated |= usage != reported;
        self.totals.usage = self.totals.usage + usage;
    }
}

#[cfg(test)]
#[path = "call_meter_tests.rs"]
mod tests;
