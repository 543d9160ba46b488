//! Drives a run to its outcome.

use std::time::Duration;

use super::listen::{Listener, TurnEvent};
use super::settle::settle;
use super::{Deadline, Hearing};
use crate::agent::{AgentRun, Effect, ModelCall, RunEvent, TransitionError};
use crate::domain::{Clock, FailureKind, LlmFailure, RetryStats, RunId, Usage};
use crate::llm::{Fallback, ModelError};

/// A finished run and what it took.
#[derive(Debug)]
pub struct RunReport {
    /// The run, with its outcome.
    pub run: AgentRun,
    /// Time spent waiting for models.
    pub llm_latency: Duration,
    /// Retries and fallbacks of calls that failed in the end; those that succeeded are the run's.
    pub failed_retry_stats: RetryStats,
    /// Tokens of an answer that broke off, as far as the provider reported them; those of whole answers are the run's.
    pub failed_usage: Usage,
    /// Bytes of the last prompt, to set against the tokens that it used.
    pub prompt_bytes: usize,
}

/// Performs effects until the run has its outcome; with a listener, telling it of text and steps.
///
/// # Errors
/// [`TransitionError`] is a bug of the runner.
pub async fn drive(
    run: AgentRun,
    model: &Fallback,
    clock: &dyn Clock,
    deadline: Deadline,
    hearing: Option<Hearing<'_>>,
) -> Result<RunReport, TransitionError> {
    let mut driven = RunReport {
        run,
        llm_latency: Duration::ZERO,
        failed_retry_stats: RetryStats::default(),
        failed_usage: Usage::default(),
        prompt_bytes: 0,
    };
    let mut told = 0;
    loop {
        let event = match driven.run.next_effect() {
            Effect::CallModel(call) => {
                driven.prompt_bytes = call.prompt.size_bytes();
                let asked = clock.now();
                let event = ask(model, &call, deadline, hearing, &mut driven).await;
                driven.llm_latency += clock.now().since(asked);
                event
            }
            Effect::Settle(calls) => RunEvent::Settled(settle(calls)),
            // Nobody can be asked yet, and nothing parks.
            Effect::AwaitApproval(_) => RunEvent::Cancelled,
            Effect::Finish => return Ok(driven),
        };
        driven.run = driven.run.apply(event, clock.now())?;
        if let Some(Hearing { listener, .. }) = hearing {
            let telling = tell_steps(listener, &driven.run, &mut told);
            // A listener that is gone, or slower than the deadline, is found by what comes next.
            let _late = tokio::time::timeout_at(deadline.instant(), telling).await;
        }
    }
}

/// Tells of the steps that are new; not before the start, so that a run that fails before it tells nothing.
async fn tell_steps(listener: &Listener, run: &AgentRun, told: &mut usize) {
    if !listener.has_started() {
        return;
    }
    for step in run.steps().iter().skip(*told) {
        if listener.tell(TurnEvent::Step(step.clone())).await.is_err() {
            return;
        }
        *told += 1;
    }
}

async fn ask(
    model: &Fallback,
    call: &ModelCall,
    deadline: Deadline,
    hearing: Option<Hearing<'_>>,
    driven: &mut RunReport,
) -> RunEvent {
    let run: RunId = driven.run.id();
    let mut used = Usage::default();
    let asking = async {
        match hearing {
            None => model.generate(&call.prompt, call.temperature, call.max_tokens).await.map(Some),
            Some(Hearing { listener, conversation }) => {
                listener.hear(model, call, (run, conversation), &mut used).await
            }
        }
    };
    let asked = tokio::time::timeout_at(deadline.instant(), asking).await;
    if let Ok(Ok(Some(generation))) = asked {
        return RunEvent::ModelReplied(generation);
    }
    driven.failed_usage = driven.failed_usage + used;
    match asked {
        Ok(Ok(_)) => RunEvent::Cancelled,
        Ok(Err(error)) => RunEvent::ModelFailed(failed(error, &mut driven.failed_retry_stats)),
        Err(_elapsed) => {
            let asked = model.model();
            RunEvent::ModelFailed(LlmFailure {
                provider: asked.provider,
                model: asked.model.clone(),
                kind: FailureKind::DeadlineExceeded,
                retry_after: None,
            })
        }
    }
}

fn failed(error: ModelError, failed_retry_stats: &mut RetryStats) -> LlmFailure {
    tracing::warn!(
        provider = error.model.provider.as_str(),
        model = error.model.model.as_str(),
        fault = error.source.in_full(),
        "no model answered"
    );
    *failed_retry_stats = *failed_retry_stats + error.retry_stats;
    error.into_failure()
}
