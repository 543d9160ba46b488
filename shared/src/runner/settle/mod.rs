//! Settles the calls that a run proposes: judges each, executes what policy allows, and returns what became of them.
//!
//! The only caller of actions. It is the same for a model's calls and for those of a graph.

mod authorize;
mod consult;
mod execute;
mod opinion;
mod plan;

use std::collections::BTreeSet;

use super::{DeadlinePassed, RunContext, RunModels, TurnMetrics};
use crate::actions::Actions;
use crate::agent::{AgentRun, Consultation, RunSources};
use crate::domain::{Settled, SettledOutcome, ToolCall};
use crate::policy::{ApprovedCall, Policies};
use authorize::Judged;
use plan::Plan;

/// The most calls of one reply that are settled; the others fail.
const MAX_CALLS: usize = 32;

/// What calls are judged by and executed with.
#[derive(Clone, Copy)]
pub struct CallPorts<'a> {
    /// The sets of policies.
    pub policies: &'a Policies,
    /// The actions.
    pub actions: &'a Actions,
}

/// What is known from one settlement of a run to the next.
#[derive(Default)]
pub(super) struct CallGate {
    sources: RunSources,
    plan: Option<Plan>,
}

/// What became of the calls of one effect.
pub(super) struct Settlement {
    /// The calls, in their order.
    pub(super) settled: Vec<Settled>,
    /// The models that were asked about them.
    pub(super) consulted: Vec<Consultation>,
}

/// What settling needs besides the calls.
pub(super) struct Settling<'a> {
    pub(super) run: &'a AgentRun,
    pub(super) ports: CallPorts<'a>,
    pub(super) models: &'a RunModels,
    pub(super) context: &'a RunContext<'a>,
}

/// A call on its way: settled already, or allowed to run.
enum Pending {
    Settled(Settled),
    Approved(ToolCall, Box<ApprovedCall>, bool),
}

impl CallGate {
    /// Settles calls. They are judged in their order, and each approval counts at once for the next; then they run side by side.
    ///
    /// # Errors
    /// [`DeadlinePassed`]; a call may have run then, and the turn is not stored.
    pub(super) async fn settle(
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
            let judged = self.authorize(&call, index, &approved, settling, &mut consulted, metrics).await?;
            pending.push(match judged {
                Judged::Approved { call: allowed, is_clean } => {
                    approved.insert(call.name.as_str().to_owned());
                    Pending::Approved(call, allowed, is_clean)
                }
                Judged::Refused(outcome) => Pending::Settled(Settled { call, outcome }),
            });
        }
        let settled = execute::execute(pending, settling, metrics).await?;
        Ok(Settlement { settled, consulted })
    }
}
