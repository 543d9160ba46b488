//! The loop: performs a run's effects until the run has its outcome.

use std::time::Duration;

use super::event_sink::{EventSink, TurnEvent};
use super::settle::settle;
use super::stream_model::stream_model;
use super::{DeadlinePassed, RunContext};
use crate::agent::{AgentRun, Effect, RunEvent, TransitionError};
use crate::domain::{FailureKind, GenerationRequest, LlmFailure, ModelRef, RetryStats, Usage};
use crate::llm::{Fallback, ModelError};

/// A finished run and what it took.
#[derive(Debug)]
pub struct RunReport {
    /// The run, with its outcome.
    pub run: AgentRun,
    /// Time spent waiting for models.
    pub llm_latency: Duration,
    /// Retries and fallbacks of model calls that failed in the end; those of successful calls are the run's.
    pub failed_retry_stats: RetryStats,
    /// Tokens of an answer that broke off, as far as the provider reported them; those of whole answers are the run's.
    pub failed_usage: Usage,
    /// Size of the last prompt, to compare with the tokens that it used.
    pub prompt_bytes: usize,
}

/// Performs effects until the run has its outcome. Text and steps go to the context's event sink, if it has one.
///
/// # Errors
/// [`TransitionError`] is a bug of the runner.
pub async fn drive(run: AgentRun, model: &Fallback, context: &RunContext<'_>) -> Result<RunReport, TransitionError> {
    let mut report = RunReport {
        run,
        llm_latency: Duration::ZERO,
        failed_retry_stats: RetryStats::default(),
        failed_usage: Usage::default(),
        prompt_bytes: 0,
    };
    let mut steps_sent = 0;
    loop {
        let event = match report.run.next_effect() {
            Effect::CallModel(request) => {
                report.prompt_bytes = request.prompt.size_bytes();
                let called_at = context.clock.now();
                let event = call_model(model, &request, context, &mut report).await;
                report.llm_latency += context.clock.now().since(called_at);
                event
            }
            Effect::Settle(calls) => RunEvent::Settled(settle(calls, context)),
            // Approvals need a queue to wait in; without one nothing parks.
            Effect::AwaitApproval(_) => RunEvent::Cancelled,
            Effect::Finish => return Ok(report),
        };
        report.run = report.run.apply(event, context.clock.now())?;
        if let Some(events) = context.events {
            let sending = send_steps(events, &report.run, &mut steps_sent);
            // The next effect notices a closed receiver or a passed deadline.
            let _late = context.deadline.bound(sending).await;
        }
    }
}

/// Sends the steps that are new.
async fn send_steps(events: &EventSink, run: &AgentRun, sent: &mut usize) {
    // A run that fails before its start sends no events, so that its fault can be an HTTP error.
    if !events.has_started() {
        return;
    }
    for step in run.steps().iter().skip(*sent) {
        if events.send(TurnEvent::Step(step.clone())).await.is_err() {
            return;
        }
        *sent += 1;
    }
}

/// Calls the model, streaming where the context has an event sink.
async fn call_model(
    model: &Fallback,
    request: &GenerationRequest,
    context: &RunContext<'_>,
    report: &mut RunReport,
) -> RunEvent {
    // Outside the future, because the deadline drops the future and its tokens still count.
    let mut used = Usage::default();
    let calling = async {
        match context.events {
            None => model.complete(request).await.map(Some),
            Some(events) => stream_model(model, request, context, events, &mut used).await,
        }
    };
    let called = context.deadline.bound(calling).await;
    if let Ok(Ok(Some(generation))) = called {
        return RunEvent::ModelReplied(generation);
    }
    report.failed_usage = report.failed_usage + used;
    match called {
        // Only `None` is left: the receiver of the events is closed.
        Ok(Ok(_)) => RunEvent::Cancelled,
        Ok(Err(error)) => {
            report.failed_retry_stats = report.failed_retry_stats + error.retry_stats;
            // Logged here, since the failure that the client reads does not carry the error's cause.
            log_failure(&error);
            RunEvent::ModelFailed(error.into_failure())
        }
        Err(DeadlinePassed) => {
            // Which model was being called is not known once the future is dropped, so the first one is named.
            let ModelRef { provider, model } = model.model().clone();
            RunEvent::ModelFailed(LlmFailure {
                provider,
                model,
                kind: FailureKind::DeadlineExceeded,
                retry_after: None,
            })
        }
    }
}

fn log_failure(error: &ModelError) {
    tracing::warn!(
        provider = error.model.provider.as_str(),
        model = error.model.model.as_str(),
        fault = error.source.with_cause(),
        "no model answered"
    );
}
