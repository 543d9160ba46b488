//! Judge, audit, execute, audit: what becomes of the calls that a run proposes.
//!
//! No action is registered yet, so every call is refused; nothing can run by accident.

use crate::domain::{Settled, SettledOutcome, ToolCall};

/// Settles calls: refuses them all.
pub(super) fn settle(calls: Vec<ToolCall>) -> Vec<Settled> {
    calls
        .into_iter()
        .map(|call| {
            let outcome = SettledOutcome::Denied(format!("no action is registered by the name of {}", call.name));
            Settled { call, outcome }
        })
        .collect()
}
