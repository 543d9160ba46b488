//! Authorizes, audits and executes the calls that a run proposes.
//!
//! No action is registered yet, so every call is denied; nothing can run by accident.

use super::RunContext;
use crate::domain::{Settled, SettledOutcome, ToolCall};

/// Settles calls: denies them all. A policy will judge by the context, which says who asks.
pub(super) fn settle(calls: Vec<ToolCall>, _context: &RunContext<'_>) -> Vec<Settled> {
    let deny = |call: ToolCall| {
        let text = format!("no action is registered under the name {}", call.name);
        let policy_ids = ["unknown-action".to_owned()].into();
        let outcome = SettledOutcome::Denied { text, policy_ids, needs_approval: false };
        Settled { call, outcome }
    };
    calls.into_iter().map(deny).collect()
}
