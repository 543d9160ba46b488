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

/// Checks a graph and returns its start. The states in `unread` may be of any type and lead anywhere, besides to what their
/// nodes name.
///
/// # Errors
/// All faults, so that the author of a graph can correct them at once.
pub(super) fn check(nodes: &Nodes, unread: &BTreeSet<StateName>) -> Result<StateName, Vec<GraphFault>> {
    let mut faults: Vec<GraphFault> = nodes.iter().flat_map(|(name, node)| target_faults(name, node, nodes)).collect();
    // A state with a missing target or successor is meant to lead elsewhere, too.
    let open: BTreeSet<StateName> =
        faults.iter().filter_map(|fault| fault.state.clone()).chain(unread.clone()).collect();
    faults.extend(nodes.iter().flat_map(|(name, node)| template_faults(name, node, nodes)));
    // A cycle consists of targets that exist, so that no other fault brings one about.
    faults.extend(cycle_faults(nodes));
    let inputs: Vec<&StateName> =
        nodes.iter().filter(|(_, node)| node.state == State::Input).map(|(name, _)| name).collect();
    let [start] = inputs.as_slice() else {
        if inputs.len() > 1 || unread.is_empty() {
            let found = format!("{} states of type input", inputs.len());
            faults.push(GraphFault { state: None, key: String::new(), found, allowed: "exactly one".to_owned() });
        }
        return Err(faults);
    };
    faults.extend(path_faults(start, nodes, &open));
    if faults.is_empty() { Ok((*start).clone()) } else { Err(faults) }
}

/// Finds the states that do not exist, and the successors that are not given.
fn target_faults(name: &StateName, node: &Node, nodes: &Nodes) -> Vec<GraphFault> {
    let all: Vec<&StateName> = nodes.keys().collect();
    let unknown = node.targets().into_iter().filter(|(_, target)| !nodes.contains_key(*target));
    let mut faults: Vec<GraphFault> = unknown
        .map(|(key, target)| GraphFault::at(name, &key, format!("\"{target}\""), format!("one of {}", list(&all))))
        .collect();
    let leads_on = matches!(node.state, State::Input | State::Action(_));
    if leads_on && node.next.is_none() {
        faults.push(GraphFault::at(name, "next", "nothing", "the next state"));
    }
    faults
}

/// Finds the names that templates must not read, or that do not exist.
fn template_faults(name: &StateName, node: &Node, nodes: &Nodes) -> Vec<GraphFault> {
    let all: Vec<&StateName> = nodes.keys().collect();
    let mut faults = Vec::new();
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

/// Finds the states that a run cannot enter or leave. Those in `open` may lead anywhere.
fn path_faults(start: &StateName, nodes: &Nodes, open: &BTreeSet<StateName>) -> Vec<GraphFault> {
    let reached = reachable(start, nodes);
    let may_reach_all = reached.iter().any(|name| open.contains(*name));
    let may_end = |name: &&StateName| {
        open.contains(*name) || nodes.get(*name).is_some_and(|node| matches!(node.state, State::Output(_)))
    };
    let mut faults = Vec::new();
    for name in nodes.keys() {
        if !may_reach_all && !reached.contains(name) {
            let allowed = format!("states that can be reached from {start}");
            faults.push(GraphFault::at(name, "", "a state that no state leads to", allowed));
        } else if !reachable(name, nodes).iter().any(may_end) {
            faults.push(GraphFault::at(name, "", "a state from which no output is reached", "a way to an output"));
        }
    }
    faults
}

/// Finds the cycles that a run might never leave: those that remain when every decision takes `otherwise`.
fn cycle_faults(nodes: &Nodes) -> Vec<GraphFault> {
    let mut found: Vec<(&StateName, BTreeSet<&StateName>)> = Vec::new();
    let mut faults = Vec::new();
    for (name, node) in nodes {
        let behind = reachable_by(last_resorts(node), |next| nodes.get(next).map(last_resorts).unwrap_or_default());
        // One fault names the first state of the cycle, or of cycles that share a state; the others would repeat it.
        let is_known = found.iter().any(|(first, reached)| behind.contains(first) && reached.contains(name));
        if behind.contains(name) && !is_known {
            let key = if matches!(node.state, State::Decision(_)) { "otherwise" } else { "" };
            let allowed = "cycles that pass a decision whose `otherwise` leaves them";
            faults.push(GraphFault::at(name, key, "a cycle without an end", allowed));
            found.push((name, behind));
        }
    }
    faults
}

/// Returns the states that a run may enter next once the branches of decisions are no longer tried.
fn last_resorts(node: &Node) -> BTreeSet<&StateName> {
    match &node.state {
        State::Decision(decision) => BTreeSet::from([&decision.otherwise]),
        _ => node.successors(),
    }
}

fn reachable<'a>(from: &'a StateName, nodes: &'a Nodes) -> BTreeSet<&'a StateName> {
    reachable_by(BTreeSet::from([from]), |name| nodes.get(name).map(Node::successors).unwrap_or_default())
}

/// Returns these states and all that follow them.
fn reachable_by<'a>(
    from: BTreeSet<&'a StateName>,
    next: impl Fn(&StateName) -> BTreeSet<&'a StateName>,
) -> BTreeSet<&'a StateName> {
    let mut seen = BTreeSet::new();
    let mut open: Vec<&StateName> = from.into_iter().collect();
    while let Some(name) = open.pop() {
        // Graphs may have cycles, so a state that was seen is not followed again.
        if seen.insert(name) {
            open.extend(next(name));
        }
    }
    seen
}

fn list(names: &[&StateName]) -> String {
    names.iter().map(|name| name.as_str()).collect::<Vec<_>>().join(", ")
}
