//! The state graph of an agent: Input, Action, Decision, Output.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde_json::Value;

use crate::domain::ToolName;

/// A state's name within its graph.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct StateName(String);

impl StateName {
    /// Wraps the text unchecked.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// Returns the text.
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
    /// Generates, or calls an action.
    Action(ActionSpec),
    /// Continues at the target of the first branch whose condition holds.
    Decision(Vec<Branch>),
    /// Ends the run with the text for the client.
    Output(Template),
}

/// What an action state does.
#[derive(Debug, Clone, PartialEq)]
pub enum ActionSpec {
    /// Calls the agent's model, with the agent's tools, until it proposes no more calls.
    Generate,
    /// Calls one action.
    Call {
        /// The action.
        action: ToolName,
        /// Its arguments.
        arguments: Value,
    },
}

/// A branch of a decision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Branch {
    /// The condition under which it is taken.
    pub condition: Condition,
    /// The next state.
    pub target: StateName,
}

/// The condition of a branch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Condition {
    /// Always holds; for the last branch.
    Otherwise,
}

/// The text for the client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Template {
    /// The text of the last generation or action.
    LastText,
}

/// A state and its successor.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    /// What the state does.
    pub state: State,
    /// The next state; `None` for decisions, which have branches, and for outputs, which end the run.
    pub next: Option<StateName>,
}

/// A fault of a graph.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GraphFault {
    /// The graph does not have exactly one input.
    #[error("a graph has exactly one input state, this one has {found}")]
    Inputs {
        /// The number of inputs.
        found: usize,
    },
    /// A state leads to one that does not exist.
    #[error("state {from} leads to {target}, which does not exist")]
    UnknownTarget {
        /// The state.
        from: StateName,
        /// The missing state.
        target: StateName,
    },
    /// An input or an action has no next state.
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
    /// A reachable state from which no output can be reached.
    #[error("no output can be reached from state {state}")]
    NoOutput {
        /// The state.
        state: StateName,
    },
}

/// A checked state graph: every named state exists, and an output can be reached from every reachable state.
#[derive(Debug, Clone, PartialEq)]
pub struct Graph {
    start: StateName,
    nodes: BTreeMap<StateName, Node>,
}

impl Graph {
    /// Checks the states and builds a graph.
    ///
    /// # Errors
    /// All faults that were found.
    pub fn new(nodes: BTreeMap<StateName, Node>) -> Result<Self, Vec<GraphFault>> {
        // All faults are gathered, so that the author of a graph can correct them at once.
        let mut faults: Vec<GraphFault> =
            nodes.iter().flat_map(|(name, node)| local_faults(name, node, &nodes)).collect();
        let inputs: Vec<&StateName> =
            nodes.iter().filter(|(_, node)| node.state == State::Input).map(|(name, _)| name).collect();
        let [start] = inputs.as_slice() else {
            faults.push(GraphFault::Inputs { found: inputs.len() });
            return Err(faults);
        };
        let start = (*start).clone();
        // A missing target or successor would make sound states look stuck, so it is reported alone.
        if faults.is_empty() {
            // A state that no run can enter cannot strand one, so only reachable states count.
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

    /// Returns the graph of an agent that configures none: input → generate with tools → output.
    #[must_use]
    pub fn default_graph() -> Self {
        let name = StateName::new;
        let nodes = [
            (name("input"), Node { state: State::Input, next: Some(name("generate")) }),
            (name("generate"), Node { state: State::Action(ActionSpec::Generate), next: Some(name("output")) }),
            (name("output"), Node { state: State::Output(Template::LastText), next: None }),
        ];
        // Built without the check, since the graph is fixed; a test proves that the check accepts it.
        Self { start: name("input"), nodes: nodes.into_iter().collect() }
    }

    /// Returns the state in which a run begins.
    #[must_use]
    pub const fn start(&self) -> &StateName {
        &self.start
    }

    /// Returns the state of this name.
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
        // Graphs may have cycles, so a state that was seen is not followed again.
        if seen.insert(name.clone()) {
            open.extend(nodes.get(name).into_iter().flat_map(targets));
        }
    }
    seen
}
