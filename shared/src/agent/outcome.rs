//! The input of a run, its outcome, and the error of an event that it cannot take.

use std::collections::BTreeSet;

use super::{CallerInput, EvaluationError, RunEvent, StateName};
use crate::domain::{FinishReason, LlmFailure, MaxTokens, Message, StopReason, Temperature, ToolName};

/// The input of a run.
#[derive(Clone, PartialEq, derive_more::Debug)]
pub struct RunInput {
    /// The earlier messages that fit the model's window, oldest first.
    pub history: Vec<Message>,
    /// What the caller sent.
    pub input: CallerInput,
    /// The caller's temperature, which replaces the agent's.
    pub temperature: Option<Temperature>,
    /// The caller's token limit, which replaces the agent's.
    pub max_tokens: Option<MaxTokens>,
}

/// How a run ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The run has an output.
    Completed(RunOutput),
    /// The run failed; nothing of it is stored.
    Failed(RunFailure),
}

/// The output of a completed run.
#[derive(Clone, PartialEq, Eq, derive_more::Debug)]
pub struct RunOutput {
    /// The text for the client.
    #[debug("[{} bytes]", output.len())]
    pub output: String,
    /// Why the run ended.
    pub stop_reason: StopReason,
}

/// Why a run failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RunFailure {
    /// The model call failed.
    Model(LlmFailure),
    /// The run was cancelled.
    Cancelled,
    /// A call of the graph failed.
    Action {
        /// The action.
        action: ToolName,
    },
    /// Policy denied a call of the graph.
    Forbidden {
        /// The action.
        action: ToolName,
        /// The policies that denied it.
        policy_ids: BTreeSet<String>,
    },
    /// A template or a condition of a state has no value.
    Graph {
        /// The state.
        state: StateName,
        /// The reason.
        fault: EvaluationError,
    },
    /// The graph led to a state that does not exist, which a checked graph never does.
    LostState(StateName),
}

/// An event that the run cannot take in its phase.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a run that is {phase} cannot take {event}")]
pub struct TransitionError {
    /// The phase of the run.
    pub phase: PhaseName,
    /// The event.
    pub event: &'static str,
}

/// The name of a run's phase.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PhaseName {
    /// The run waits for the model.
    Generating,
    /// The run waits for calls to be settled.
    Settling,
    /// The run waits for a person.
    AwaitingApproval,
    /// The run has its outcome.
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
        // A model that stops for tools without calling one has finished its turn.
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
        RunEvent::ContextExceeded { .. } => "an exceeded context",
        RunEvent::Consulted(_) => "a consultation",
        RunEvent::Settled(_) => "settled calls",
        RunEvent::Parked(_) => "parked calls",
        RunEvent::Approved(_) => "an approval",
        RunEvent::Cancelled => "a cancellation",
    }
}
