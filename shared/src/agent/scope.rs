//! The values that templates read: the request, the caller, and the states so far.

use std::collections::{BTreeMap, BTreeSet};

use minijinja::value::{Serde, Value};
use serde::Serialize;

use super::StateName;
use crate::domain::Principal;

/// What a caller sends for a run.
#[derive(Clone, PartialEq, Eq, derive_more::Debug)]
pub struct CallerInput {
    /// The prompt.
    #[debug("[{} bytes]", prompt.len())]
    pub prompt: String,
    /// The metadata.
    #[debug("[{} notes]", metadata.len())]
    pub metadata: BTreeMap<String, String>,
    /// The caller.
    pub caller: Principal,
}

/// How a visited state ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StateStatus {
    /// It has an output.
    Succeeded,
    /// Its model or its action failed.
    Failed,
    /// Policy denied its call.
    Denied,
    /// Its call waits for a person.
    NeedsApproval,
}

impl StateStatus {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Succeeded, Self::Failed, Self::Denied, Self::NeedsApproval];

    /// Returns the name that templates compare with.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
            Self::Denied => "denied",
            Self::NeedsApproval => "needs-approval",
        }
    }
}

/// What a run knows of a state that it has visited.
#[derive(Clone, Default, PartialEq, derive_more::Debug)]
pub struct StateRecord {
    /// How the last visit ended; `None` during the first.
    pub status: Option<StateStatus>,
    /// The output of the last visit, if it succeeded.
    #[debug("{}", if output.is_some() { "[hidden]" } else { "none" })]
    pub output: Option<serde_json::Value>,
    /// The number of visits.
    pub visits: u32,
    /// Whether strangers may have written the output, or decided how the visit ended.
    pub is_untrusted: bool,
}

/// The values of one evaluation.
pub struct Scope<'a> {
    pub(super) input: &'a CallerInput,
    /// Whether prompt and metadata count as a stranger's text.
    pub(super) is_input_untrusted: bool,
    /// Whether strangers may have decided which states were entered, and how often.
    pub(super) is_steered: bool,
    pub(super) states: &'a BTreeMap<StateName, StateRecord>,
    /// The states of the graph, of which those that were not visited have no output.
    pub(super) all_states: Vec<&'a StateName>,
    /// The call that an action's own templates are about; `None` in a graph.
    pub(super) call: Option<CallValues<'a>>,
}

/// What the templates of an action may read of its call.
#[derive(Clone, Copy)]
pub(super) struct CallValues<'a> {
    arguments: &'a serde_json::Value,
    args: &'a serde_json::Value,
}

/// The names that each root has; a root without them is free.
const MEMBERS: [(&str, &[&str]); 2] = [("input", &["prompt", "metadata"]), ("caller", &["user", "tenant", "groups"])];
/// What only an action's own templates may read.
const CALL_ROOTS: [&str; 2] = ["arguments", "args"];
const STATE_MEMBERS: [&str; 3] = ["output", "status", "visits"];
/// The functions that templates may call.
pub const FUNCTIONS: [&str; 2] = ["range", "dict"];

static NO_STATES: BTreeMap<StateName, StateRecord> = BTreeMap::new();

impl<'a> Scope<'a> {
    /// Returns the values that an action's own templates read: the request, the caller, the arguments of the call, and what the
    /// configuration fixes for it.
    #[must_use]
    pub fn of_call(input: &'a CallerInput, arguments: &'a serde_json::Value, args: &'a serde_json::Value) -> Self {
        let call = Some(CallValues { arguments, args });
        // Nothing is looked up of an action's own templates: `check` refuses those that read a stranger's input.
        let (is_input_untrusted, is_steered) = (false, false);
        Self { input, is_input_untrusted, is_steered, states: &NO_STATES, all_states: Vec::new(), call }
    }
}

impl Scope<'_> {
    /// Returns whether a name is that of an output that strangers may have written.
    pub(super) fn reads_untrusted(&self, names: &BTreeSet<String>) -> bool {
        let is_written = |record: &StateRecord| record.is_untrusted && record.output.is_some();
        self.states.iter().any(|(state, record)| is_written(record) && reads_state(names, state))
    }

    /// Returns whether a name is that of a stranger's input, or of a state whose output, end or visits strangers may have
    /// decided.
    pub(super) fn depends_on_untrusted(&self, names: &BTreeSet<String>) -> bool {
        let reads = |root| names.iter().any(|name| is_of(name, root));
        (self.is_input_untrusted && reads("input"))
            || (self.is_steered && reads("states"))
            || self.states.iter().any(|(state, record)| record.is_untrusted && reads_state(names, state))
    }

    /// Returns the values that have these names, and no others, since a copy of every output would be made otherwise.
    pub(super) fn values(&self, names: &BTreeSet<String>) -> Value {
        self.values_with(names, || of(&self.input.metadata))
    }

    /// Returns the values that have these names, with other metadata than the caller's.
    pub(super) fn values_with(&self, names: &BTreeSet<String>, metadata: impl FnOnce() -> Value) -> Value {
        let reads = |root: &str| names.iter().any(|name| is_of(name, root));
        let mut values = BTreeMap::new();
        if reads("input") {
            let prompt = Value::from(self.input.prompt.as_str());
            let input = BTreeMap::from([("prompt", prompt), ("metadata", metadata())]);
            values.insert("input", of(input));
        }
        if reads("caller") {
            let caller = &self.input.caller;
            let groups: Vec<&str> = caller.groups.iter().map(String::as_str).collect();
            let caller = BTreeMap::from([
                ("user", Value::from(caller.user.as_str())),
                ("tenant", Value::from(caller.tenant.as_str())),
                ("groups", of(groups)),
            ]);
            values.insert("caller", of(caller));
        }
        if let Some(call) = self.call {
            values.extend(reads("arguments").then(|| ("arguments", of(call.arguments))));
            values.extend(reads("args").then(|| ("args", of(call.args))));
        }
        if reads("states") {
            let states: BTreeMap<&str, Value> = self
                .all_states
                .iter()
                .filter(|state| reads_state(names, state))
                .map(|state| (state.as_str(), self.state(state)))
                .collect();
            values.insert("states", of(states));
        }
        of(values)
    }

    fn state(&self, name: &StateName) -> Value {
        let record = self.states.get(name);
        let status = record.and_then(|record| record.status).map(StateStatus::as_str);
        of(BTreeMap::from([
            ("output", of(record.and_then(|record| record.output.as_ref()))),
            ("status", of(status)),
            ("visits", Value::from(record.map_or(0, |record| record.visits))),
        ]))
    }
}

/// Returns a value of the template language.
fn of(value: impl Serialize) -> Value {
    Value::from(Serde(value))
}

fn is_of(name: &str, root: &str) -> bool {
    name.split('.').next() == Some(root)
}

fn reads_state(names: &BTreeSet<String>, state: &StateName) -> bool {
    names.iter().any(|name| {
        let mut steps = name.split('.');
        // `states` alone, as in `states['find']`, reads them all.
        steps.next() == Some("states") && steps.next().is_none_or(|read| read == state.as_str())
    })
}

/// Checks a name that a template of an action reads, and returns what is allowed in its place. `arguments` are the names of
/// its arguments. `args` are those of the values that its configuration fixes, if its kind passes them to
/// [`Scope::of_call`].
///
/// # Errors
/// What is allowed in place of the name.
pub fn check_call_name<'a>(
    name: &str,
    arguments: impl Iterator<Item = &'a str> + Clone,
    args: &[&str],
) -> Result<(), String> {
    let roots = || if args.is_empty() { "input, caller or arguments" } else { "input, caller, arguments or args" };
    let mut steps = name.split('.');
    let root = steps.next().unwrap_or_default();
    match (root, steps.next()) {
        ("arguments", Some(_)) if arguments.clone().next().is_none() => {
            Err("input or caller, since the action has no arguments".to_owned())
        }
        ("arguments", Some(argument)) if !arguments.clone().any(|known| known == argument) => {
            Err(format!("arguments.<name> of one of {}", list(arguments)))
        }
        ("args", _) if args.is_empty() => Err(format!("{}, since the action has no args", roots())),
        ("args", Some(member)) if !args.contains(&member) => {
            Err(format!("args.<name> of one of {}", list(args.iter().copied())))
        }
        ("states", _) => Err(format!("{}, since an action serves many graphs", roots())),
        _ if CALL_ROOTS.contains(&root) => Ok(()),
        _ => check_name(name, &[]).map_err(|allowed| match allowed.as_str() {
            "input, caller or states" => roots().to_owned(),
            _ => allowed,
        }),
    }
}

/// Checks a name that a template reads against what there is, and returns what is allowed in its place.
pub(super) fn check_name(name: &str, states: &[&StateName]) -> Result<(), String> {
    let mut steps = name.split('.');
    let root = steps.next().unwrap_or_default();
    if FUNCTIONS.contains(&root) {
        return Ok(());
    }
    if root == "states" {
        let Some(state) = steps.next() else { return Ok(()) };
        if !states.iter().any(|known| known.as_str() == state) {
            return Err(format!("states.<name> of one of {}", list(states.iter().map(|state| state.as_str()))));
        }
        return match steps.next() {
            Some(member) if !STATE_MEMBERS.contains(&member) => {
                Err(format!("states.{state}.<member> of one of {}", list(STATE_MEMBERS.into_iter())))
            }
            _ => Ok(()),
        };
    }
    let Some((_, members)) = MEMBERS.iter().find(|(known, _)| *known == root) else {
        return Err("input, caller or states".to_owned());
    };
    match steps.next() {
        Some(member) if !members.contains(&member) => {
            Err(format!("{root}.<member> of one of {}", list(members.iter().copied())))
        }
        _ => Ok(()),
    }
}

fn list<'a>(names: impl Iterator<Item = &'a str>) -> String {
    names.collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
#[path = "scope_tests.rs"]
mod tests;
