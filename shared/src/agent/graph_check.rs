//! The checks of a state graph.

use std::collections::{BTreeMap, BTreeSet};

use super::scope::check_name;
use super::{Node, State, StateName};

/// A fault of a graph.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GraphFault {
    /// The state; `None` for the graph as a whole.
    pub state: Option<StateName>,
    /// The key within the state; empty for the state as a whole.
    pub key: String,
    /// What was found.
    pub found: String,
    /// What is allowed.
    pub allowed: String,
}

impl GraphFault {
    fn at(state: &StateName, key: &str, found: impl Into<String>, allowed: impl Into<String>) -> Self {
        Self { state: Some(state.clone()), key: key.to_owned(), found: found.into(), allowed: allowed.into() }
    }
}

type Nodes = BTreeMap<StateName, Node>;

/// Checks a graph and returns its start.
///
/// # Errors
/// All faults, so that the author of a graph can correct them at once.
pub(super) fn check(nodes: &Nodes) -> Result<StateName, Vec<GraphFault>> {
    let mut faults: Vec<GraphFault> = nodes.iter().flat_map(|(name, node)| local_faults(name, node, nodes)).collect();
    let inputs: Vec<&StateName> =
        nodes.iter().filter(|(_, node)| node.state == State::Input).map(|(name, _)| name).collect();
    let [start] = inputs.as_slice() else {
        let found = format!("{} states of type input", inputs.len());
        faults.push(GraphFault { state: None, key: String::new(), found, allowed: "exactly one".to_owned() });
        return Err(faults);
    };
    // A missing target or successor would make sound states look stuck, so it is reported alone.
    if faults.is_empty() {
        faults.extend(path_faults(start, nodes));
    }
    if faults.is_empty() {
        faults.extend(cycle_faults(nodes));
    }
    if faults.is_empty() { Ok((*start).clone()) } else { Err(faults) }
}

fn local_faults(name: &StateName, node: &Node, nodes: &Nodes) -> Vec<GraphFault> {
    let all: Vec<&StateName> = nodes.keys().collect();
    let unknown = node.targets().into_iter().filter(|(_, target)| !nodes.contains_key(*target));
    let mut faults: Vec<GraphFault> = unknown
        .map(|(key, target)| GraphFault::at(name, &key, format!("\"{target}\""), format!("one of {}", list(&all))))
        .collect();
    let leads_on = matches!(node.state, State::Input | State::Action(_));
    if leads_on && node.next.is_none() {
        faults.push(GraphFault::at(name, "next", "nothing", "the next state"));
    }
    for (key, template) in node.templates() {
        // Instructions must not hold what strangers write.
        let only_caller = key == "system";
        for read in template.names() {
            let checked = if only_caller && read.split('.').next() != Some("caller") {
                Err("caller.user, caller.tenant or caller.groups, since instructions hold no other value".to_owned())
            } else {
                check_name(read, &all)
            };
            if let Err(allowed) = checked {
                faults.push(GraphFault::at(name, &key, format!("\"{read}\""), allowed));
            }
        }
    }
    faults
}

fn path_faults(start: &StateName, nodes: &Nodes) -> Vec<GraphFault> {
    let reached = reachable(start, nodes);
    let is_output = |name: &&StateName| nodes.get(*name).is_some_and(|node| matches!(node.state, State::Output(_)));
    let mut faults = Vec::new();
    for name in nodes.keys() {
        if !reached.contains(name) {
            let allowed = format!("states that can be reached from {start}");
            faults.push(GraphFault::at(name, "", "a state that no state leads to", allowed));
        } else if !reachable(name, nodes).iter().any(|end| is_output(&end)) {
            faults.push(GraphFault::at(name, "", "a state from which no output is reached", "a way to an output"));
        }
    }
    faults
}

/// Finds the cycles that a run might never leave: those that remain when every decision takes `otherwise`.
fn cycle_faults(nodes: &Nodes) -> Vec<GraphFault> {
    let last_resorts = |node: &'_ Node| -> Vec<StateName> {
        match &node.state {
            State::Decision(decision) => vec![decision.otherwise.clone()],
            _ => node.successors().into_iter().cloned().collect(),
        }
    };
    let returns = |start: &StateName| {
        let mut seen = BTreeSet::new();
        let mut open: Vec<StateName> = nodes.get(start).map(last_resorts).unwrap_or_default();
        while let Some(name) = open.pop() {
            if name == *start {
                return true;
            }
            if seen.insert(name.clone()) {
                open.extend(nodes.get(&name).map(last_resorts).unwrap_or_default());
            }
        }
        false
    };
    // One fault names the whole cycle's first state; the others would repeat it.
    let first = nodes.keys().find(|name| returns(name));
    let fault = |name: &StateName| {
        let is_decision = matches!(nodes.get(name).map(|node| &node.state), Some(State::Decision(_)));
        let key = if is_decision { "otherwise" } else { "" };
        let allowed = "cycles that pass a decision whose `otherwise` leaves them";
        GraphFault::at(name, key, "a cycle without an end", allowed)
    };
    first.map(fault).into_iter().collect()
}

fn reachable(from: &StateName, nodes: &Nodes) -> BTreeSet<StateName> {
    let mut seen = BTreeSet::new();
    let mut open = vec![from];
    while let Some(name) = open.pop() {
        // Graphs may have cycles, so a state that was seen is not followed again.
        if seen.insert(name.clone()) {
            open.extend(nodes.get(name).into_iter().flat_map(Node::successors));
        }
    }
    seen
}

fn list(names: &[&StateName]) -> String {
    names.iter().map(|name| name.as_str()).collect::<Vec<_>>().join(", ")
}
