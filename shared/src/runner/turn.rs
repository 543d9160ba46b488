//! One turn of a conversation: load, run, store. Either all of it is stored or nothing.

use std::sync::Arc;

use super::drive::{RunReport, drive};
use super::event_sink::{EventSink, TurnEvent};
use super::idempotency::{self, RETENTION};
use super::open_run::OpenRun;
use super::run_audit::RunEnd;
use super::settle::{CallGate, admit};
use super::store_retry::{commit, retry_while_busy};
use super::window::WindowLimits;
use super::{RunContext, TurnError, TurnMetrics, TurnOutcome, TurnPorts, TurnRequest};
use crate::agent::{AgentRun, CallerInput, EvaluationError, Outcome, RunFailure, RunInput, RunOutput};
use crate::domain::{FailureKind, LlmFailure, Message, ModelRef, Prompt, RunSummary};
use crate::store::{Base, IdempotencyReceipt, StoreError, TurnCommit, title};

/// The assumed context of a model whose context is not known, in tokens; small, so that it is not exceeded.
const UNKNOWN_CONTEXT_TOKENS: u32 = 8192;

/// Performs a turn. `metrics` receives what it took, also when it fails.
///
/// # Errors
/// [`TurnError`]; nothing is stored then, and an idempotency key is released so that the client may try again.
pub async fn turn(
    ports: TurnPorts<'_>,
    context: &RunContext<'_>,
    request: &TurnRequest,
    metrics: &mut TurnMetrics,
) -> Result<TurnOutcome, TurnError> {
    let limit_bytes = request.agent.max_prompt_bytes;
    // Before the key is claimed: a request that can never run should not occupy it.
    if request.prompt.len() > limit_bytes {
        return Err(TurnError::PromptTooLong { limit_bytes });
    }
    let limit = request.agent.max_tokens_limit;
    if request.max_tokens.is_some_and(|max_tokens| max_tokens > limit) {
        return Err(TurnError::MaxTokensOverLimit { limit: limit.get() });
    }
    let Some(idempotency) = &request.idempotency else { return run_and_store(ports, context, request, metrics).await };
    let claiming = idempotency::claim(&ports, context, request, idempotency);
    if let Some(earlier) = context.deadline.bound(claiming).await?? {
        // The caller may have been forbidden to invoke the agent since.
        admit(ports.calls, context, &request.agent).await?;
        if let Some(events) = context.events {
            // The run has ended before, so a closed receiver changes nothing.
            let _late = context.deadline.bound(replay(events, &earlier)).await;
        }
        if let Some(audit) = context.audit {
            let (prompt, output) = (request.prompt.as_str(), Some(earlier.output.as_str()));
            // The run that has produced the answer, since this request has none of its own.
            let context = &RunContext { run: earlier.facts.run, conversation: earlier.conversation, ..*context };
            audit.close(context, RunEnd { status: "replayed", prompt, output, usage: None }).await?;
        }
        return Ok(earlier);
    }
    let result = run_and_store(ports, context, request, metrics).await;
    if let Err(error) = &result {
        // After a commit without an answer the claim stays: the turn may be stored.
        if !matches!(error, TurnError::DeadlineExceeded | TurnError::Store(StoreError::Unavailable(_))) {
            let releasing = ports.ledger.release(&idempotency.key, context.run);
            // If this fails too, the claim ends by itself 5 s after the deadline.
            let _claim_expires = context.deadline.bound(releasing).await;
        }
    }
    result
}

/// Sends the events of an earlier run: its start, and its output as one delta.
async fn replay(events: &EventSink, earlier: &TurnOutcome) {
    // The earlier run's id, since that run has produced the answer.
    let started = TurnEvent::Started { run: earlier.facts.run, conversation: earlier.conversation };
    if events.start(started).await.is_ok() && !earlier.output.is_empty() {
        let _closed = events.send(TurnEvent::Delta(earlier.output.clone())).await;
    }
}

/// Loads the conversation, drives the run to its outcome, and commits the turn.
async fn run_and_store(
    ports: TurnPorts<'_>,
    context: &RunContext<'_>,
    request: &TurnRequest,
    metrics: &mut TurnMetrics,
) -> Result<TurnOutcome, TurnError> {
    let open = OpenRun::new(ports.leases, context, request);
    let result = run_and_store_open(ports, context, request, metrics, &open).await;
    open.close().await;
    result
}

async fn run_and_store_open(
    ports: TurnPorts<'_>,
    context: &RunContext<'_>,
    request: &TurnRequest,
    metrics: &mut TurnMetrics,
    open: &OpenRun<'_>,
) -> Result<TurnOutcome, TurnError> {
    // Loading is part of the future, since it counts towards the time in which `Started` is due.
    let running = async {
        let grants = admit(ports.calls, context, &request.agent).await?;
        let gate = CallGate::new(grants);
        let Loaded { base, history, limits } = context.deadline.bound(load(ports, context, request)).await??;
        let RunContext { run, clock, .. } = *context;
        let TurnRequest { prompt, metadata, temperature, max_tokens, .. } = request;
        let (prompt, metadata, caller) = (prompt.clone(), metadata.clone(), context.principal.clone());
        let input = CallerInput { prompt, metadata, caller };
        let input = RunInput { history, input, temperature: *temperature, max_tokens: *max_tokens };
        let run = AgentRun::start(Arc::clone(&request.agent), run, input, clock.now());
        Ok::<_, TurnError>((
            base,
            drive(run, (ports.models, ports.calls, gate), (context, open), limits, metrics).await?,
        ))
    };
    // Boxed, since a future of this size would be copied at each step of its way up.
    let running = open.count_while(Box::pin(running));
    let ran = match context.events {
        None => running.await,
        Some(events) => events.start_in_time(context.started(), running).await,
    };
    // A run over a quota is dropped, and a call of it that is open then is billed.
    metrics.break_off(context.clock.now());
    let (base, report) = ran?;
    let answered = answer_of(&report)?;
    // The last moment to cancel: the turn of a client that has left is not stored.
    if context.events.is_some_and(EventSink::is_closed) {
        return Err(TurnError::Cancelled);
    }
    // The receipt holds the same facts, so that a replay returns what the first response returned.
    let facts = facts(context, request, &report, &answered);
    let mut turn = turn_commit(context, request, base, &report, &facts);
    if let Some(audit) = context.audit {
        let (prompt, output) = (request.prompt.as_str(), Some(answered.output.as_str()));
        turn.audit =
            audit.closing(context, RunEnd { status: "succeeded", prompt, output, usage: Some(facts.usage) })?;
    }
    commit(ports.store, context, turn).await?;
    let (agent, conversation) = (request.agent.name.clone(), context.conversation);
    Ok(TurnOutcome { agent, conversation, output: answered.output, facts })
}

/// What a turn starts from.
struct Loaded {
    /// What it is appended to.
    base: Base,
    /// The earlier messages that the model reads.
    history: Vec<Message>,
    /// The limits of what the model reads.
    limits: WindowLimits,
}

/// Loads what the turn is appended to, and the messages that the model reads. A new conversation is not loaded.
async fn load(ports: TurnPorts<'_>, context: &RunContext<'_>, request: &TurnRequest) -> Result<Loaded, TurnError> {
    let agent = &request.agent;
    let mut limits = WindowLimits {
        messages: agent.memory.window_messages,
        context_tokens: agent.context_tokens.unwrap_or(UNKNOWN_CONTEXT_TOKENS),
        max_tokens: request.max_tokens.unwrap_or(agent.max_tokens).get(),
        millibytes_per_token: None,
    };
    // Before the store is read, since the answer would be the same for every conversation.
    check_max_tokens(request, limits.context_tokens)?;
    let (base, mut history) = if request.continues {
        let key = context.conversation_key();
        let loaded = retry_while_busy(context, || ports.store.load(&key, limits.to_load())).await?;
        if loaded.head.agent != agent.name {
            return Err(TurnError::OtherAgent);
        }
        limits.millibytes_per_token = loaded.head.millibytes_per_token;
        (Base::After(loaded.head), loaded.messages.into_iter().map(|stored| stored.message).collect())
    } else {
        // A new id is a random UUID, so nothing can be stored under it yet.
        (Base::New, Vec::new())
    };
    // Instructions and tools stand in every request, so they leave less room for earlier messages.
    let fixed = Prompt { system: agent.system.clone(), messages: Vec::new(), tools: agent.tools.clone() }.size_bytes();
    let history = match limits.fit(&history, fixed + request.prompt.len()) {
        Ok(start) => history.split_off(start),
        // The provider may be able to count whether the prompt fits alone.
        Err(too_large) if limits.is_close(too_large.needed_tokens) => Vec::new(),
        Err(too_large) => return Err(TurnError::ContextExceeded(limits.overflow(too_large.needed_tokens))),
    };
    Ok(Loaded { base, history, limits })
}

/// Refuses a `max_tokens` that leaves no room for any prompt.
fn check_max_tokens(request: &TurnRequest, context_tokens: u32) -> Result<(), TurnError> {
    let Some(max_tokens) = request.max_tokens.filter(|tokens| tokens.get() >= context_tokens) else { return Ok(()) };
    let ModelRef { provider, model } = request.agent.model.clone();
    let detail = format!(
        "max_tokens is {}, and the context of {model} has {context_tokens} tokens, the prompt included",
        max_tokens.get()
    );
    let kind = FailureKind::Unsupported { member: "max_tokens", detail };
    Err(TurnError::Model(LlmFailure { provider, model, kind, retry_after: None }))
}

/// Returns the run's answer, or the error that its outcome stands for.
fn answer_of(report: &RunReport) -> Result<RunOutput, TurnError> {
    match report.run.outcome() {
        Some(Outcome::Completed(answered)) => Ok(answered.clone()),
        // A run does not know deadlines, so the runner reports its own as a failed model call.
        Some(Outcome::Failed(RunFailure::Model(failure))) if failure.kind == FailureKind::DeadlineExceeded => {
            Err(TurnError::DeadlineExceeded)
        }
        Some(Outcome::Failed(RunFailure::Model(failure))) => Err(TurnError::Model(failure.clone())),
        Some(Outcome::Failed(RunFailure::Graph { state, fault })) => Err(match fault.clone() {
            EvaluationError::UndefinedInput { pointer } => TurnError::MissingInput { pointer },
            EvaluationError::Failed(reason) => TurnError::GraphFailed { state: state.clone(), reason },
        }),
        Some(Outcome::Failed(RunFailure::Action { action })) => Err(TurnError::ActionFailed { action: action.clone() }),
        Some(Outcome::Failed(RunFailure::Forbidden { action, policy_ids })) => {
            Err(TurnError::Forbidden { action: action.clone(), policy_ids: policy_ids.clone() })
        }
        Some(Outcome::Failed(RunFailure::Cancelled)) => Err(TurnError::Cancelled),
        Some(Outcome::Failed(RunFailure::LostState(_))) | None => Err(TurnError::NoOutcome),
    }
}

/// Returns what the client and the idempotency receipt are given besides the output.
fn facts(context: &RunContext<'_>, request: &TurnRequest, report: &RunReport, answered: &RunOutput) -> RunSummary {
    let served_by = report.run.served_by();
    let latency = context.clock.now().since(request.arrived).as_millis();
    RunSummary {
        run: report.run.id(),
        provider: served_by.provider,
        model: served_by.model.clone(),
        stop_reason: answered.stop_reason,
        usage: report.run.usage(),
        steps: report.run.steps().to_vec(),
        latency_ms: u64::try_from(latency).unwrap_or(u64::MAX),
    }
}

/// Builds the transaction's content.
fn turn_commit(
    context: &RunContext<'_>,
    request: &TurnRequest,
    base: Base,
    report: &RunReport,
    facts: &RunSummary,
) -> TurnCommit {
    // Taken once: after a lost answer the very same turn must be sent again, its time included.
    let now = context.clock.now();
    let messages = report.run.turn_messages().to_vec();
    let receipt = request.idempotency.as_ref().map(|idempotency| IdempotencyReceipt {
        key: idempotency.key.clone(),
        body_digest: idempotency.body_digest.clone(),
        // A turn ends with the reply.
        output_index: messages.len().saturating_sub(1),
        facts: facts.clone(),
        expires_at: now.plus(RETENTION),
    });
    TurnCommit {
        key: context.conversation_key(),
        run: report.run.id(),
        attempt: 0,
        agent: request.agent.name.clone(),
        title: title(&request.prompt),
        base,
        messages,
        now,
        expires_at: now.plus(request.agent.memory.retention),
        millibytes_per_token: report.millibytes_per_token,
        receipt,
        audit: Vec::new(),
    }
}
