//! Drives a run to its outcome.

use std::time::Duration;

use super::Deadline;
use super::settle::settle;
use crate::agent::{AgentRun, Effect, ModelCall, RunEvent, TransitionError};
use crate::domain::{Clock, Effort, FailureKind, LlmFailure};
use crate::llm::Fallback;

/// A finished run and what it took.
#[derive(Debug)]
pub struct Driven {
    /// The run, with its outcome.
    pub run: AgentRun,
    /// Time spent waiting for models.
    pub llm_latency: Duration,
    /// Retries and fallbacks of calls that failed in the end; those that succeeded are the run's.
    pub failed_effort: Effort,
    /// Bytes of the last prompt, to set against the tokens that it used.
    pub prompt_bytes: usize,
}

/// Performs effects until the run has its outcome.
///
/// # Errors
/// [`TransitionError`] is a bug of the runner.
pub async fn drive(
    run: AgentRun,
    model: &Fallback,
    clock: &dyn Clock,
    deadline: Deadline,
) -> Result<Driven, TransitionError> {
    let mut driven = Driven { run, llm_latency: Duration::ZERO, failed_effort: Effort::default(), prompt_bytes: 0 };
    loop {
        let event = match driven.run.next_effect() {
            Effect::CallModel(call) => {
                driven.prompt_bytes = call.prompt.size_bytes();
                let asked = clock.now();
                let event = ask(model, &call, deadline, &mut driven.failed_effort).await;
                driven.llm_latency += clock.now().since(asked);
                event
            }
            Effect::Settle(calls) => RunEvent::Settled(settle(calls)),
            // Nobody can be asked yet, and nothing parks.
            Effect::AwaitApproval(_) => RunEvent::Cancelled,
            Effect::Finish => return Ok(driven),
        };
        driven.run = driven.run.apply(event, clock.now())?;
    }
}

async fn ask(model: &Fallback, call: &ModelCall, deadline: Deadline, failed_effort: &mut Effort) -> RunEvent {
    let asked = model.generate(&call.prompt, call.temperature, call.max_tokens);
    match tokio::time::timeout_at(deadline.instant(), asked).await {
        Ok(Ok(generation)) => RunEvent::ModelReplied(generation),
        Ok(Err(error)) => {
            tracing::warn!(
                provider = error.model.provider.as_str(),
                model = error.model.model.as_str(),
                fault = error.source.in_full(),
                "no model answered"
            );
            *failed_effort = *failed_effort + error.effort;
            RunEvent::ModelFailed(error.into_failure())
        }
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
