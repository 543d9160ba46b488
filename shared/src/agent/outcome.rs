//! What a run is asked, how it ends, and what it cannot take.

use super::{RunEvent, StateName};
use crate::domain::{FinishReason, LlmFailure, MaxTokens, Message, StopReason, Temperature};

/// What a caller asks of an agent.
#[derive(Debug, Clone, PartialEq)]
pub struct RunRequest {
    /// What was said before, oldest first, as far as it fits the model.
    pub history: Vec<Message>,
    /// The prompt.
    pub prompt: String,
    /// The caller's temperature, instead of the agent's.
    pub temperature: Option<Temperature>,
    /// The caller's token limit, instead of the agent's.
    pub max_tokens: Option<MaxTokens>,
}

/// How a run ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// With an answer.
    Answered(Answered),
    /// Without one; nothing of the run is stored.
    Failed(RunFailure),
}

/// A run's answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answered {
    /// What the client gets.
    pub output: String,
    /// Why the run ended.
    pub stop_reason: StopReason,
}

/// Why a run has no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RunFailure {
    /// No model answered.
    Model(LlmFailure),
    /// It was called off.
    Cancelled,
    /// Its graph led to a state that is not there. Checked graphs never do.
    LostState(StateName),
}

/// An event that the run cannot take where it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a run that is {phase} cannot take {event}")]
pub struct TransitionError {
    /// Where the run stands.
    pub phase: PhaseName,
    /// What it was told.
    pub event: &'static str,
}

/// Where a run stands, in a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PhaseName {
    /// It waits for the model.
    Generating,
    /// It waits for calls to be settled.
    Settling,
    /// It waits for a person.
    AwaitingApproval,
    /// It has its outcome.
    Finished,
}

impl std::fmt::Display for PhaseName {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(match self {
            Self::Generating => "generating",
            Self::Settling => "settling",
            Self::AwaitingApproval => "awaiting approval",
            Self::Finished => "finished",
        })
    }
}

pub(super) const fn stop_reason(finish: FinishReason) -> StopReason {
    match finish {
        // A model that stops for tools without naming one has said all it had to say.
        FinishReason::EndTurn | FinishReason::ToolCalls => StopReason::EndTurn,
        FinishReason::MaxTokens => StopReason::MaxTokens,
        FinishReason::StopSequence => StopReason::StopSequence,
        FinishReason::Policy => StopReason::Policy,
    }
}

pub(super) const fn finish_name(finish: FinishReason) -> &'static str {
    match finish {
        FinishReason::EndTurn => "end_turn",
        FinishReason::MaxTokens => "max_tokens",
        FinishReason::StopSequence => "stop_sequence",
        FinishReason::ToolCalls => "tool_calls",
        FinishReason::Policy => "policy",
    }
}

pub(super) const fn event_name(event: &RunEvent) -> &'static str {
    match event {
        RunEvent::ModelReplied(_) => "a model's reply",
        RunEvent::ModelFailed(_) => "a model's failure",
        RunEvent::Settled(_) => "settled calls",
        RunEvent::Parked(_) => "parked calls",
        RunEvent::Approved(_) => "an approval",
        RunEvent::Cancelled => "a cancellation",
    }
}
