//! The effects that a run requests and the events that it takes in return.

use std::time::Duration;

use crate::domain::{Approval, Ask, Generation, GenerationRequest, LlmFailure, ModelRef, Settled, ToolCall, Usage};

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

/// A model that was asked about calls before they were judged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Consultation {
    /// The name of its step.
    pub name: &'static str,
    /// The model that answered, or that failed last.
    pub served_by: ModelRef,
    /// How long it took.
    pub latency: Duration,
    /// The tokens, if it answered.
    pub usage: Option<Usage>,
    /// The outcome of its step.
    pub outcome: &'static str,
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
    /// Models were asked about the calls of the effect, which are not settled yet.
    Consulted(Vec<Consultation>),
    /// All calls of the effect are settled.
    Settled(Vec<Settled>),
    /// Some calls wait for a person; none of the effect's calls has run.
    Parked(Vec<Ask>),
    /// A person has approved calls.
    Approved(Vec<Approval>),
    /// The run was cancelled, or its client disconnected.
    Cancelled,
}
