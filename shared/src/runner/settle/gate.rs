//! The gate of a run: every call goes through it.

use std::collections::BTreeSet;

use super::authorize::{Judge, Judged};
use super::execute::execute;
use super::settling::{Pending, Settlement, Settling};
use crate::domain::{Settled, SettledOutcome, ToolCall};
use crate::runner::{DeadlinePassed, TurnMetrics};

/// The most calls of one reply that are settled; the others fail.
const MAX_CALLS: usize = 32;

/// The gate of a run. It knows what it learned when it judged earlier calls of the run.
#[derive(Default)]
pub(in crate::runner) struct CallGate {
    judge: Judge,
}

impl CallGate {
    /// Settles calls. They are judged in their order, and each approval counts at once for the next; then they run side by side.
    ///
    /// # Errors
    /// [`DeadlinePassed`]; a call may have run then, and the turn is not stored.
    pub(in crate::runner) async fn settle(
        &mut self,
        calls: Vec<ToolCall>,
        settling: &Settling<'_>,
        metrics: &mut TurnMetrics,
    ) -> Result<Settlement, DeadlinePassed> {
        let mut consulted = Vec::new();
        let mut approved: BTreeSet<String> = BTreeSet::new();
        let mut pending = Vec::with_capacity(calls.len());
        for (index, call) in calls.into_iter().enumerate() {
            if index >= MAX_CALLS {
                let text = format!("too many calls in one reply; at most {MAX_CALLS} run");
                let outcome = SettledOutcome::Failed { text, is_from_outside: false };
                pending.push(Pending::Settled(Settled { call, outcome }));
                continue;
            }
            let judged = self.judge.authorize((&call, index), &approved, settling, (&mut consulted, metrics)).await?;
            pending.push(match judged {
                Judged::Approved { call: allowed, is_clean, counted } => {
                    approved.insert(call.name.as_str().to_owned());
                    Pending::Approved { call, approved: allowed, is_clean, counted }
                }
                Judged::Refused(outcome) => {
                    metrics.calls_denied = metrics.calls_denied.saturating_add(1);
                    Pending::Settled(Settled { call, outcome })
                }
            });
        }
        let settled = execute(pending, settling, metrics).await?;
        Ok(Settlement { settled, consulted })
    }
}
