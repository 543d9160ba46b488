//! The state graph of an agent: Input, Action, Decision, Output.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde_json::Value;

use crate::domain::ToolName;

/// A state's name within its graph.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct StateName(String);

impl StateName {
    /// Takes the text as it is.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for StateName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// What a state does.
#[derive(Debug, Clone, PartialEq)]
pub enum State {
    /// Accepts the prompt.
    Input,
    /// Does something: generates, or calls an action.
    Action(ActionSpec),
    /// Goes where the first branch that holds points.
    Decision(Vec<Branch>),
    /// Ends the run with what the client gets.
    Output(Template),
}

/// What an action state does.
#[derive(Debug, Clone, PartialEq)]
pub enum ActionSpec {
    /// Asks the agent's model, with the agent's tools, until it asks for no more of them.
    Generate,
    /// Calls one action.
    Call {
        /// The action.
        action: ToolName,
        /// Its arguments.
        arguments: Value,
    },
}

/// A way out of a decision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Branch {
    /// When it is taken.
    pub condition: Condition,
    /// Where it leads.
    pub target: StateName,
}

/// When a branch is taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Condition {
    /// Always: the branch for everything else.
    Otherwise,
}

/// What the client gets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Template {
    /// The text of the last generation or action.
    LastText,
}

/// A state in its place.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    /// What it does.
    pub state: State,
    /// Where it leads; none for decisions, which have branches, and outputs, which end.
    pub next: Option<StateName>,
}

/// Why a graph is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GraphFault {
    /// There is not exactly one input.
    #[error("a graph has exactly one input state, this one has {found}")]
    Inputs {
        /// How many it has.
        found: usize,
    },
    /// A state leads to one that is not there.
    #[error("state {from} leads to {target}, which does not exist")]
    UnknownTarget {
        /// The state.
        from: StateName,
        /// What it names.
        target: StateName,
    },
    /// An input or action leads nowhere.
    #[error("state {state} needs a next state")]
    DeadEnd {
        /// The state.
        state: StateName,
    },
    /// A decision or output has a next state.
    #[error("state {state} is a decision or an output and has no next state")]
    SuperfluousNext {
        /// The state.
        state: StateName,
    },
    /// No output can be reached from a state that can itself be reached.
    #[error("no output can be reached from state {state}")]
    NoOutput {
        /// The state.
        state: StateName,
    },
}

/// A checked state graph: every name is known, and every state that can be reached can reach an output.
#[derive(Debug, Clone, PartialEq)]
pub struct Graph {
    start: StateName,
    nodes: BTreeMap<StateName, Node>,
}

impl Graph {
    /// Checks a graph.
    ///
    /// # Errors
    /// All faults at once.
    pub fn new(nodes: BTreeMap<StateName, Node>) -> Result<Self, Vec<GraphFault>> {
        let mut faults: Vec<GraphFault> =
            nodes.iter().flat_map(|(name, node)| local_faults(name, node, &nodes)).collect();
        let inputs: Vec<&StateName> =
            nodes.iter().filter(|(_, node)| node.state == State::Input).map(|(name, _)| name).collect();
        let [start] = inputs.as_slice() else {
            faults.push(GraphFault::Inputs { found: inputs.len() });
            return Err(faults);
        };
        let start = (*start).clone();
        if faults.is_empty() {
            let reached = reachable(&start, &nodes);
            let stuck = reached.into_iter().filter(|name| {
                !reachable(name, &nodes)
                    .iter()
                    .any(|end| nodes.get(end).is_some_and(|node| matches!(node.state, State::Output(_))))
            });
            faults.extend(stuck.map(|state| GraphFault::NoOutput { state }));
        }
        if faults.is_empty() { Ok(Self { start, nodes }) } else { Err(faults) }
    }

    /// The graph of an agent without one of its own: Input → generate with tools → Output.
    #[must_use]
    pub fn default_graph() -> Self {
        let name = StateName::new;
        let nodes = [
            (name("input"), Node { state: State::Input, next: Some(name("generate")) }),
            (name("generate"), Node { state: State::Action(ActionSpec::Generate), next: Some(name("output")) }),
            (name("output"), Node { state: State::Output(Template::LastText), next: None }),
        ];
        Self { start: name("input"), nodes: nodes.into_iter().collect() }
    }

    /// Where a run begins.
    #[must_use]
    pub const fn start(&self) -> &StateName {
        &self.start
    }

    /// A state by its name.
    #[must_use]
    pub fn node(&self, name: &StateName) -> Option<&Node> {
        self.nodes.get(name)
    }
}

fn targets(node: &Node) -> Vec<&StateName> {
    let branches: &[Branch] = if let State::Decision(branches) = &node.state { branches } else { &[] };
    node.next.iter().chain(branches.iter().map(|branch| &branch.target)).collect()
}

fn local_faults(name: &StateName, node: &Node, nodes: &BTreeMap<StateName, Node>) -> Vec<GraphFault> {
    let unknown = targets(node).into_iter().filter(|target| !nodes.contains_key(*target));
    let mut faults: Vec<GraphFault> =
        unknown.map(|target| GraphFault::UnknownTarget { from: name.clone(), target: target.clone() }).collect();
    let leads_on = match &node.state {
        State::Input | State::Action(_) => true,
        State::Decision(_) | State::Output(_) => false,
    };
    if leads_on && node.next.is_none() {
        faults.push(GraphFault::DeadEnd { state: name.clone() });
    }
    if !leads_on && node.next.is_some() {
        faults.push(GraphFault::SuperfluousNext { state: name.clone() });
    }
    faults
}

fn reachable(from: &StateName, nodes: &BTreeMap<StateName, Node>) -> BTreeSet<StateName> {
    let mut seen = BTreeSet::new();
    let mut open = vec![from];
    while let Some(name) = open.pop() {
        if seen.insert(name.clone()) {
            open.extend(nodes.get(name).into_iter().flat_map(targets));
        }
    }
    seen
}
