//! Forks of a graph that untrusted text steers towards a write.
//!
//! Nothing refuses them at run time: what a graph calls counts as planned, whichever way led there.

use std::collections::BTreeSet;

use super::{ActionEffect, ActionSpec, AgentDefinition, GenerateSpec, Node, State, StateName, Template};
use crate::domain::{ToolName, Trust};

/// A fork that untrusted text steers: one of its ways leads to a write that another does not lead to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SteeredWrite {
    /// The state whose successor untrusted text decides on.
    pub fork: StateName,
    /// The key that lets it: the first condition that reads untrusted text, such as `branches[0].when`, or `on_error`.
    pub key: String,
    /// The state that writes.
    pub write: StateName,
}

impl AgentDefinition {
    /// Returns the writes of the graph that depend on untrusted text, each with the fork before it.
    #[must_use]
    pub fn steered_writes(&self) -> Vec<SteeredWrite> {
        let untrusted = self.untrusted_states();
        let mut found = Vec::new();
        for (name, node) in self.graph.nodes() {
            if let Some(key) = self.steered_by(name, node, &untrusted) {
                let writes = self.writes_at_stake(name, node).into_iter();
                found.extend(writes.map(|write| SteeredWrite { fork: name.clone(), key: key.clone(), write }));
            }
        }
        found
    }

    /// Returns the key by which untrusted text decides on the state's successor.
    fn steered_by(&self, name: &StateName, node: &Node, untrusted: &BTreeSet<StateName>) -> Option<String> {
        if let State::Decision(decision) = &node.state {
            let reads_untrusted = |condition| self.reads_untrusted(condition, untrusted);
            let steered = decision.branches.iter().position(|branch| reads_untrusted(&branch.condition));
            return steered.map(|index| format!("branches[{index}].when"));
        }
        // Who may word an output, or what is asked for, may also make it fail.
        (node.on_error.is_some() && untrusted.contains(name)).then(|| "on_error".to_owned())
    }

    /// Returns the states that write and that some of a state's successors lead to, but not all; of a failure, those that only
    /// the failure leads to.
    fn writes_at_stake(&self, name: &StateName, node: &Node) -> BTreeSet<StateName> {
        if let (Some(next), Some(on_error)) = (&node.next, &node.on_error) {
            return &self.writes_behind(on_error, name) - &self.writes_behind(next, name);
        }
        let ways: Vec<BTreeSet<StateName>> =
            node.successors().into_iter().map(|successor| self.writes_behind(successor, name)).collect();
        let all: BTreeSet<StateName> = ways.iter().flatten().cloned().collect();
        all.into_iter().filter(|write| !ways.iter().all(|way| way.contains(write))).collect()
    }

    /// Returns the states that write and can be reached from a state without passing the fork again.
    fn writes_behind(&self, from: &StateName, fork: &StateName) -> BTreeSet<StateName> {
        let mut seen = BTreeSet::from([fork.clone()]);
        let mut open = vec![from];
        let mut writes = BTreeSet::new();
        while let Some(name) = open.pop() {
            let Some(node) = self.graph.node(name).filter(|_| seen.insert(name.clone())) else { continue };
            if self.may_write(node) {
                writes.insert(name.clone());
            }
            open.extend(node.successors());
        }
        writes
    }

    fn may_write(&self, node: &Node) -> bool {
        match &node.state {
            State::Action(ActionSpec::Call(call)) => self.is_write(&call.action),
            State::Action(ActionSpec::Generate(spec)) => self.tools_of(spec).any(|tool| self.is_write(tool)),
            State::Input | State::Decision(_) | State::Output(_) => false,
        }
    }

    /// Returns the states whose output strangers may have had a say in.
    fn untrusted_states(&self) -> BTreeSet<StateName> {
        let mut untrusted = BTreeSet::new();
        // Each round adds what reads the states found before, until a round adds nothing.
        loop {
            let known = untrusted.len();
            let of_conversation =
                self.graph.generations().any(|(name, spec)| spec.prompt.is_none() && untrusted.contains(name));
            for (name, node) in self.graph.nodes() {
                let State::Action(action) = &node.state else { continue };
                let reads_untrusted =
                    node.templates().into_iter().any(|(_, template)| self.reads_untrusted(template, &untrusted));
                let is_untrusted = match action {
                    ActionSpec::Call(call) => self.is_untrusted(&call.action),
                    ActionSpec::Generate(spec) => {
                        let continues = spec.prompt.is_none() && of_conversation;
                        continues || self.tools_of(spec).any(|tool| self.is_untrusted(tool))
                    }
                };
                if reads_untrusted || is_untrusted {
                    untrusted.insert(name.clone());
                }
            }
            if untrusted.len() == known {
                return untrusted;
            }
        }
    }

    fn reads_untrusted(&self, template: &Template, untrusted: &BTreeSet<StateName>) -> bool {
        template.names().iter().any(|name| {
            let mut steps = name.split('.');
            match (steps.next(), steps.next(), steps.next()) {
                (Some("input"), ..) => self.safeguards.input == Trust::Untrusted,
                // Who may word an output may also make it fail. Visits are the graph's own.
                (Some("states"), Some(state), Some("output" | "status") | None) => {
                    untrusted.contains(&StateName::new(state))
                }
                // A state that is chosen at run time.
                (Some("states"), None, _) => !untrusted.is_empty(),
                _ => false,
            }
        })
    }

    fn tools_of<'a>(&'a self, spec: &'a GenerateSpec) -> impl Iterator<Item = &'a ToolName> {
        spec.tools.as_ref().unwrap_or(&self.tools).iter().map(|tool| &tool.name)
    }

    fn is_write(&self, action: &ToolName) -> bool {
        self.actions.get(action).is_some_and(|action| action.effect == ActionEffect::Write)
    }

    fn is_untrusted(&self, action: &ToolName) -> bool {
        self.actions.get(action).is_some_and(|action| action.output == Trust::Untrusted)
    }
}
