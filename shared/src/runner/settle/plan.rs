//! The plan: what the caller's words ask for, asked of a model that reads nothing else.
//!
//! No output stands in the question, so nothing that a stranger wrote can add to the plan.

use std::collections::BTreeMap;

use serde_json::Value;

use super::consult::consult;
use super::settling::Settling;
use crate::agent::{ActionDefinition, ActionEffect, Consultation};
use crate::domain::{ToolName, Trust};
use crate::runner::{DeadlinePassed, TurnMetrics};

const SYSTEM: &str = "You list what a user asks for. You are given the words of the user and a list of actions. Answer with one JSON \
object and nothing else: for each action that must run to do what the user's last message asks for, its name and the largest number \
of times that it must run, as in {\"send_mail\": 1}. Leave out every action that the user does not ask for. If none is asked for, \
answer {}. The earlier messages are background only.";

/// The most calls of one action that a plan may list.
const MAX_COUNT: u64 = 32;

/// The calls that the caller asks for, by action.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Plan(BTreeMap<ToolName, u64>);

impl Plan {
    fn count(&self, action: &ToolName) -> u64 {
        self.0.get(action).copied().unwrap_or_default()
    }

    /// Reads a plan: an object of names and numbers, alone or within a fenced block. Names of other actions are left out.
    fn read(text: &str, actions: &BTreeMap<&ToolName, &str>) -> Option<Self> {
        let text = text.get(text.find('{')?..=text.rfind('}')?)?;
        let Value::Object(members) = serde_json::from_str(text).ok()? else { return None };
        let mut plan = BTreeMap::new();
        for (name, count) in members {
            let name = ToolName::new(name);
            let count = count.as_u64().filter(|count| *count <= MAX_COUNT)?;
            if actions.contains_key(&name) {
                plan.insert(name, count);
            }
        }
        Some(Self(plan))
    }
}

/// Makes the plan of a run when it is first needed, and keeps it.
#[derive(Default)]
pub(super) struct Planner {
    plan: Option<Plan>,
    /// The calls that were allowed, those before the plan was made among them: the caller's words ask for each only once.
    allowed: BTreeMap<ToolName, u64>,
}

impl Planner {
    /// Counts a call that was allowed.
    pub(super) fn count_allowed(&mut self, action: &ToolName) {
        *self.allowed.entry(action.clone()).or_default() += 1;
    }

    /// Returns whether the plan holds a further call of this action. The plan is made when this is first asked.
    pub(super) async fn is_planned(
        &mut self,
        action: &ActionDefinition,
        settling: &Settling<'_>,
        record: (&mut Vec<Consultation>, &mut TurnMetrics),
    ) -> Result<bool, DeadlinePassed> {
        let plan = match self.plan.take() {
            Some(plan) => plan,
            None => make(settling, record).await?,
        };
        let allowed = self.allowed.get(&action.name).copied().unwrap_or_default();
        let is_planned = plan.count(&action.name) > allowed;
        self.plan = Some(plan);
        Ok(is_planned)
    }
}

/// Asks for the plan. A plan that fails plans nothing.
async fn make(
    settling: &Settling<'_>,
    record: (&mut Vec<Consultation>, &mut TurnMetrics),
) -> Result<Plan, DeadlinePassed> {
    let run = settling.run;
    let agent = run.agent();
    // A stranger's words ask for nothing.
    if agent.safeguards.input == Trust::Untrusted {
        return Ok(Plan::default());
    }
    let actions: BTreeMap<&ToolName, &str> = agent
        .actions
        .values()
        .filter(|action| action.effect == ActionEffect::Write)
        .map(|action| (&action.name, action.description.as_str()))
        .collect();
    let words = run.callers_words();
    let (last, earlier) = words.split_last().map_or((&"", [].as_slice()), |(last, earlier)| (last, earlier));
    let question = serde_json::json!({
        "instructions": agent.system,
        "actions": actions.iter().map(|(name, description)| (name.as_str(), *description)).collect::<BTreeMap<_, _>>(),
        "earlier_messages": earlier,
        "last_message": last,
    });
    let model = settling.models.planner();
    let read = |text: &str| Plan::read(text, &actions).map(|plan| (plan, "planned"));
    let asked = consult("plan", model, SYSTEM, question.to_string(), settling, record, read);
    Ok(asked.await?.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plan_is_read_or_it_plans_nothing() {
        let (send, delete) = (ToolName::new("send"), ToolName::new("delete"));
        let actions = BTreeMap::from([(&send, "Sends."), (&delete, "Deletes.")]);
        let read = |text: &str| Plan::read(text, &actions);
        let planned = read("```json\n{\"send\": 2, \"other\": 5}\n```").unwrap();
        assert_eq!(planned.0, BTreeMap::from([(send.clone(), 2)]));
        for text in ["", "{", "[]", "send", "{\"send\": -1}", "{\"send\": \"2\"}", "{\"send\": 33}", "{\"send\": {}}"] {
            assert_eq!(read(text), None, "{text}");
        }
        assert_eq!((planned.count(&send), planned.count(&delete)), (2, 0));
    }
}
