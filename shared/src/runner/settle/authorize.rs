//! The judgement of one call.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde_json::{Map, Value};

use super::facts::{Facts, HeldGrants, give_back};
use super::opinion;
use super::plan::Planner;
use super::settling::{Counted, Settling};
use crate::agent::{ActionDefinition, ActionEffect, Consultation, Origin, Proposer, RunSources};
use crate::domain::{SettledOutcome, ToolCall};
use crate::policy::{ApprovedCall, CallRequest, Decision, Opinion, ProposedCall, Verdict};
use crate::runner::{DeadlinePassed, TurnMetrics};

/// Judges the calls of one run.
pub(super) struct Judge {
    sources: RunSources,
    planner: Planner,
    facts: Facts,
    /// Where calls were counted that have not begun.
    counted: Vec<Counted>,
}

/// Where the models that are asked about a call are recorded.
type Record<'a> = (&'a mut Vec<Consultation>, &'a mut TurnMetrics);

/// A call after its judgement.
pub(super) enum Judged {
    /// It may run.
    Approved {
        call: Box<ApprovedCall>,
        /// Whether none of its arguments is a stranger's or made up by the model.
        is_clean: bool,
        /// Where the call was counted, if it was.
        counted: Option<Counted>,
    },
    /// It does not run.
    Refused(SettledOutcome),
}

impl Judge {
    pub(super) fn new(grants: Option<HeldGrants>) -> Self {
        let (sources, planner) = (RunSources::default(), Planner::default());
        Self { sources, planner, facts: Facts { grants }, counted: Vec::new() }
    }

    /// Notes that the calls that were allowed begin, so that they stay counted.
    pub(super) fn begin_calls(&mut self) {
        self.counted.clear();
    }

    /// Takes back what calls were counted as that have not begun and do not begin any more.
    pub(super) async fn take_back(&mut self, settling: &Settling<'_>) {
        while let Some(counted) = self.counted.pop() {
            give_back(Some(&counted), settling).await;
        }
    }

    /// Judges a call: whether it exists, whether its arguments are valid, and what policy says.
    pub(super) async fn authorize(
        &mut self,
        (call, index): (&ToolCall, usize),
        approved: &BTreeSet<String>,
        settling: &Settling<'_>,
        (consulted, metrics): Record<'_>,
    ) -> Result<Judged, DeadlinePassed> {
        let Some(action) = offered(call, settling) else {
            // The name is left out, since a model may write anything there.
            return Ok(denied_by("unknown-action", "there is not an action of this name"));
        };
        let arguments = match checked_arguments(call, &action) {
            Ok(arguments) => arguments,
            Err(text) => return Ok(denied_by("invalid-arguments", &text)),
        };
        let run = settling.run;
        let Ok(origins) = run.origins(call, &action.parameters, self.sources.of(run)) else {
            return Ok(denied_by("evaluation-error", "the origin of an argument cannot be determined"));
        };
        let is_clean = !origins.values().any(|origin| matches!(origin, Origin::Untrusted | Origin::Model));
        let proposer = run.proposer().unwrap_or(Proposer::Model);
        let is_planned = match proposer {
            Proposer::Graph => true,
            Proposer::Model if !run.is_tainted() => true,
            Proposer::Model if action.effect == ActionEffect::Read => false,
            Proposer::Model => self.planner.is_planned(&action, settling, (consulted, metrics)).await?,
        };
        let Ok(facts) = self.facts.fetch(&action.name, settling).await? else {
            return Ok(denied_by("evaluation-error", "what policy reads cannot be fetched; try again later"));
        };
        self.counted.extend(facts.counted.clone());
        let request = CallRequest {
            principal: settling.context.principal,
            agent: &run.agent().name,
            action: &action.name,
            effect: action.effect,
            arguments: &arguments,
            schema: action.parameters.schema(),
            origins,
            proposed_by: proposer,
            tainted: run.is_tainted(),
            planned: is_planned,
            data: run.data().clone(),
            accepts: action.accepts.clone(),
            called: run.called().union(approved).cloned().collect(),
            step: run.steps_taken(),
            now: settling.context.clock.now(),
            grants: facts.grants,
            opinion: Opinion::None,
            count: facts.count,
        };
        let decision = decide(request, settling, (consulted, metrics)).await?;
        let judged =
            self.judged(&decision, call, index, action, arguments, (is_clean, facts.counted.clone()), settling);
        if matches!(judged, Judged::Refused(_)) && facts.counted.is_some() {
            give_back(self.counted.pop().as_ref(), settling).await;
        }
        Ok(judged)
    }

    #[expect(clippy::too_many_arguments, reason = "the parts of one call")]
    fn judged(
        &mut self,
        decision: &Decision,
        call: &ToolCall,
        index: usize,
        action: Arc<ActionDefinition>,
        arguments: Map<String, Value>,
        (is_clean, counted): (bool, Option<Counted>),
        settling: &Settling<'_>,
    ) -> Judged {
        let ordinal = settling.run.calls_settled().saturating_add(u32::try_from(index).unwrap_or(u32::MAX)) + 1;
        let run = settling.context.run;
        let name = action.name.clone();
        let proposed = ProposedCall { action, arguments: Value::Object(arguments), id: call.id.clone(), run, ordinal };
        match decision.approve(proposed) {
            Some(call) => {
                self.planner.count_allowed(&name);
                Judged::Approved { call: Box::new(call), is_clean, counted }
            }
            None => Judged::Refused(refused(decision)),
        }
    }
}

/// Judges by policy, and asks for a second opinion where the agent has one: first without it, since a denial ends it.
async fn decide(
    request: CallRequest<'_>,
    settling: &Settling<'_>,
    record: Record<'_>,
) -> Result<Decision, DeadlinePassed> {
    let policy = &settling.run.agent().safeguards.policy;
    let first = settling.ports.policies.judge(policy, &request);
    if first.verdict() == Verdict::Deny {
        return Ok(first);
    }
    let Some(model) = settling.models.opinion() else { return Ok(first) };
    let opinion = opinion::ask(model, &request, settling, record).await?;
    let second = settling.ports.policies.judge(policy, &CallRequest { opinion, ..request });
    Ok(first.stricter(second))
}

/// Returns the action of a call, if it is one that its proposer may call.
fn offered(call: &ToolCall, settling: &Settling<'_>) -> Option<Arc<ActionDefinition>> {
    let run = settling.run;
    // A graph's calls were checked with the configuration; a model may only call what this state offers it.
    let is_offered = run.proposer() == Some(Proposer::Graph) || run.offers(&call.name);
    run.agent().actions.get(&call.name).filter(|_| is_offered).cloned()
}

/// Returns the arguments if the action's schema accepts them, or else what is wrong, without their values.
fn checked_arguments(call: &ToolCall, action: &ActionDefinition) -> Result<Map<String, Value>, String> {
    let none = Value::Object(Map::new());
    // Some models write nothing, or null, for a call without arguments.
    let arguments = if call.arguments.is_null() { &none } else { &call.arguments };
    let faults = match (action.parameters.check(arguments), arguments) {
        (Ok(()), Value::Object(arguments)) => return Ok(arguments.clone()),
        (Ok(()), _) => return Err("the arguments are not an object".to_owned()),
        (Err(faults), _) => faults,
    };
    let faults = faults.iter().map(|fault| format!("{} {}", fault.pointer, fault.detail).trim().to_owned());
    Err(format!("the arguments are refused: {}", faults.collect::<Vec<_>>().join("; ")))
}

/// Returns the refusal of one of the gateway's own rules.
fn denied_by(rule: &str, text: &str) -> Judged {
    let policy_ids = [rule.to_owned()].into();
    Judged::Refused(SettledOutcome::Denied { text: text.to_owned(), policy_ids, needs_approval: false })
}

/// Returns what a refused call becomes: to the model a failed call that names the policies, so that it can say so.
fn refused(decision: &Decision) -> SettledOutcome {
    let policy_ids = decision.policy_ids().clone();
    let ids = policy_ids.iter().map(String::as_str).collect::<Vec<_>>().join(", ");
    let needs_approval = decision.verdict() == Verdict::Ask;
    let text = if needs_approval {
        format!("the call did not run: it needs a person's approval ({ids})")
    } else {
        format!("the call did not run: policy forbids it ({ids})")
    };
    SettledOutcome::Denied { text, policy_ids, needs_approval }
}
