//! What a run wants done, and what it is told came of it.

use crate::domain::{Approval, Ask, Generation, LlmFailure, MaxTokens, Prompt, Settled, Temperature, ToolCall};

/// What a run wants done next.
#[derive(Debug, Clone, PartialEq)]
pub enum Effect {
    /// Ask the agent's model.
    CallModel(ModelCall),
    /// Judge, audit and, where allowed, execute these calls.
    Settle(Vec<ToolCall>),
    /// Wait until a person has decided.
    AwaitApproval(Vec<Ask>),
    /// Nothing more: the run has its outcome.
    Finish,
}

/// A question to the agent's model.
#[derive(Debug, Clone, PartialEq)]
pub struct ModelCall {
    /// All that the model reads.
    pub prompt: Prompt,
    /// The caller's temperature, or the agent's.
    pub temperature: Option<Temperature>,
    /// The caller's token limit, or the agent's.
    pub max_tokens: MaxTokens,
}

/// What came of an effect.
#[derive(Debug, Clone, PartialEq)]
pub enum RunEvent {
    /// The model answered.
    ModelReplied(Generation),
    /// No model answered, after retries and fallbacks.
    ModelFailed(LlmFailure),
    /// All calls of the effect are settled.
    Settled(Vec<Settled>),
    /// Some calls wait for a person; none of the effect's calls has run.
    Parked(Vec<Ask>),
    /// A person has consented.
    Approved(Vec<Approval>),
    /// The caller left, or the run was called off.
    Cancelled,
}
