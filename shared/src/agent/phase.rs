//! The phases of a run, and the checks of the events that end them.

use super::{Outcome, PhaseName};
use crate::domain::{Ask, ResultSource, Settled, SettledOutcome, ToolCall, ToolResult, Trust};

/// The proposer of the calls that are being settled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Proposer {
    /// The model, which then reads the results.
    Model,
    /// The graph, which then continues with the next state.
    Graph,
}

/// The phase of a run: the event that it waits for, or its outcome.
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

/// Returns whether exactly these calls were settled, in their order.
pub(super) fn settles(calls: &[ToolCall], settled: &[Settled]) -> bool {
    calls.len() == settled.len() && calls.iter().zip(settled).all(|(call, one)| *call == one.call)
}

/// Returns the result of a settled call, as the model reads it.
pub(super) fn tool_result(settled: Settled) -> ToolResult {
    let (text, is_error, source) = match settled.outcome {
        SettledOutcome::Succeeded(output) => {
            let source = if output.trust == Trust::Trusted { ResultSource::Trusted } else { ResultSource::Untrusted };
            (output.text(), false, source)
        }
        SettledOutcome::Failed { text, is_from_outside: true, .. } => (text, true, ResultSource::Untrusted),
        // To the model a denial is a failed call, so it can try another way and the run continues.
        SettledOutcome::Failed { text, .. } | SettledOutcome::Denied { text, .. } => {
            (text, true, ResultSource::Gateway)
        }
    };
    ToolResult { call: settled.call.id, text, is_error, source }
}
