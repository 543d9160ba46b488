//! Where a run stands between two effects, and what it checks there.

use super::{Condition, Outcome, PhaseName};
use crate::domain::{Ask, Settled, SettledOutcome, ToolCall, ToolResult};

/// Who proposed the calls that are being settled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Proposer {
    /// The model: it is told what came of them.
    Model,
    /// The graph: it goes on to the next state.
    Graph,
}

/// What the run waits for.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Phase {
    Generating,
    Settling { proposer: Proposer, calls: Vec<ToolCall> },
    AwaitingApproval { proposer: Proposer, calls: Vec<ToolCall>, asks: Vec<Ask> },
    Finished(Outcome),
}

impl Phase {
    pub(super) const fn name(&self) -> PhaseName {
        match self {
            Self::Generating => PhaseName::Generating,
            Self::Settling { .. } => PhaseName::Settling,
            Self::AwaitingApproval { .. } => PhaseName::AwaitingApproval,
            Self::Finished(_) => PhaseName::Finished,
        }
    }
}

/// Whether these calls, all of them and in their order, were settled.
pub(super) fn settles(calls: &[ToolCall], settled: &[Settled]) -> bool {
    calls.len() == settled.len() && calls.iter().zip(settled).all(|(call, one)| *call == one.call)
}

/// What the model is told of a settled call.
pub(super) fn tool_result(settled: Settled) -> ToolResult {
    let (text, is_error) = match settled.outcome {
        SettledOutcome::Succeeded(text) => (text, false),
        SettledOutcome::Failed(text) | SettledOutcome::Denied(text) => (text, true),
    };
    ToolResult { call: settled.call.id, text, is_error }
}

/// Whether a branch's condition holds.
pub(super) const fn holds(condition: &Condition) -> bool {
    match condition {
        Condition::Otherwise => true,
    }
}
