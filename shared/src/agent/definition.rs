//! An agent as it is configured.

use std::collections::BTreeSet;
use std::time::Duration;

use super::Graph;
use crate::domain::{AgentName, MaxTokens, ModelRef, Principal, Temperature, ToolSpec};

/// An agent.
#[derive(Debug, Clone, PartialEq)]
pub struct AgentDefinition {
    /// Its name, part of the path.
    pub name: AgentName,
    /// What it is for, for people.
    pub description: Option<String>,
    /// Its instructions to the model.
    pub system: Option<String>,
    /// The model asked first.
    pub model: ModelRef,
    /// The models asked when that one fails, in order.
    pub fallbacks: Vec<ModelRef>,
    /// Its temperature where the caller names none; the provider's own where this is none too.
    pub temperature: Option<Temperature>,
    /// Its token limit where the caller names none.
    pub max_tokens: MaxTokens,
    /// The smallest context in tokens of the model and its fallbacks, where the configuration or the capability table
    /// knows it.
    pub context_tokens: Option<u32>,
    /// Tools that its model may ask for.
    pub tools: Vec<ToolSpec>,
    /// How a run goes.
    pub graph: Graph,
    /// What it remembers.
    pub memory: MemorySettings,
    /// Who may invoke it.
    pub access: Access,
    /// The longest prompt, in bytes of UTF-8.
    pub max_prompt_bytes: usize,
    /// Steps a run may take.
    pub max_steps: u32,
}

/// What an agent remembers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MemorySettings {
    /// Messages in the model's window at most.
    pub window_messages: usize,
    /// How long a turn is kept.
    pub retention: Duration,
}

/// Who may invoke an agent: callers with one of the groups, of one of the tenants where any is named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Access {
    /// Groups, any of which suffices.
    pub groups: BTreeSet<String>,
    /// Tenants; empty for all.
    pub tenants: BTreeSet<String>,
}

impl Access {
    /// Whether the caller may see and invoke the agent.
    #[must_use]
    pub fn admits(&self, who: &Principal) -> bool {
        let tenant = self.tenants.is_empty() || self.tenants.contains(who.tenant.as_str());
        tenant && self.groups.iter().any(|group| who.has_group(group))
    }
}
