//! Judges a call by a set of policies.

use std::collections::{BTreeSet, HashSet};
use std::str::FromStr;

use cedar_policy::{
    Authorizer, Context, Entities, Entity, EntityId, EntityTypeName, EntityUid, PolicyId, Request, RestrictedExpression,
};

use super::input;
use super::{CallRequest, Decision, PolicySet, Verdict};
use crate::agent::{Origin, Proposer};

/// A request that cannot be put to Cedar, which a checked configuration never makes.
struct Unbuildable;

impl PolicySet {
    /// Judges a call. Deny goes over ask, and ask over allow: an ask is given only where every policy that forbids the call
    /// asks, and the others would allow it. An error denies.
    #[must_use]
    pub fn judge(&self, call: &CallRequest<'_>) -> Decision {
        let Ok(arguments) = input::record(call.arguments, call.schema) else {
            return Decision::denied("invalid-arguments");
        };
        let built = entities(call).and_then(|entities| Ok((request(call, arguments)?, entities)));
        let Ok((request, entities)) = built else { return Decision::denied("evaluation-error") };
        let authorizer = Authorizer::new();
        let response = authorizer.is_authorized(&request, &self.policies, &entities);
        let has_failed = response.diagnostics().errors().next().is_some();
        if has_failed {
            return Decision::denied("evaluation-error");
        }
        let determining: Vec<&PolicyId> = response.diagnostics().reason().collect();
        let policy_ids: BTreeSet<String> = determining.iter().map(ToString::to_string).collect();
        if response.decision() == cedar_policy::Decision::Allow {
            return Decision { verdict: Verdict::Allow, policy_ids, asks: BTreeSet::new() };
        }
        if policy_ids.is_empty() {
            return Decision::denied("default-deny");
        }
        let asks: Option<BTreeSet<String>> =
            determining.iter().map(|id| self.policies.annotation(id, "ask").map(str::to_owned)).collect();
        let verdict = match asks {
            Some(_) if self.allows_without(&determining, &authorizer, &request, &entities) => Verdict::Ask,
            _ => Verdict::Deny,
        };
        let asks = asks.filter(|_| verdict == Verdict::Ask).unwrap_or_default();
        Decision { verdict, policy_ids, asks }
    }

    fn allows_without(
        &self,
        left_out: &[&PolicyId],
        authorizer: &Authorizer,
        request: &Request,
        entities: &Entities,
    ) -> bool {
        let others = self.policies.policies().filter(|policy| !left_out.contains(&policy.id())).cloned();
        cedar_policy::PolicySet::from_policies(others).is_ok_and(|others| {
            let response = authorizer.is_authorized(request, &others, entities);
            let has_failed = response.diagnostics().errors().next().is_some();
            !has_failed && response.decision() == cedar_policy::Decision::Allow
        })
    }
}

fn uid(kind: &str, id: &str) -> Result<EntityUid, Unbuildable> {
    let name = EntityTypeName::from_str(&format!("OpenClaw::{kind}")).map_err(|_error| Unbuildable)?;
    Ok(EntityUid::from_type_name_and_id(name, EntityId::new(id)))
}

/// Builds the caller, his groups and his tenant, the agent, and the action with its groups.
fn entities(call: &CallRequest<'_>) -> Result<Entities, Unbuildable> {
    let entity = |uid: EntityUid, parents: HashSet<EntityUid>| Entity::new_no_attrs(uid, parents);
    let mut all = Vec::new();
    let mut memberships = HashSet::from([uid("Tenant", call.principal.tenant.as_str())?]);
    for group in &call.principal.groups {
        memberships.insert(uid("Group", group)?);
    }
    all.extend(memberships.iter().map(|parent| entity(parent.clone(), HashSet::new())));
    all.push(entity(uid("User", call.principal.user.as_str())?, memberships));
    all.push(entity(uid("Agent", call.agent.as_str())?, HashSet::new()));
    let (every, effect) = (uid("Action", "call_action")?, uid("Action", call.effect.as_str())?);
    all.push(entity(uid("Action", call.action.as_str())?, HashSet::from([effect.clone()])));
    all.push(entity(effect, HashSet::from([every.clone()])));
    all.push(entity(every, HashSet::new()));
    Entities::from_entities(all, None).map_err(|_error| Unbuildable)
}

fn request(call: &CallRequest<'_>, arguments: RestrictedExpression) -> Result<Request, Unbuildable> {
    let text = |text: &str| RestrictedExpression::new_string(text.to_owned());
    let set = |texts: &BTreeSet<String>| RestrictedExpression::new_set(texts.iter().map(|one| text(one)));
    let record = |fields: Vec<(String, RestrictedExpression)>| {
        RestrictedExpression::new_record(fields).map_err(|_error| Unbuildable)
    };
    let origins = call.origins.iter().map(|(name, origin)| (name.clone(), text(origin.as_str())));
    let authority: BTreeSet<String> = call.authority().into_iter().map(Origin::as_str).map(str::to_owned).collect();
    let count = [("hour", call.count.hour), ("day", call.count.day)];
    let count = count.map(|(name, count)| (name.to_owned(), RestrictedExpression::new_long(count.into())));
    let proposer = match call.proposed_by {
        Proposer::Model => "model",
        Proposer::Graph => "graph",
    };
    let values = [
        ("input", arguments),
        ("origin", record(origins.collect())?),
        ("authority", set(&authority)),
        ("proposed_by", text(proposer)),
        ("tainted", RestrictedExpression::new_bool(call.tainted)),
        ("planned", RestrictedExpression::new_bool(call.planned)),
        ("data", set(&call.data)),
        ("accepts", set(&call.accepts)),
        ("called", set(&call.called)),
        ("step", RestrictedExpression::new_long(call.step.into())),
        ("now", RestrictedExpression::new_datetime(call.now.to_string())),
        ("grants", set(&call.grants)),
        ("opinion", text(call.opinion.as_str())),
        ("count", record(count.into())?),
    ];
    let context = Context::from_pairs(values.map(|(name, value)| (name.to_owned(), value)));
    let context = context.map_err(|_error| Unbuildable)?;
    let (principal, action) = (uid("User", call.principal.user.as_str())?, uid("Action", call.action.as_str())?);
    let resource = uid("Agent", call.agent.as_str())?;
    Request::new(principal, action, resource, context, None).map_err(|_error| Unbuildable)
}

#[cfg(test)]
#[path = "authorizer_tests.rs"]
mod tests;
