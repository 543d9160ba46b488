//! The models of an agent.

use std::collections::BTreeMap;

use crate::agent::StateName;
use crate::llm::Fallback;

/// An agent's model, and those of states that have their own; each with its fallbacks.
pub struct RunModels {
    own: Fallback,
    states: BTreeMap<StateName, Fallback>,
}

impl RunModels {
    /// Returns the models of an agent.
    #[must_use]
    pub const fn new(own: Fallback, states: BTreeMap<StateName, Fallback>) -> Self {
        Self { own, states }
    }

    /// Returns the model that a state calls.
    #[must_use]
    pub fn of(&self, state: &StateName) -> &Fallback {
        self.states.get(state).unwrap_or(&self.own)
    }
}

impl From<Fallback> for RunModels {
    fn from(own: Fallback) -> Self {
        Self::new(own, BTreeMap::new())
    }
}
