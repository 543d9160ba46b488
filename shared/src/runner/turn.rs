//! One turn of a conversation: load, fit, run, store. Either all of it is stored or nothing.

use std::sync::Arc;

use super::idempotency::{self, KEPT};
use super::listen::{Listener, TurnEvent};
use super::patience::{again_while_busy, store};
use super::{Hearing, RunReport, TurnError, TurnMetrics, TurnOutcome, TurnPorts, TurnRequest, drive};
use crate::agent::{AgentRun, Answered, Outcome, RunFailure, RunRequest};
use crate::domain::{AnswerFacts, ConversationId, FailureKind, LlmFailure, Message, ModelRef, Prompt, RunId};
use crate::store::{
    Base, ConversationKey, IdempotencyReceipt, StoreError, TurnCommit, WindowLimits, corrected_millibytes_per_token,
    title,
};

/// The context of a model of which none is known, in tokens; small, so that it is not overrun.
const UNKNOWN_CONTEXT: u32 = 8192;

/// Performs a turn. `spent` tells what it took, for the metrics, also where it fails.
///
/// # Errors
/// [`TurnError`]; nothing is stored then, and an idempotency key is given up so that the client may try again.
pub async fn take_turn(
    ports: TurnPorts<'_>,
    request: TurnRequest,
    spent: &mut TurnMetrics,
) -> Result<TurnOutcome, TurnError> {
    let limit_bytes = request.agent.max_prompt_bytes;
    if request.prompt.len() > limit_bytes {
        return Err(TurnError::PromptTooLong { limit_bytes });
    }
    let run = RunId::new(ports.random.uuid());
    let Some(wish) = &request.idempotency else { return by_deadline(ports, &request, run, spent).await };
    let claim = idempotency::claim(&ports, &request, wish, run);
    if let Some(answer) =
        tokio::time::timeout_at(request.deadline.instant(), claim).await.map_err(|_| TurnError::DeadlineExceeded)??
    {
        if let Some(listener) = ports.listener {
            let telling = replay(listener, &answer);
            // The run was over before: whether anybody still listens changes nothing.
            let _late = tokio::time::timeout_at(request.deadline.instant(), telling).await;
        }
        return Ok(answer);
    }
    let result = by_deadline(ports, &request, run, spent).await;
    if let Err(error) = &result {
        // After a commit whose answer is unknown the claim stays: the turn may be stored.
        if !matches!(error, TurnError::DeadlineExceeded | TurnError::Store(StoreError::Unavailable(_))) {
            let releasing = ports.ledger.release(&wish.key, run);
            let _claim_ends_by_itself = tokio::time::timeout_at(request.deadline.instant(), releasing).await;
        }
    }
    result
}

/// Tells of an earlier run what there is to tell: its answer, in one piece.
async fn replay(listener: &Listener, answer: &TurnOutcome) {
    if listener.start(answer.facts.run, answer.conversation).await.is_ok() && !answer.output.is_empty() {
        let _gone = listener.tell(TurnEvent::Delta(answer.output.clone())).await;
    }
}

async fn by_deadline(
    ports: TurnPorts<'_>,
    request: &TurnRequest,
    run: RunId,
    spent: &mut TurnMetrics,
) -> Result<TurnOutcome, TurnError> {
    let key = ConversationKey {
        tenant: request.principal.tenant.clone(),
        owner: request.principal.user.clone(),
        conversation: request.conversation.unwrap_or_else(|| ConversationId::new(ports.random.uuid())),
    };
    let conversation = key.conversation;
    let hearing = ports.listener.map(|listener| Hearing { listener, conversation });
    let running = load_and_drive(ports, request, run, &key, hearing);
    let (base, driven) = match ports.listener {
        None => running.await?,
        Some(listener) => listener.not_kept_waiting(run, conversation, running).await?,
    };
    *spent = TurnMetrics {
        asked: Some(driven.run.served_by().clone()),
        llm_latency: Some(driven.llm_latency),
        usage: driven.run.usage() + driven.failed_usage,
        retry_stats: driven.run.retry_stats() + driven.failed_retry_stats,
    };
    let answered = answer_of(&driven)?;
    if ports.listener.is_some_and(Listener::is_gone) {
        return Err(TurnError::Cancelled);
    }
    let facts = facts(ports, request, &driven, &answered);
    let turn = turn_commit(ports, request, key, base, &driven, &facts);
    store(ports, request.deadline, turn).await?;
    Ok(TurnOutcome { agent: request.agent.name.clone(), conversation, output: answered.output, facts })
}

async fn load_and_drive(
    ports: TurnPorts<'_>,
    request: &TurnRequest,
    run: RunId,
    key: &ConversationKey,
    hearing: Option<Hearing<'_>>,
) -> Result<(Base, RunReport), TurnError> {
    let loaded = tokio::time::timeout_at(request.deadline.instant(), load(ports, request, key)).await;
    let (base, history) = loaded.map_err(|_elapsed| TurnError::DeadlineExceeded)??;
    let start = RunRequest {
        history,
        prompt: request.prompt.clone(),
        temperature: request.temperature,
        max_tokens: request.max_tokens,
    };
    let started = AgentRun::start(Arc::clone(&request.agent), run, start, ports.clock.now());
    let driven = drive(started, ports.model, ports.clock, request.deadline, hearing).await?;
    Ok((base, driven))
}

/// What the turn is appended to, and what of it the model reads. A new conversation is not asked for.
async fn load(
    ports: TurnPorts<'_>,
    request: &TurnRequest,
    key: &ConversationKey,
) -> Result<(Base, Vec<Message>), TurnError> {
    let agent = &request.agent;
    let mut limits = WindowLimits {
        messages: agent.memory.window_messages,
        context_tokens: agent.context_tokens.unwrap_or(UNKNOWN_CONTEXT),
        max_tokens: request.max_tokens.unwrap_or(agent.max_tokens).get(),
        millibytes_per_token: None,
    };
    check_max_tokens(request, limits.context_tokens)?;
    let base = if request.conversation.is_some() {
        let loaded = again_while_busy(ports, || ports.store.load(key, limits.to_load())).await?;
        if loaded.head.agent != agent.name {
            return Err(TurnError::OtherAgent);
        }
        limits.millibytes_per_token = loaded.head.millibytes_per_token;
        Some(loaded)
    } else {
        None
    };
    let fixed = Prompt { system: agent.system.clone(), messages: Vec::new(), tools: agent.tools.clone() }.size_bytes();
    let stored = base.as_ref().map_or(&[][..], |loaded| loaded.messages.as_slice());
    let too_large = |_| TurnError::ContextExceeded { context_tokens: limits.context_tokens };
    let window = limits.fit(stored, fixed + request.prompt.len()).map_err(too_large)?;
    let history = window.iter().map(|one| one.message.clone()).collect();
    Ok((base.map_or(Base::New, |loaded| Base::After(loaded.head)), history))
}

/// A limit that leaves no room for a prompt is the caller's fault, not the prompt's.
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

fn answer_of(driven: &RunReport) -> Result<Answered, TurnError> {
    match driven.run.outcome() {
        Some(Outcome::Answered(answered)) => Ok(answered.clone()),
        Some(Outcome::Failed(RunFailure::Model(failure))) if failure.kind == FailureKind::DeadlineExceeded => {
            Err(TurnError::DeadlineExceeded)
        }
        Some(Outcome::Failed(RunFailure::Model(failure))) => Err(TurnError::Model(failure.clone())),
        Some(Outcome::Failed(RunFailure::Cancelled)) => Err(TurnError::Cancelled),
        Some(Outcome::Failed(RunFailure::LostState(_))) | None => Err(TurnError::NoOutcome),
    }
}

fn facts(ports: TurnPorts<'_>, request: &TurnRequest, driven: &RunReport, answered: &Answered) -> AnswerFacts {
    let served_by = driven.run.served_by();
    let latency = ports.clock.now().since(request.arrived).as_millis();
    AnswerFacts {
        run: driven.run.id(),
        provider: served_by.provider,
        model: served_by.model.clone(),
        stop_reason: answered.stop_reason,
        usage: driven.run.usage(),
        steps: driven.run.steps().to_vec(),
        latency_ms: u64::try_from(latency).unwrap_or(u64::MAX),
    }
}

fn turn_commit(
    ports: TurnPorts<'_>,
    request: &TurnRequest,
    key: ConversationKey,
    base: Base,
    driven: &RunReport,
    facts: &AnswerFacts,
) -> TurnCommit {
    let now = ports.clock.now();
    let messages = driven.run.turn_messages().to_vec();
    let known = if let Base::After(head) = &base { head.millibytes_per_token } else { None };
    let receipt = request.idempotency.as_ref().map(|wish| IdempotencyReceipt {
        key: wish.key.clone(),
        body_digest: wish.body_digest.clone(),
        output_index: messages.len().saturating_sub(1),
        facts: facts.clone(),
        expires_at: now.plus(KEPT),
    });
    // With several calls the sum of tokens says nothing of the last prompt.
    let last_input = driven.run.steps().iter().rev().find_map(|step| step.usage).map_or(0, |usage| usage.input_tokens);
    TurnCommit {
        key,
        run: driven.run.id(),
        attempt: 0,
        agent: request.agent.name.clone(),
        title: title(&request.prompt),
        base,
        messages,
        now,
        expires_at: now.plus(request.agent.memory.retention),
        millibytes_per_token: corrected_millibytes_per_token(known, driven.prompt_bytes, last_input),
        receipt,
    }
}
