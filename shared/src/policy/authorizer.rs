//! Judges a call by a set of policies.

use std::collections::{BTreeSet, HashSet};
use std::str::FromStr;

use cedar_policy::{
    Authorizer, Context, Entities, Entity, EntityId, EntityTypeName, EntityUid, PolicyId, Request, RestrictedExpression,
};

use super::input;
use super::{CallRequest, Decision, InvocationRequest, PolicySet, Verdict};
use crate::agent::{Origin, Proposer};
use crate::domain::Principal;

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

    /// Judges an invocation of an agent. What no policy forbids is allowed; an error denies.
    #[must_use]
    pub fn judge_invocation(&self, invocation: &InvocationRequest<'_>) -> Decision {
        let built = invocation_parts(invocation);
        let Ok((request, entities)) = built else { return Decision::denied("evaluation-error") };
        let response = Authorizer::new().is_authorized(&request, &self.policies, &entities);
        if response.diagnostics().errors().next().is_some() {
            return Decision::denied("evaluation-error");
        }
        let policy_ids: BTreeSet<String> = response.diagnostics().reason().map(ToString::to_string).collect();
        // Without a reason no policy has applied, which denies calls but admits callers.
        let is_forbidden = response.decision() == cedar_policy::Decision::Deny && !policy_ids.is_empty();
        let verdict = if is_forbidden { Verdict::Deny } else { Verdict::Allow };
        Decision { verdict, policy_ids, asks: BTreeSet::new() }
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
    let mut all = principal_entities(call.principal)?;
    all.push(entity(uid("Agent", call.agent.as_str())?, HashSet::new()));
    let (every, effect) = (uid("Action", "call_action")?, uid("Action", call.effect.as_str())?);
    all.push(entity(uid("Action", call.action.as_str())?, HashSet::from([effect.clone()])));
    all.push(entity(effect, HashSet::from([every.clone()])));
    all.push(entity(every, HashSet::new()));
    Entities::from_entities(all, None).map_err(|_error| Unbuildable)
}

fn invocation_parts(invocation: &InvocationRequest<'_>) -> Result<(Request, Entities), Unbuildable> {
    let InvocationRequest { principal, agent, now, grants } = invocation;
    let mut all = principal_entities(principal)?;
    let (action, resource) = (uid("Action", "invoke_agent")?, uid("Agent", agent.as_str())?);
    all.push(Entity::new_no_attrs(action.clone(), HashSet::new()));
    all.push(Entity::new_no_attrs(resource.clone(), HashSet::new()));
    let entities = Entities::from_entities(all, None).map_err(|_error| Unbuildable)?;
    let grants = grants.iter().map(|grant| RestrictedExpression::new_string(grant.clone()));
    let context = Context::from_pairs([
        ("now".to_owned(), RestrictedExpression::new_datetime(now.to_string())),
        ("grants".to_owned(), RestrictedExpression::new_set(grants)),
    ]);
    let context = context.map_err(|_error| Unbuildable)?;
    let principal = uid("User", principal.user.as_str())?;
    let request = Request::new(principal, action, resource, context, None).map_err(|_error| Unbuildable)?;
    Ok((request, entities))
}

/// Builds the caller, his groups and his tenant.
fn principal_entities(principal: &Principal) -> Result<Vec<Entity>, Unbuildable> {
    let mut memberships = HashSet::from([uid("Tenant", principal.tenant.as_str())?]);
    for group in &principal.groups {
        memberships.insert(uid("Group", group)?);
    }
    let mut all: Vec<Entity> =
        memberships.iter().map(|parent| Entity::new_no_attrs(parent.clone(), HashSet::new())).collect();
    all.push(Entity::new_no_attrs(uid("User", principal.user.as_str())?, memberships));
    Ok(all)
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
