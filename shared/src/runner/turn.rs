//! One turn of a conversation: load, fit, run, store. Either all of it is stored or nothing.

use std::sync::Arc;
use std::time::Duration;

use super::idempotency::{self, IdempotencyRequest, KEPT};
use super::{Deadline, Driven, drive};
use crate::agent::{AgentDefinition, AgentRun, Answered, Outcome, RunFailure, RunRequest, TransitionError};
use crate::domain::{
    AgentName, AnswerFacts, Chance, Clock, ConversationId, Effort, FailureKind, LlmFailure, MaxTokens, Message,
    ModelRef, Principal, Prompt, RunId, Temperature, Timestamp, Usage,
};
use crate::llm::Fallback;
use crate::memory::{
    Base, ConversationKey, ConversationStore, Head, IdempotencyLedger, IdempotencyReceipt, StoreError, TurnCommit,
    WindowLimits, corrected_millibytes_per_token, title,
};

/// The context of a model of which none is known, in tokens; small, so that it is not overrun.
const UNKNOWN_CONTEXT: u32 = 8192;

/// How often a busy store is asked.
const BUSY_ATTEMPTS: u32 = 5;

/// The first bound of a wait.
const FIRST_WAIT: Duration = Duration::from_millis(20);

/// The longest wait before a turn that lost is committed again; the wait is random below a doubling bound.
const LONGEST_WAIT: Duration = Duration::from_millis(800);

/// What a turn is performed with.
#[derive(Clone, Copy)]
pub struct TurnPorts<'a> {
    /// The agent's models.
    pub model: &'a Fallback,
    /// Conversations.
    pub store: &'a dyn ConversationStore,
    /// Idempotency keys.
    pub ledger: &'a dyn IdempotencyLedger,
    /// Time.
    pub clock: &'a dyn Clock,
    /// Ids and jitter.
    pub chance: &'a dyn Chance,
}

/// What a caller wants.
#[derive(Debug, Clone)]
pub struct TurnRequest {
    /// Who asks.
    pub principal: Principal,
    /// Whom.
    pub agent: Arc<AgentDefinition>,
    /// In which conversation; a new one where none is named.
    pub conversation: Option<ConversationId>,
    /// What.
    pub prompt: String,
    /// The caller's temperature.
    pub temperature: Option<Temperature>,
    /// The caller's token limit.
    pub max_tokens: Option<MaxTokens>,
    /// The caller's idempotency key.
    pub idempotency: Option<IdempotencyRequest>,
    /// When the request arrived.
    pub arrived: Timestamp,
    /// When the answer is due.
    pub deadline: Deadline,
}

/// A stored turn's answer.
#[derive(Debug, Clone)]
pub struct TurnAnswer {
    /// The agent.
    pub agent: AgentName,
    /// The conversation.
    pub conversation: ConversationId,
    /// What the client gets.
    pub output: String,
    /// The run's facts.
    pub facts: AnswerFacts,
}

/// What a turn has spent, whether it came to an answer or not.
#[derive(Debug, Clone, Default)]
pub struct Spent {
    /// The model asked last; none where none was asked.
    pub asked: Option<ModelRef>,
    /// Time spent waiting for models, likewise.
    pub llm_latency: Option<Duration>,
    /// Tokens.
    pub usage: Usage,
    /// Retries and fallbacks.
    pub effort: Effort,
}

/// Why a turn has no answer. Nothing of it is stored.
#[derive(Debug, thiserror::Error)]
pub enum TurnError {
    /// There is no such conversation for this caller.
    #[error("the conversation is not found")]
    NotFound,
    /// The conversation belongs to another agent.
    #[error("the conversation belongs to another agent")]
    OtherAgent,
    /// The prompt is longer than the agent takes.
    #[error("the prompt is over the agent's limit of {limit_bytes} bytes")]
    PromptTooLong {
        /// The limit.
        limit_bytes: usize,
    },
    /// The prompt does not fit the model's context.
    #[error("the prompt does not fit the model's context of {context_tokens} tokens")]
    ContextExceeded {
        /// The model's context.
        context_tokens: u32,
    },
    /// The key was used with another body.
    #[error("the idempotency key was used with another body")]
    IdempotencyConflict,
    /// A twin of the request is running.
    #[error("a request with the same idempotency key is running")]
    IdempotencyRunning {
        /// When it is over at the latest.
        retry_after: Duration,
    },
    /// No model answered.
    #[error("no model answered")]
    Model(LlmFailure),
    /// Other turns came first until the deadline.
    #[error("other turns came first until the deadline")]
    Contention,
    /// The deadline came first.
    #[error("the deadline came first")]
    DeadlineExceeded,
    /// Memory failed.
    #[error(transparent)]
    Store(StoreError),
    /// The runner's own fault.
    #[error(transparent)]
    Transition(#[from] TransitionError),
    /// The run ended where no run of this part can end.
    #[error("the run ended without an outcome")]
    NoOutcome,
}

impl From<StoreError> for TurnError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::NotFound => Self::NotFound,
            StoreError::ClaimLost => Self::IdempotencyRunning { retry_after: Duration::from_secs(1) },
            other => Self::Store(other),
        }
    }
}

/// Performs a turn. `spent` tells what it took, for the metrics, also where it fails.
///
/// # Errors
/// [`TurnError`]; nothing is stored then, and an idempotency key is given up so that the client may try again.
pub async fn take_turn(ports: TurnPorts<'_>, request: TurnRequest, spent: &mut Spent) -> Result<TurnAnswer, TurnError> {
    let limit_bytes = request.agent.max_prompt_bytes;
    if request.prompt.len() > limit_bytes {
        return Err(TurnError::PromptTooLong { limit_bytes });
    }
    let run = RunId::new(ports.chance.uuid());
    let Some(wish) = &request.idempotency else { return by_deadline(ports, &request, run, spent).await };
    let claim = idempotency::claim(&ports, &request, wish, run);
    if let Some(answer) =
        tokio::time::timeout_at(request.deadline.instant(), claim).await.map_err(|_| TurnError::DeadlineExceeded)??
    {
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

async fn by_deadline(
    ports: TurnPorts<'_>,
    request: &TurnRequest,
    run: RunId,
    spent: &mut Spent,
) -> Result<TurnAnswer, TurnError> {
    let key = ConversationKey {
        tenant: request.principal.tenant.clone(),
        owner: request.principal.user.clone(),
        conversation: request.conversation.unwrap_or_else(|| ConversationId::new(ports.chance.uuid())),
    };
    let conversation = key.conversation;
    let loaded = tokio::time::timeout_at(request.deadline.instant(), load(ports, request, &key)).await;
    let (base, history) = loaded.map_err(|_elapsed| TurnError::DeadlineExceeded)??;
    let start = RunRequest {
        history,
        prompt: request.prompt.clone(),
        temperature: request.temperature,
        max_tokens: request.max_tokens,
    };
    let started = AgentRun::start(Arc::clone(&request.agent), run, start, ports.clock.now());
    let driven = drive(started, ports.model, ports.clock, request.deadline).await?;
    *spent = Spent {
        asked: Some(driven.run.served_by().clone()),
        llm_latency: Some(driven.llm_latency),
        usage: driven.run.usage(),
        effort: driven.run.effort() + driven.failed_effort,
    };
    let answered = answer_of(&driven)?;
    let facts = facts(ports, request, &driven, &answered);
    let turn = turn_commit(ports, request, key, base, &driven, &facts);
    store(ports, request.deadline, turn).await?;
    Ok(TurnAnswer { agent: request.agent.name.clone(), conversation, output: answered.output, facts })
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

fn answer_of(driven: &Driven) -> Result<Answered, TurnError> {
    match driven.run.outcome() {
        Some(Outcome::Answered(answered)) => Ok(answered.clone()),
        Some(Outcome::Failed(RunFailure::Model(failure))) if failure.kind == FailureKind::DeadlineExceeded => {
            Err(TurnError::DeadlineExceeded)
        }
        Some(Outcome::Failed(RunFailure::Model(failure))) => Err(TurnError::Model(failure.clone())),
        Some(Outcome::Failed(RunFailure::Cancelled | RunFailure::LostState(_))) | None => Err(TurnError::NoOutcome),
    }
}

fn facts(ports: TurnPorts<'_>, request: &TurnRequest, driven: &Driven, answered: &Answered) -> AnswerFacts {
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
    driven: &Driven,
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

/// Commits, and where another turn came first, appends behind it; without asking the model again.
async fn store(ports: TurnPorts<'_>, deadline: Deadline, mut turn: TurnCommit) -> Result<Head, TurnError> {
    let (mut lost, mut busy, mut trouble) = (0, 0, None);
    let committing = async {
        loop {
            match ports.store.commit(&turn).await {
                Ok(head) => return Ok(head),
                Err(StoreError::Contention { head }) => {
                    lost += 1;
                    pause(ports, lost).await;
                    if let Some(head) = head {
                        turn.base = Base::After(*head);
                        turn.attempt += 1;
                    }
                }
                // The same run and attempt again is the same turn, so an answer lost on the wire cannot double it.
                Err(error @ (StoreError::Throttled | StoreError::Unavailable(_))) if busy < BUSY_ATTEMPTS => {
                    busy += 1;
                    trouble = Some(error);
                    pause(ports, busy).await;
                }
                Err(error) => return Err(TurnError::from(error)),
            }
        }
    };
    match tokio::time::timeout_at(deadline.instant(), committing).await {
        Ok(stored) => stored,
        Err(_elapsed) if lost > 0 => Err(TurnError::Contention),
        Err(_elapsed) => Err(trouble.map_or(TurnError::DeadlineExceeded, TurnError::from)),
    }
}

/// Asks again while the store is busy, a few times; once where it does not answer, since it was asked several times
/// already and the caller should know.
pub(super) async fn again_while_busy<T, F>(ports: TurnPorts<'_>, mut read: impl FnMut() -> F) -> Result<T, StoreError>
where
    F: Future<Output = Result<T, StoreError>>,
{
    let mut attempt = 1;
    loop {
        match read().await {
            Err(error) if error.is_transient() && attempt < BUSY_ATTEMPTS => {
                pause(ports, attempt).await;
                attempt = if matches!(error, StoreError::Unavailable(_)) { BUSY_ATTEMPTS } else { attempt + 1 };
            }
            result => return result,
        }
    }
}

/// Full jitter: anywhere from now to a bound that doubles.
async fn pause(ports: TurnPorts<'_>, attempt: u32) {
    let bound = FIRST_WAIT.saturating_mul(1 << attempt.min(10)).min(LONGEST_WAIT);
    tokio::time::sleep(bound.mul_f64(ports.chance.fraction())).await;
}
