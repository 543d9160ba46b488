//! The loop: performs a run's effects until the run has its outcome.

use super::context_guard::ContextGuard;
use super::event_sink::{EventSink, TurnEvent};
use super::open_run::OpenRun;
use super::settle::{CallGate, CallPorts, Settlement, Settling};
use super::stream_model::{complete_model, stream_model};
use super::window::WindowLimits;
use super::{DeadlinePassed, RunContext, RunModels, TurnError, TurnMetrics};
use crate::agent::{AgentRun, Effect, Outcome, RunEvent};
use crate::domain::{FailureKind, Generation, GenerationRequest, LlmFailure, Message, ModelRef, Role};
use crate::llm::{Fallback, LlmError, ModelError};

/// The bytes that the model's replies of a turn may take where they are stored. With the outputs of actions, the prompt and the
/// audit's entries they stay below what one transaction holds, 4 MB.
const MAX_REPLY_BYTES: usize = 1_200_000;

/// A finished run, and what it has taught about the size of prompts.
#[derive(Debug)]
pub(super) struct RunReport {
    /// The run, with its outcome.
    pub(super) run: AgentRun,
    /// Bytes per token, in thousandths; see [`crate::store::Head::millibytes_per_token`].
    pub(super) millibytes_per_token: Option<u32>,
}

/// Performs effects until the run has its outcome. Text and steps go to the context's event sink, if it has one, and what
/// the calls took to `metrics`.
///
/// # Errors
/// [`TurnError::DeadlineExceeded`] if the deadline passes while calls are settled. [`TurnError::Transition`] is a bug of the
/// runner.
pub(super) async fn drive(
    mut run: AgentRun,
    (models, ports, mut gate): (&RunModels, CallPorts<'_>, CallGate),
    (context, open): (&RunContext<'_>, &OpenRun<'_>),
    limits: WindowLimits,
    metrics: &mut TurnMetrics,
) -> Result<RunReport, TurnError> {
    let mut guard = ContextGuard::new(limits);
    let mut steps_sent = 0;
    loop {
        let event = match run.next_effect() {
            Effect::CallModel(request) => {
                let model = models.of(run.state());
                call_model(&run, model, &request, context, &mut guard, metrics).await
            }
            Effect::Settle(calls) => {
                let settling = Settling { run: &run, ports, models, context, open, room_bytes: guard.room_bytes(&run) };
                let settlement = until_closed(context.events, gate.settle(calls, &settling, metrics)).await;
                if settlement.is_none() {
                    gate.abandon(&settling).await;
                }
                match settlement.transpose()? {
                    Some(Settlement { settled, consulted }) => {
                        if !consulted.is_empty() {
                            run = run.apply(RunEvent::Consulted(consulted), context.clock.now())?;
                        }
                        RunEvent::Settled(settled)
                    }
                    None => RunEvent::Cancelled,
                }
            }
            // Approvals need a queue to wait in; without one nothing parks.
            Effect::AwaitApproval(_) => RunEvent::Cancelled,
            Effect::Finish => {
                if let Some(events) = context.events {
                    let _late = context.deadline.bound(send_output(events, &run, context, &mut steps_sent)).await;
                }
                return Ok(RunReport { run, millibytes_per_token: guard.millibytes_per_token() });
            }
        };
        run = run.apply(event, context.clock.now())?;
        if let Some(events) = context.events {
            let sending = send_steps(events, &run, &mut steps_sent);
            // The next effect notices a closed receiver or a passed deadline.
            let _late = context.deadline.bound(sending).await;
        }
    }
}

/// Runs `work` until it is done, or until the receiver of the events is closed; returns `None` then.
async fn until_closed<T>(events: Option<&EventSink>, work: impl Future<Output = T>) -> Option<T> {
    let Some(events) = events else { return Some(work.await) };
    tokio::select! {
        biased;
        () = events.closed() => None,
        done = work => Some(done),
    }
}

/// Sends the steps that are new, or has them sent with the start.
async fn send_steps(events: &EventSink, run: &AgentRun, sent: &mut usize) {
    for step in run.steps().iter().skip(*sent) {
        let event = TurnEvent::Step(step.clone());
        if !events.has_started() {
            events.hold(event);
        } else if events.send(event).await.is_err() {
            return;
        }
        *sent += 1;
    }
}

/// Sends the output in one piece, unless it was streamed, after the steps that wait for the start.
async fn send_output(events: &EventSink, run: &AgentRun, context: &RunContext<'_>, steps_sent: &mut usize) {
    let Some(Outcome::Completed(answered)) = run.outcome() else { return };
    if run.output_was_streamed() || events.start(context.started()).await.is_err() {
        return;
    }
    send_steps(events, run, steps_sent).await;
    if !answered.output.is_empty() {
        // The turn notices a closed receiver before it is stored.
        let _closed = events.send(TurnEvent::Delta(answered.output.clone())).await;
    }
}

/// Calls the model, streaming where the client may read the text as it arrives. A prompt that is known to exceed the model's context is
/// not sent.
async fn call_model(
    run: &AgentRun,
    model: &Fallback,
    request: &GenerationRequest,
    context: &RunContext<'_>,
    guard: &mut ContextGuard,
    metrics: &mut TurnMetrics,
) -> RunEvent {
    let prompt = &request.prompt;
    let called_at = context.clock.now();
    if let Some(overflow) = guard.overflow(prompt, model, context, run).await {
        return guard.react(overflow, run, prompt, model.model(), false);
    }
    let meter = metrics.begin_call(model.model(), guard.estimate(prompt), called_at);
    let calling = async {
        match context.events {
            None => model.complete(request, &meter).await.map(Some),
            Some(events) if run.streams() => stream_model(model, request, context, events, &meter).await,
            Some(events) => complete_model(model, request, context, events, &meter).await,
        }
    };
    let called = context.deadline.bound(calling).await;
    let now = context.clock.now();
    match called {
        Ok(Ok(Some(generation))) => {
            guard.learn(prompt.size_bytes(), generation.usage);
            metrics.end_call(now);
            if is_storable(run, &generation) {
                RunEvent::ModelReplied(generation)
            } else {
                let ModelRef { provider, model } = generation.served_by;
                let kind = FailureKind::Malformed("replies that are longer than a turn may store");
                RunEvent::ModelFailed(LlmFailure { provider, model, kind, retry_after: None })
            }
        }
        // Only `None` is left: the receiver of the events is closed.
        Ok(Ok(None)) => {
            metrics.break_off(now);
            RunEvent::Cancelled
        }
        Ok(Err(error)) => {
            let overflow = match &error.source {
                // A model that has begun to answer has read the whole prompt.
                LlmError::ContextExceeded(overflow) if !meter.has_output() => Some(*overflow),
                _ => None,
            };
            metrics.fail_call(&error.source, now);
            // Logged here, since the failure that the client reads does not carry the error's cause.
            log_failure(&error);
            match overflow {
                Some(overflow) => {
                    guard.learn_from_refusal(prompt, overflow);
                    guard.react(overflow, run, prompt, &error.model, true)
                }
                None => RunEvent::ModelFailed(error.into_failure()),
            }
        }
        Err(DeadlinePassed) => {
            metrics.break_off(now);
            let ModelRef { provider, model } = metrics.model.clone().unwrap_or_else(|| model.model().clone());
            RunEvent::ModelFailed(LlmFailure {
                provider,
                model,
                kind: FailureKind::DeadlineExceeded,
                retry_after: None,
            })
        }
    }
}

/// Returns whether a turn can still be stored with this reply.
fn is_storable(run: &AgentRun, generation: &Generation) -> bool {
    let replies = run.turn_messages().iter().filter(|message| message.role == Role::Assistant);
    let bytes = replies.chain([&generation.message]).map(Message::stored_bytes).sum::<usize>();
    bytes <= MAX_REPLY_BYTES
}

fn log_failure(error: &ModelError) {
    let (provider, model) = (error.model.provider.as_str(), error.model.model.as_str());
    if let LlmError::ContextExceeded(overflow) = error.source {
        // The caller can mend it, so it is not a warning.
        let (needed_tokens, context_tokens) = (overflow.needed_tokens, overflow.context_tokens);
        tracing::info!(provider, model, needed_tokens, context_tokens, "the prompt exceeds the model's context");
        return;
    }
    tracing::warn!(provider, model, fault = error.source.with_cause(), "no model answered");
}
