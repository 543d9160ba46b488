//! The effects that a run requests and the events that it takes in return.

use crate::domain::{Approval, Ask, Generation, GenerationRequest, LlmFailure, ModelRef, Settled, ToolCall};

/// The next thing that a run needs done.
#[derive(Debug, Clone, PartialEq)]
pub enum Effect {
    /// Call the agent's model.
    CallModel(GenerationRequest),
    /// Judge, audit and, if allowed, execute these calls.
    Settle(Vec<ToolCall>),
    /// Wait until a person has decided.
    AwaitApproval(Vec<Ask>),
    /// Nothing more: the run has its outcome.
    Finish,
}

/// The result of an effect.
#[derive(Debug, Clone, PartialEq)]
pub enum RunEvent {
    /// A model replied.
    ModelReplied(Generation),
    /// The call failed after retries and fallbacks.
    ModelFailed(LlmFailure),
    /// The prompt exceeded the model's context: the earlier messages before this one are left out from now on.
    ContextExceeded {
        /// The index of the first earlier message that is kept.
        history_start: usize,
        /// The model that refused the prompt; `None` if the prompt was not sent, because its tokens were counted.
        refused_by: Option<ModelRef>,
    },
    /// All calls of the effect are settled.
    Settled(Vec<Settled>),
    /// Some calls wait for a person; none of the effect's calls has run.
    Parked(Vec<Ask>),
    /// A person has approved calls.
    Approved(Vec<Approval>),
    /// The run was cancelled, or its client disconnected.
    Cancelled,
}
