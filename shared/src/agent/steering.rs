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

/// What strangers may have had a say in.
#[derive(Default, PartialEq, Eq)]
struct Steered {
    /// The states whose output or end they may have decided.
    untrusted: BTreeSet<StateName>,
    /// The states that a run enters or passes by as they like.
    visited: BTreeSet<StateName>,
}

impl AgentDefinition {
    /// Returns the writes of the graph that depend on untrusted text, each with the fork before it.
    #[must_use]
    pub fn steered_writes(&self) -> Vec<SteeredWrite> {
        let steered = self.steered();
        let mut found = Vec::new();
        for (name, node) in self.graph.nodes() {
            if let Some(key) = self.steered_by(name, node, &steered) {
                let writes = self.at_stake(name, node).into_iter().filter(|state| self.may_write(state));
                found.extend(writes.map(|write| SteeredWrite { fork: name.clone(), key: key.clone(), write }));
            }
        }
        found
    }

    /// Returns the key by which untrusted text decides on the state's successor.
    fn steered_by(&self, name: &StateName, node: &Node, steered: &Steered) -> Option<String> {
        if let State::Decision(decision) = &node.state {
            let reads_untrusted = |condition| self.reads_untrusted(condition, steered);
            let steered = decision.branches.iter().position(|branch| reads_untrusted(&branch.condition));
            return steered.map(|index| format!("branches[{index}].when"));
        }
        // Who may word an output, or what is asked for, may also make it fail.
        (node.on_error.is_some() && steered.untrusted.contains(name)).then(|| "on_error".to_owned())
    }

    /// Returns the states that some of a state's successors lead to, but not all; of a failure, those that only the failure leads
    /// to.
    fn at_stake(&self, name: &StateName, node: &Node) -> BTreeSet<StateName> {
        if let (Some(next), Some(on_error)) = (&node.next, &node.on_error) {
            return &self.behind(on_error, name) - &self.behind(next, name);
        }
        let ways: Vec<BTreeSet<StateName>> =
            node.successors().into_iter().map(|successor| self.behind(successor, name)).collect();
        let all: BTreeSet<StateName> = ways.iter().flatten().cloned().collect();
        all.into_iter().filter(|state| !ways.iter().all(|way| way.contains(state))).collect()
    }

    /// Returns a state and those that can be reached from it without passing the fork again.
    fn behind(&self, from: &StateName, fork: &StateName) -> BTreeSet<StateName> {
        let mut seen = BTreeSet::from([fork.clone()]);
        let mut open = vec![from];
        while let Some(name) = open.pop() {
            let Some(node) = self.graph.node(name).filter(|_| seen.insert(name.clone())) else { continue };
            open.extend(node.successors());
        }
        seen.remove(fork);
        seen
    }

    fn may_write(&self, name: &StateName) -> bool {
        let Some(node) = self.graph.node(name) else { return false };
        match &node.state {
            State::Action(ActionSpec::Call(call)) => self.is_write(&call.action),
            State::Action(ActionSpec::Generate(spec)) => self.tools_of(spec).any(|tool| self.is_write(tool)),
            State::Input | State::Decision(_) | State::Output(_) => false,
        }
    }

    /// Returns what strangers may have had a say in.
    fn steered(&self) -> Steered {
        let mut steered = Steered::default();
        // Each round adds what follows from the states found before, until a round adds nothing.
        loop {
            let known = (steered.untrusted.len(), steered.visited.len());
            for (name, node) in self.graph.nodes() {
                if self.is_steered(node, &steered) {
                    steered.untrusted.insert(name.clone());
                }
                if self.steered_by(name, node, &steered).is_some() {
                    steered.visited.extend(self.at_stake(name, node));
                }
            }
            if (steered.untrusted.len(), steered.visited.len()) == known {
                return steered;
            }
        }
    }

    /// Returns whether strangers may have had a say in what an action state yields.
    fn is_steered(&self, node: &Node, steered: &Steered) -> bool {
        let State::Action(action) = &node.state else { return false };
        let mut templates = node.templates().into_iter();
        let is_untrusted = match action {
            ActionSpec::Call(call) => self.is_untrusted(&call.action),
            ActionSpec::Generate(spec) => {
                self.remembers_untrusted(steered) || self.tools_of(spec).any(|tool| self.is_untrusted(tool))
            }
        };
        is_untrusted || templates.any(|(_, template)| self.reads_untrusted(template, steered))
    }

    /// Returns whether strangers may have had a say in what is stored of a turn. The models of the next turn read it, also those with
    /// a prompt of their state's own.
    fn remembers_untrusted(&self, steered: &Steered) -> bool {
        let mut nodes = self.graph.nodes();
        self.safeguards.input == Trust::Untrusted
            || nodes.any(|(name, node)| match &node.state {
                State::Output(Some(text)) => steered.visited.contains(name) || self.reads_untrusted(text, steered),
                // The last text, whichever model has written it.
                State::Output(None) => !steered.untrusted.is_empty(),
                State::Action(ActionSpec::Generate(spec)) => spec.prompt.is_none() && steered.untrusted.contains(name),
                State::Action(ActionSpec::Call(_)) | State::Input | State::Decision(_) => false,
            })
    }

    fn reads_untrusted(&self, template: &Template, steered: &Steered) -> bool {
        template.names().iter().any(|name| {
            let mut steps = name.split('.');
            match (steps.next(), steps.next(), steps.next()) {
                (Some("input"), ..) => self.safeguards.input == Trust::Untrusted,
                (Some("states"), Some(state), member) => {
                    let state = StateName::new(state);
                    // Who may word an output may also make it fail. Visits are the graph's own, unless a fork is steered.
                    steered.visited.contains(&state) || (member != Some("visits") && steered.untrusted.contains(&state))
                }
                // A state that is chosen at run time.
                (Some("states"), None, _) => !steered.untrusted.is_empty(),
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
