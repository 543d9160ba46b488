//! The configured agents, as callers may see them.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::not_found;
use crate::agent::AgentDefinition;
use crate::domain::{AgentName, Principal};
use crate::http::Problem;

/// The configured agents by name, each with what the function needs beside its definition.
pub struct Agents<T = ()> {
    by_name: BTreeMap<AgentName, (Arc<AgentDefinition>, T)>,
}

impl<T> Agents<T> {
    /// Finds an agent that the caller may use. A forbidden agent is reported as an unknown one.
    ///
    /// # Errors
    /// 404.
    pub fn find(&self, name: &str, principal: &Principal) -> Result<(&Arc<AgentDefinition>, &T), Problem> {
        let found = name.parse().ok().and_then(|name: AgentName| self.by_name.get(&name));
        let allowed = found.filter(|(agent, _)| agent.access.admits(principal));
        allowed.map(|(agent, own)| (agent, own)).ok_or_else(|| not_found("agent"))
    }

    /// Returns the agents that the caller may use, by name.
    pub fn visible<'a>(&'a self, principal: &'a Principal) -> impl Iterator<Item = &'a AgentDefinition> {
        self.by_name.values().map(|(agent, _)| agent.as_ref()).filter(|agent| agent.access.admits(principal))
    }
}

impl<T> FromIterator<(Arc<AgentDefinition>, T)> for Agents<T> {
    fn from_iter<I: IntoIterator<Item = (Arc<AgentDefinition>, T)>>(agents: I) -> Self {
        Self { by_name: agents.into_iter().map(|(agent, own)| (agent.name.clone(), (agent, own))).collect() }
    }
}

impl FromIterator<Arc<AgentDefinition>> for Agents {
    fn from_iter<I: IntoIterator<Item = Arc<AgentDefinition>>>(agents: I) -> Self {
        agents.into_iter().map(|agent| (agent, ())).collect()
    }
}
