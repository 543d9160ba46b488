//! What a turn is performed with, what is asked of it, and what comes of it.

use std::sync::Arc;
use std::time::Duration;

use super::{Deadline, IdempotencyRequest, Listener};
use crate::agent::{AgentDefinition, TransitionError};
use crate::domain::{
    AgentName, AnswerFacts, Clock, ConversationId, LlmFailure, MaxTokens, ModelRef, Principal, Random, RetryStats,
    Temperature, Timestamp, Usage,
};
use crate::llm::Fallback;
use crate::store::{ConversationStore, IdempotencyLedger, StoreError};

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
    pub random: &'a dyn Random,
    /// Who hears of the turn while it runs; none where the whole answer is waited for.
    pub listener: Option<&'a Listener>,
}

/// Who listens to a run, and what they are told of it at its start.
#[derive(Debug, Clone, Copy)]
pub struct Hearing<'a> {
    /// Who listens.
    pub listener: &'a Listener,
    /// The conversation that the turn will be stored in.
    pub conversation: ConversationId,
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
pub struct TurnOutcome {
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
pub struct TurnMetrics {
    /// The model asked last; none where none was asked.
    pub asked: Option<ModelRef>,
    /// Time spent waiting for models, likewise.
    pub llm_latency: Option<Duration>,
    /// Tokens.
    pub usage: Usage,
    /// Retries and fallbacks.
    pub retry_stats: RetryStats,
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
    /// Nobody listens any more.
    #[error("the listener left before the answer was whole")]
    Cancelled,
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
