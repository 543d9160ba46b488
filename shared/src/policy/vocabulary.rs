//! The literals that policies compare with members of `context` of few values, such as `context.opinion == "deny"`. To
//! Cedar's validator they are any text, so that a misspelt one would make a policy that never applies.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::Opinion;
use super::schema::Actions;
use crate::agent::Origin;
use crate::domain::{GRANT_NAME, is_grant_name};

/// The comparisons, as Cedar's JSON form names them.
const COMPARISONS: [&str; 5] = ["==", "!=", "contains", "containsAll", "containsAny"];

/// The values that members of `context` have.
pub(super) struct Vocabulary(BTreeMap<&'static str, BTreeSet<String>>);

impl Vocabulary {
    pub(super) fn of(actions: &Actions) -> Self {
        let origins = [Origin::Caller, Origin::Operator, Origin::Trusted, Origin::Untrusted, Origin::Model];
        let origins = owned(origins.map(Origin::as_str));
        let opinions = [Opinion::Allow, Opinion::Deny, Opinion::Failed, Opinion::None];
        Self(BTreeMap::from([
            ("origin", origins.clone()),
            ("authority", origins),
            ("proposed_by", owned(["model", "graph"])),
            ("opinion", owned(opinions.map(Opinion::as_str))),
            ("called", actions.keys().map(ToString::to_string).collect()),
            ("data", actions.values().flat_map(|action| action.data.clone()).collect()),
            ("accepts", actions.values().flat_map(|action| action.accepts.clone()).collect()),
        ]))
    }

    /// Returns each literal that a policy, in Cedar's JSON form, compares with a member of `context` that never has it: the
    /// member, the literal, and what the member has.
    pub(super) fn unknown<'a>(&self, policy: &'a Value) -> BTreeSet<(&'a str, &'a str, String)> {
        let mut unknown = BTreeSet::new();
        visit(policy, &mut |expression| {
            let operands = COMPARISONS.iter().filter_map(|name| expression.get(name));
            for (left, right) in operands.filter_map(|pair| pair.get("left").zip(pair.get("right"))) {
                for (compared, with) in [(left, right), (right, left)] {
                    let Some(member) = member_of_context(compared) else { continue };
                    let literals = literals(with).into_iter().filter(|literal| !self.may_have(member, literal));
                    unknown.extend(literals.map(|literal| (member, literal, self.values_of(member))));
                }
            }
        });
        unknown
    }

    fn may_have(&self, member: &str, literal: &str) -> bool {
        match self.0.get(member) {
            Some(known) => known.contains(literal),
            None => member != "grants" || is_grant_name(literal),
        }
    }

    /// Returns what a member has, for faults.
    fn values_of(&self, member: &str) -> String {
        match self.0.get(member) {
            None => format!("a name of a grant: {GRANT_NAME}"),
            Some(known) if known.is_empty() => "no value, since no action of the configuration has one".to_owned(),
            Some(known) => {
                let known: Vec<&str> = known.iter().map(String::as_str).collect();
                format!("a value that it has: {}", known.join(", "))
            }
        }
    }
}

/// Returns whether a policy, in Cedar's JSON form, reads a member of `context`.
pub(super) fn reads(policy: &Value, member: &str) -> bool {
    let mut is_read = false;
    visit(policy, &mut |expression| is_read |= member_of_context(expression) == Some(member));
    is_read
}

fn visit<'a>(value: &'a Value, see: &mut impl FnMut(&'a Value)) {
    see(value);
    match value {
        Value::Array(items) => items.iter().for_each(|item| visit(item, see)),
        Value::Object(members) => members.values().for_each(|member| visit(member, see)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// Returns the `opinion` of `context.opinion`, and the `origin` of `context.origin.order`.
fn member_of_context(expression: &Value) -> Option<&str> {
    let is_context = |record: &Value| record.get("Var").and_then(Value::as_str) == Some("context");
    let (record, name) = access(expression)?;
    if is_context(record) {
        return Some(name);
    }
    access(record).filter(|(outer, name)| is_context(outer) && *name == "origin").map(|(_, name)| name)
}

fn access(expression: &Value) -> Option<(&Value, &str)> {
    let access = expression.get(".")?;
    access.get("left").zip(access.get("attr").and_then(Value::as_str))
}

/// Returns a literal text, or those of a literal set.
fn literals(expression: &Value) -> Vec<&str> {
    let one = std::slice::from_ref(expression);
    let all = expression.get("Set").and_then(Value::as_array).map_or(one, Vec::as_slice);
    all.iter().filter_map(|each| each.get("Value")?.as_str()).collect()
}

fn owned<const N: usize>(names: [&str; N]) -> BTreeSet<String> {
    names.map(str::to_owned).into()
}
