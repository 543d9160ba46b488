//! Decisions that untrusted text steers towards a write.
//!
//! Nothing refuses them at run time: what a graph calls counts as planned, whichever way led there.

use std::collections::BTreeSet;

use super::{ActionEffect, ActionSpec, AgentDefinition, Decision, GenerateSpec, Node, State, StateName, Template};
use crate::domain::{ToolName, Trust};

/// A decision that untrusted text steers: one of its ways leads to a write that another does not lead to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SteeredWrite {
    /// The decision.
    pub decision: StateName,
    /// The key of its first condition that reads untrusted text, such as `branches[0].when`.
    pub key: String,
    /// The state that writes.
    pub write: StateName,
}

impl AgentDefinition {
    /// Returns the writes of the graph that depend on untrusted text, each with its decision.
    #[must_use]
    pub fn steered_writes(&self) -> Vec<SteeredWrite> {
        let untrusted = self.untrusted_states();
        let mut found = Vec::new();
        for (name, node) in self.graph.nodes() {
            let State::Decision(decision) = &node.state else { continue };
            let conditions = decision.branches.iter().map(|branch| &branch.condition).enumerate();
            let mut steered = conditions.filter(|(_, condition)| self.reads_untrusted(condition, &untrusted));
            if let Some((index, _)) = steered.next() {
                let writes = self.writes_of_some_ways(name, decision).into_iter();
                let key = || format!("branches[{index}].when");
                found.extend(writes.map(|write| SteeredWrite { decision: name.clone(), key: key(), write }));
            }
        }
        found
    }

    /// Returns the states that write and that some ways of a decision lead to, but not all.
    fn writes_of_some_ways(&self, name: &StateName, decision: &Decision) -> BTreeSet<StateName> {
        let targets = decision.branches.iter().map(|branch| &branch.target).chain([&decision.otherwise]);
        let ways: Vec<BTreeSet<StateName>> = targets.map(|target| self.writes_behind(target, name)).collect();
        let all: BTreeSet<StateName> = ways.iter().flatten().cloned().collect();
        all.into_iter().filter(|write| !ways.iter().all(|way| way.contains(write))).collect()
    }

    /// Returns the states that write and can be reached from a state without passing the decision again.
    fn writes_behind(&self, from: &StateName, decision: &StateName) -> BTreeSet<StateName> {
        let mut seen = BTreeSet::from([decision.clone()]);
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
