//! The gate of a run: every call goes through it.

use std::collections::BTreeSet;

use futures_util::future::try_join_all;

use super::authorize::{Judge, Judged};
use super::execute::execute;
use super::facts::HeldGrants;
use super::settling::{Pending, Settlement, Settling};
use crate::agent::ActionEffect;
use crate::domain::{Settled, SettledOutcome, ToolCall, ToolName};
use crate::policy::Verdict;
use crate::runner::{TurnError, TurnMetrics};

/// The most calls of one reply that are settled; the others fail.
const MAX_CALLS: usize = 32;

/// The gate of a run. It knows what it learned when it judged earlier calls of the run.
pub(in crate::runner) struct CallGate {
    judge: Judge,
}

impl CallGate {
    /// Creates the gate of a run whose grants are known if its invocation was judged by them.
    pub(in crate::runner) fn new(grants: Option<HeldGrants>) -> Self {
        Self { judge: Judge::new(grants) }
    }

    /// Settles calls. They are judged in their order, and each approval counts at once for the next; then they run side by side.
    ///
    /// # Errors
    /// [`TurnError::DeadlineExceeded`]; a call may have run then, and the turn is not stored. [`TurnError::NotAudited`],
    /// [`TurnError::TooManyRuns`] and those of the store; none of the calls has run.
    pub(in crate::runner) async fn settle(
        &mut self,
        calls: Vec<ToolCall>,
        settling: &Settling<'_>,
        metrics: &mut TurnMetrics,
    ) -> Result<Settlement, TurnError> {
        let mut consulted = Vec::new();
        let mut approved: BTreeSet<String> = BTreeSet::new();
        let mut pending = Vec::with_capacity(calls.len());
        for (index, call) in calls.into_iter().enumerate() {
            if index >= MAX_CALLS {
                audit_refusal(&call, Verdict::Deny, &BTreeSet::new(), settling);
                let text = format!("too many calls in one reply; at most {MAX_CALLS} run");
                let outcome = SettledOutcome::Failed { text, is_from_outside: false, has_run: false };
                pending.push(Pending::Settled(Settled { call, outcome }));
                continue;
            }
            let judging = self.judge.authorize((&call, index), &approved, settling, (&mut consulted, metrics)).await;
            let judged = match judging {
                Ok(judged) => judged,
                Err(late) => {
                    self.judge.take_back(settling).await;
                    return Err(late.into());
                }
            };
            pending.push(match judged {
                Judged::Approved { call: allowed, is_clean, counted } => {
                    approved.insert(call.name.as_str().to_owned());
                    Pending::Approved { call, approved: allowed, is_clean, counted }
                }
                Judged::Refused(outcome) => {
                    if let SettledOutcome::Denied { policy_ids, needs_approval, .. } = &outcome {
                        let verdict = if *needs_approval { Verdict::Ask } else { Verdict::Deny };
                        audit_refusal(&call, verdict, policy_ids, settling);
                    }
                    metrics.calls_denied = metrics.calls_denied.saturating_add(1);
                    Pending::Settled(Settled { call, outcome })
                }
            });
        }
        if let Err(error) = prepare(&pending, settling).await {
            self.judge.take_back(settling).await;
            return Err(error);
        }
        self.judge.begin_calls();
        let settled = execute(pending, settling, metrics).await?;
        Ok(Settlement { settled, consulted })
    }

    /// Takes back what calls were counted as, if settling was dropped before they began.
    pub(in crate::runner) async fn abandon(&mut self, settling: &Settling<'_>) {
        self.judge.take_back(settling).await;
    }
}

/// Notes a refused call in the audit.
fn audit_refusal(call: &ToolCall, verdict: Verdict, policy_ids: &BTreeSet<String>, settling: &Settling<'_>) {
    let Some(audit) = settling.context.audit else { return };
    let is_known = settling.run.agent().actions.contains_key(&call.name);
    // A model may write anything there, so only names that are configured are stored.
    let action = if is_known { call.name.as_str() } else { ToolName::UNKNOWN };
    audit.refuse(settling.context, (action, verdict), policy_ids, Some(call));
}

/// Does what must be done before any of the allowed calls runs: counts the run as open if one of them writes, since a run
/// over a quota must change nothing, and stores their intents.
async fn prepare(pending: &[Pending], settling: &Settling<'_>) -> Result<(), TurnError> {
    let writes = |one: &Pending| match one {
        Pending::Approved { approved, .. } => approved.action().effect == ActionEffect::Write,
        Pending::Settled(_) => false,
    };
    if pending.iter().any(writes) {
        settling.open.count().await?;
    }
    audit_intents(pending, settling).await
}

/// Stores the intents of all allowed calls.
async fn audit_intents(pending: &[Pending], settling: &Settling<'_>) -> Result<(), TurnError> {
    let Some(audit) = settling.context.audit else { return Ok(()) };
    let intents = pending.iter().filter_map(|one| match one {
        Pending::Approved { approved, .. } => Some(audit.intend(settling.context, approved)),
        Pending::Settled(_) => None,
    });
    settling.context.deadline.bound(try_join_all(intents)).await??;
    Ok(())
}
