//! A turn's ports, request, outcome, metrics and errors.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use super::{CallPorts, DeadlinePassed, RunModels};
use crate::agent::{AgentDefinition, RunLimits, StateName, TransitionError};
use crate::audit::AuditError;
use crate::domain::{
    AgentName, ContextOverflow, ConversationId, LlmFailure, MaxTokens, RunSummary, Temperature, Timestamp, ToolName,
};
use crate::store::{ConversationStore, IdempotencyKey, IdempotencyLedger, LeaseStore, Scope, StoreError};

/// The ports that a turn is performed through.
#[derive(Clone, Copy)]
pub struct TurnPorts<'a> {
    /// The agent's models.
    pub models: &'a RunModels,
    /// What calls are judged by and executed with.
    pub calls: CallPorts<'a>,
    /// Conversations.
    pub store: &'a dyn ConversationStore,
    /// Idempotency keys.
    pub ledger: &'a dyn IdempotencyLedger,
    /// What is open at once.
    pub leases: &'a dyn LeaseStore,
}

/// A request for one turn; [`super::RunContext`] says for whom and in which conversation.
#[derive(Clone, derive_more::Debug)]
pub struct TurnRequest {
    /// The agent.
    pub agent: Arc<AgentDefinition>,
    /// Whether the turn continues a stored conversation; otherwise it creates a new one.
    pub continues: bool,
    /// The caller's prompt.
    #[debug("[{} bytes]", prompt.len())]
    pub prompt: String,
    /// The caller's metadata, which templates of the agent may read.
    #[debug("[{} notes]", metadata.len())]
    pub metadata: BTreeMap<String, String>,
    /// The caller's temperature.
    pub temperature: Option<Temperature>,
    /// The caller's token limit.
    pub max_tokens: Option<MaxTokens>,
    /// The caller's idempotency key.
    pub idempotency: Option<IdempotencyRequest>,
    /// The most runs that a user and a tenant may have open at once, whatever the agent.
    pub run_limits: RunLimits,
    /// When the request arrived.
    pub arrived: Timestamp,
}

/// A client's request to run once, however often it sends the same body under the same key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdempotencyRequest {
    /// The key.
    pub key: IdempotencyKey,
    /// Digest of the request's body.
    pub body_digest: String,
}

/// A stored turn.
#[derive(Clone, derive_more::Debug)]
pub struct TurnOutcome {
    /// The agent.
    pub agent: AgentName,
    /// The conversation.
    pub conversation: ConversationId,
    /// The text that the client receives.
    #[debug("[{} bytes]", output.len())]
    pub output: String,
    /// The run's facts.
    pub facts: RunSummary,
}

/// Why a turn failed. Nothing of it is stored.
#[derive(Debug, thiserror::Error)]
pub enum TurnError {
    /// The caller has no such conversation.
    #[error("the conversation is not found")]
    NotFound,
    /// The conversation belongs to another agent.
    #[error("the conversation belongs to another agent")]
    OtherAgent,
    /// The prompt is longer than the agent accepts.
    #[error("the prompt is over the agent's limit of {limit_bytes} bytes")]
    PromptTooLong {
        /// The limit.
        limit_bytes: usize,
    },
    /// The request asks for a longer answer than the agent allows.
    #[error("max_tokens is over the agent's limit of {limit}")]
    MaxTokensOverLimit {
        /// The limit.
        limit: u32,
    },
    /// As many runs are open as the scope may have.
    #[error("{limit} runs are open, which is the limit")]
    TooManyRuns {
        /// Whose runs they are.
        scope: Scope,
        /// The limit.
        limit: u32,
        /// The time after which the client should try again.
        retry_after: Duration,
    },
    /// The prompt does not fit the model's context.
    #[error("the prompt does not fit the model's context")]
    ContextExceeded(ContextOverflow),
    /// The idempotency key was used with another body.
    #[error("the idempotency key was used with another body")]
    IdempotencyConflict,
    /// A request with the same idempotency key is running.
    #[error("a request with the same idempotency key is running")]
    IdempotencyRunning {
        /// The time after which it has certainly ended.
        retry_after: Duration,
    },
    /// No model answered.
    #[error("no model answered")]
    Model(LlmFailure),
    /// The request lacks something that the agent's states read.
    #[error("the agent reads {pointer}, which the request lacks")]
    MissingInput {
        /// Its place in the request's body (RFC 6901).
        pointer: String,
    },
    /// A template or a condition of a state has no value.
    #[error("the state {state} cannot be evaluated: {reason}")]
    GraphFailed {
        /// The state.
        state: StateName,
        /// The reason.
        reason: &'static str,
    },
    /// A call of the agent's graph failed.
    #[error("the action {action} failed")]
    ActionFailed {
        /// The action.
        action: ToolName,
    },
    /// Policy denied a call of the agent's graph.
    #[error("policy denied the action {action}")]
    Forbidden {
        /// The action.
        action: ToolName,
        /// The policies that denied it.
        policy_ids: BTreeSet<String>,
    },
    /// Policy forbids the caller to invoke the agent.
    #[error("policy forbids the invocation")]
    NotAdmitted {
        /// The policies that forbid it.
        policy_ids: BTreeSet<String>,
    },
    /// An entry of the audit could not be stored, so what it is about did not happen.
    #[error(transparent)]
    NotAudited(#[from] AuditError),
    /// Other turns were committed first until the deadline.
    #[error("other turns were committed first until the deadline")]
    Contention,
    /// The deadline passed.
    #[error("the deadline passed")]
    DeadlineExceeded,
    /// The receiver of the run's events was closed.
    #[error("the client left before the answer was complete")]
    Cancelled,
    /// The store failed.
    #[error(transparent)]
    Store(StoreError),
    /// A bug of the runner.
    #[error(transparent)]
    Transition(#[from] TransitionError),
    /// The run ended without an outcome, which is a bug.
    #[error("the run ended without an outcome")]
    NoOutcome,
}

impl From<StoreError> for TurnError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::NotFound => Self::NotFound,
            // This run's time had passed and another request took the key over, which is running now.
            StoreError::ClaimLost => Self::IdempotencyRunning { retry_after: Duration::from_secs(1) },
            other => Self::Store(other),
        }
    }
}

impl From<DeadlinePassed> for TurnError {
    fn from(DeadlinePassed: DeadlinePassed) -> Self {
        Self::DeadlineExceeded
    }
}
