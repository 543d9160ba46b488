//! The models of an agent.

use std::collections::BTreeMap;

use crate::agent::StateName;
use crate::llm::Fallback;

/// An agent's model, and those of states that have their own; each with its fallbacks.
pub struct RunModels {
    own: Fallback,
    states: BTreeMap<StateName, Fallback>,
    planner: Option<Fallback>,
    opinion: Option<Fallback>,
}

impl RunModels {
    /// Returns the models of an agent.
    #[must_use]
    pub const fn new(own: Fallback, states: BTreeMap<StateName, Fallback>) -> Self {
        Self { own, states, planner: None, opinion: None }
    }

    /// Returns the models with one that plans, in place of the agent's own, and one that gives a second opinion.
    #[must_use]
    pub fn with_judges(self, planner: Option<Fallback>, opinion: Option<Fallback>) -> Self {
        Self { planner, opinion, ..self }
    }

    /// Returns the model that plans.
    pub(super) fn planner(&self) -> &Fallback {
        self.planner.as_ref().unwrap_or(&self.own)
    }

    /// Returns the model that gives a second opinion, if there is one.
    pub(super) const fn opinion(&self) -> Option<&Fallback> {
        self.opinion.as_ref()
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
