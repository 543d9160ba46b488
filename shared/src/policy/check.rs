//! The check of a set of policies before it is deployed: its text, its ids, and whether each policy can apply to the
//! configuration's actions. Functions judge without it.

use std::collections::BTreeSet;
use std::str::FromStr;

use cedar_policy::{
    ActionConstraint, Effect, EntityUid, Policy, PolicyId, PolicySet, ResourceConstraint, Schema, ValidationError,
    ValidationMode, Validator,
};
use miette::Diagnostic;

use super::Extends;
use super::nesting::check_nesting;
use super::schema::{Actions, cedar_schema};
use super::vocabulary::{Vocabulary, reads};
use crate::agent::ActionDefinition;

/// The actions that no policy decides: the gateway asks for the group `admin`.
const BUILT_IN: [&str; 2] = ["approve_call", "manage_grants"];

/// The type of agents in policies.
const AGENT: &str = "OpenClaw::Agent";

/// The annotations that policies may have.
const ANNOTATIONS: [&str; 3] = ["id", "ask", "description"];

/// The ids of the gateway's own rules.
const GATEWAY_IDS: [&str; 5] =
    ["default-deny", "unknown-action", "invalid-arguments", "admin-only", "evaluation-error"];

/// How a policy reads what a call may lack.
const OPTIONAL: &str = "an argument that may be left out, and the origin of any argument, after `has`, as in \
                        `context.origin has order && context.origin.order == \"caller\"`";

/// A fault of a set of policies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetFault {
    /// The index of the file.
    pub file: usize,
    /// The bytes of its place within the file, if it has one.
    pub place: Option<std::ops::Range<usize>>,
    /// What was found.
    pub found: String,
    /// What is allowed.
    pub allowed: String,
}

/// Checks the texts of a set, one for each of its files, against the actions and agents of the configuration.
#[must_use]
pub fn check_set(texts: &[&str], extends: Extends, actions: &Actions, agents: &[&str]) -> Vec<SetFault> {
    let Some(schema) = Schema::from_json_value(cedar_schema(actions)).ok() else {
        let found = "actions that cannot be described to policies".to_owned();
        return vec![SetFault { file: 0, place: None, found, allowed: "names and types that Cedar knows".to_owned() }];
    };
    let validator = Validator::new(schema);
    let shipped = PolicySet::from_str(extends.text()).ok();
    let vocabulary = Vocabulary::of(actions);
    let mut check = Check { validator, agents, vocabulary, ids: BTreeSet::new(), faults: Vec::new() };
    let shipped_ids = shipped.iter().flat_map(PolicySet::policies).filter_map(|policy| policy.annotation("id"));
    check.ids.extend(shipped_ids.map(str::to_owned));
    for (file, text) in texts.iter().enumerate() {
        check.file(file, text);
    }
    check.faults
}

/// Returns whether a policy of the set, or of the one that it extends, asks.
#[must_use]
pub fn asks(texts: &[&str], extends: Extends) -> bool {
    has(texts, extends, |policy| policy.annotation("ask").is_some())
}

/// Returns whether a policy of the set, or of the one that it extends, reads this member of `context`.
#[must_use]
pub fn reads_context(texts: &[&str], extends: Extends, member: &str) -> bool {
    has(texts, extends, |policy| policy.to_json().is_ok_and(|policy| reads(&policy, member)))
}

/// Returns whether the head of a policy of the set, or of the one that it extends, permits an agent's calls of an action.
#[must_use]
pub fn admits(texts: &[&str], extends: Extends, agent: &str, action: &ActionDefinition) -> bool {
    let groups = [action.name.as_str(), action.effect.as_str(), "call_action"];
    let is_of = |entity: &EntityUid| entity.type_name().to_string() == AGENT && entity.id().unescaped() == agent;
    has(texts, extends, |policy| {
        let is_on_action = matches!(policy.action_constraint(), ActionConstraint::Any) || names_any(policy, &groups);
        let is_on_agent = match policy.resource_constraint() {
            ResourceConstraint::Any | ResourceConstraint::Is(_) => true,
            ResourceConstraint::Eq(entity) | ResourceConstraint::In(entity) | ResourceConstraint::IsIn(_, entity) => {
                is_of(&entity)
            }
        };
        policy.effect() == Effect::Permit && is_on_action && is_on_agent
    })
}

fn has(texts: &[&str], extends: Extends, wanted: impl Fn(&Policy) -> bool) -> bool {
    let sets = texts.iter().copied().chain([extends.text()]).filter_map(|text| PolicySet::from_str(text).ok());
    sets.into_iter().any(|set| set.policies().any(&wanted))
}

struct Check<'a> {
    validator: Validator,
    /// The names of the agents.
    agents: &'a [&'a str],
    vocabulary: Vocabulary,
    ids: BTreeSet<String>,
    faults: Vec<SetFault>,
}

impl Check<'_> {
    fn add(&mut self, file: usize, place: Option<std::ops::Range<usize>>, found: impl Into<String>, allowed: &str) {
        self.faults.push(SetFault { file, place, found: found.into(), allowed: allowed.to_owned() });
    }

    fn file(&mut self, file: usize, text: &str) {
        if let Err((place, found)) = check_nesting(text) {
            let allowed = "less; a list, as in [\"a\", \"b\"].contains(context.input.x), in place of many comparisons, or \
                           several policies";
            return self.add(file, Some(place), found, allowed);
        }
        let set = match PolicySet::from_str(text) {
            Ok(set) => set,
            Err(errors) => {
                for error in errors.iter() {
                    self.add(file, place(error), error.to_string(), "policies in Cedar");
                }
                return;
            }
        };
        if set.templates().next().is_some() {
            self.add(file, None, "a template with slots", "policies without slots, since nothing fills them");
        }
        let mut named = Vec::new();
        for policy in set.policies() {
            named.extend(self.named(file, text, policy));
        }
        let Ok(set) = PolicySet::from_policies(named) else { return };
        let result = self.validator.validate(&set, ValidationMode::Strict);
        let errors = result.validation_errors().map(|error| {
            let at = place(error).or_else(|| place_of(text, error.policy_id()));
            let allowed = match error {
                ValidationError::UnsafeOptionalAttributeAccess(_) => OPTIONAL,
                _ => "what the actions of the configuration have",
            };
            (at, error.to_string(), allowed)
        });
        let warnings = result.validation_warnings().map(|warning| {
            let at = place(warning).or_else(|| place_of(text, warning.policy_id()));
            (at, warning.to_string(), "policies that can apply, in plain text")
        });
        let found: Vec<_> = errors.chain(warnings).collect();
        for (at, found, allowed) in found {
            self.add(file, at, found, allowed);
        }
    }

    /// Checks that a policy is on something that policies decide.
    fn actions_of(&mut self, file: usize, at: Option<std::ops::Range<usize>>, id: &str, policy: &Policy) {
        let [approve, manage] = BUILT_IN;
        if names_only(policy, &BUILT_IN) {
            let found = format!("{id} on {approve} or {manage} alone");
            self.add(
                file,
                at,
                found,
                "policies on calls or invoke_agent; the gateway decides these by the group admin alone",
            );
        } else if policy.annotation("ask").is_some() && names_only(policy, &["invoke_agent", approve, manage]) {
            let found = format!("@ask on {id}, which names invoke_agent alone");
            self.add(file, at, found, "@ask on policies on calls; nobody is asked about an invocation");
        } else if policy.effect() == Effect::Permit && names_only(policy, &["invoke_agent", approve, manage]) {
            let found = format!("{id}, a permit on invoke_agent, which `access` has given already");
            self.add(file, at, found, "a forbid with `unless`");
        }
    }

    /// Checks that the agents which a policy names exist, in its head and in its conditions. The validator does not know them.
    fn agents_of(&mut self, file: usize, text: &str, at: Option<&std::ops::Range<usize>>, policy: &Policy) {
        for literal in policy.entity_literals() {
            let name = literal.id().unescaped();
            if literal.type_name().to_string() != AGENT || self.agents.contains(&name) {
                continue;
            }
            let (written, from) = (literal.to_string(), at.map_or(0, |at| at.start));
            let place = find_from(text, from, &written).or_else(|| at.cloned());
            let allowed = format!("an agent of the configuration: {}", self.agents.join(", "));
            self.add(file, place, format!("the agent {name:?}, which is not configured"), &allowed);
        }
    }

    /// Checks that a policy compares members of `context` with values that they have. The validator knows their types alone.
    fn values_of(&mut self, file: usize, text: &str, at: Option<&std::ops::Range<usize>>, policy: &Policy) {
        let policy = policy.to_json().unwrap_or_default();
        let faults: Vec<_> = self
            .vocabulary
            .unknown(&policy)
            .into_iter()
            .map(|(member, literal, allowed)| {
                let place = find_from(text, at.map_or(0, |at| at.end), &format!("{literal:?}")).or_else(|| at.cloned());
                (place, format!("{literal:?}, which context.{member} never has"), allowed)
            })
            .collect();
        for (place, found, allowed) in faults {
            self.add(file, place, found, &allowed);
        }
    }

    /// Checks that a policy has no annotation but those that mean something here, so that a misspelt `@ask` is found.
    fn annotations_of(&mut self, file: usize, text: &str, at: Option<&std::ops::Range<usize>>, policy: &Policy) {
        for (name, _) in policy.annotations().filter(|(name, _)| !ANNOTATIONS.contains(name)) {
            let written = format!("@{name}");
            let after = find_from(text, at.map_or(0, |at| at.end), &written);
            let place = after.or_else(|| find_from(text, 0, &written)).or_else(|| at.cloned());
            self.add(file, place, format!("the annotation {written}"), "@id, @ask and @description");
        }
    }

    /// Checks the id of a policy, and returns the policy under it.
    fn named(&mut self, file: usize, text: &str, policy: &Policy) -> Option<Policy> {
        let Some(id) = policy.annotation("id").filter(|id| !id.is_empty()).map(str::to_owned) else {
            let written = policy.to_cedar().unwrap_or_default();
            // Its first line stands for it.
            let length = written.lines().next().unwrap_or_default().len().max(1);
            let at = text.find(&written).map(|start| start..start + length);
            let allowed = "@id(\"…\") on each policy, which clients and audit name it by";
            self.add(file, at, "a policy without @id", allowed);
            return None;
        };
        let id_policy = PolicyId::new(&id);
        let at = place_of(text, &id_policy);
        if GATEWAY_IDS.contains(&id.as_str()) || !id.chars().all(is_visible) {
            let allowed = format!("visible characters, and another id than {}", GATEWAY_IDS.join(", "));
            self.add(file, at.clone(), format!("the id {id:?}"), &allowed);
        }
        if policy.annotation("ask").is_some_and(|group| group.trim().is_empty()) {
            self.add(file, at.clone(), format!("@ask on {id} without a group"), "@ask(\"<group>\")");
        }
        if policy.effect() == Effect::Permit && policy.annotation("ask").is_some() {
            self.add(file, at.clone(), format!("@ask on the permit {id}"), "@ask on forbids alone");
        }
        self.agents_of(file, text, at.as_ref(), policy);
        self.values_of(file, text, at.as_ref(), policy);
        self.annotations_of(file, text, at.as_ref(), policy);
        self.actions_of(file, at, &id, policy);
        if !self.ids.insert(id.clone()) {
            // The later of two is the one too many.
            let annotation = format!("@id(\"{id}\")");
            let at = text.rfind(&annotation).map(|start| start..start + annotation.len());
            self.add(
                file,
                at,
                format!("the id {id} a second time"),
                "an id of its own for each policy, also of the extended set",
            );
            return None;
        }
        Some(policy.new_id(id_policy))
    }
}

/// Returns the first place of a text at or after a byte.
fn find_from(text: &str, from: usize, written: &str) -> Option<std::ops::Range<usize>> {
    let start = from + text.get(from..)?.find(written)?;
    Some(start..start + written.len())
}

const fn is_visible(character: char) -> bool {
    character.is_ascii_graphic() || character == ' '
}

/// Returns whether the head of a policy names actions, and none but these.
fn names_only(policy: &Policy, names: &[&str]) -> bool {
    let head = named_actions(policy);
    !head.is_empty() && head.iter().all(|action| names.contains(&action.id().unescaped()))
}

/// Returns whether the head of a policy names one of these actions or groups of actions.
fn names_any(policy: &Policy, names: &[&str]) -> bool {
    named_actions(policy).iter().any(|action| names.contains(&action.id().unescaped()))
}

/// Returns the actions and groups of actions in the head of a policy; none if it is on all.
fn named_actions(policy: &Policy) -> Vec<EntityUid> {
    match policy.action_constraint() {
        ActionConstraint::Any => Vec::new(),
        ActionConstraint::Eq(action) => vec![action],
        ActionConstraint::In(actions) => actions,
    }
}

fn place(diagnostic: &dyn Diagnostic) -> Option<std::ops::Range<usize>> {
    let label = diagnostic.labels()?.next()?;
    Some(label.offset()..label.offset() + label.len().max(1))
}

/// Finds the annotation of a policy.
fn place_of(text: &str, id: &PolicyId) -> Option<std::ops::Range<usize>> {
    let annotation = format!("@id(\"{id}\")");
    text.find(&annotation).map(|start| start..start + annotation.len())
}

#[cfg(test)]
#[path = "check_tests.rs"]
mod tests;
