//! The definition of an agent.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use super::{ActionDefinition, Graph, ModelChoice};
use crate::domain::{AgentName, Guardrail, MaxTokens, ModelRef, Principal, Temperature, ToolName, ToolSpec, Trust};

/// An agent, as it is configured.
#[derive(Clone, PartialEq, derive_more::Debug)]
pub struct AgentDefinition {
    /// The name, which stands in the path of its routes.
    pub name: AgentName,
    /// A description for people.
    pub description: Option<String>,
    /// The instructions to the model.
    #[debug("{:?} bytes", system.as_ref().map(String::len))]
    pub system: Option<String>,
    /// The model that is called first.
    pub model: ModelRef,
    /// The models that are called when the first one fails, in order.
    pub fallbacks: Vec<ModelRef>,
    /// The guardrail of Bedrock that checks prompts and answers.
    pub guardrail: Option<Guardrail>,
    /// The temperature if the caller sets none; `None` leaves it to the model's default.
    pub temperature: Option<Temperature>,
    /// The token limit if the caller sets none.
    pub max_tokens: MaxTokens,
    /// The smallest context of the model and its fallbacks, in tokens, if the configuration or the capability table
    /// states it.
    pub context_tokens: Option<u32>,
    /// The tools that the model may call.
    pub tools: Vec<ToolSpec>,
    /// The actions that its model or its graph may call, by name.
    pub actions: BTreeMap<ToolName, Arc<ActionDefinition>>,
    /// How its calls are judged.
    pub safeguards: Safeguards,
    /// The state graph of its runs.
    pub graph: Graph,
    /// The settings of its memory.
    pub memory: MemorySettings,
    /// The callers that may invoke it.
    pub access: Access,
    /// The longest prompt, in bytes of UTF-8.
    pub max_prompt_bytes: usize,
    /// The most steps of a run.
    pub max_steps: u32,
    /// The largest token limit that a caller may set.
    pub max_tokens_limit: MaxTokens,
    /// The most runs with this agent that may be open at once, besides the limits for runs with any agent.
    pub run_limits: RunLimits,
}

impl AgentDefinition {
    /// Returns the agent's model as a state's own is described.
    #[must_use]
    pub fn model_choice(&self) -> ModelChoice {
        ModelChoice {
            model: self.model.clone(),
            fallbacks: self.fallbacks.clone(),
            guardrail: self.guardrail.clone(),
            context_tokens: self.context_tokens,
        }
    }
}

/// How the calls of an agent are judged and recorded.
#[derive(Debug, Clone, PartialEq)]
pub struct Safeguards {
    /// The name of the set of policies.
    pub policy: String,
    /// The model that gives a second opinion, if any.
    pub opinion: Option<ModelChoice>,
    /// The model that plans, if it is not the agent's own.
    pub planner: Option<ModelChoice>,
    /// Whether prompt and metadata are a stranger's text.
    pub input: Trust,
    /// Whether the audit trail holds texts, and not their digests alone.
    pub audits_texts: bool,
}

impl Default for Safeguards {
    fn default() -> Self {
        Self { policy: "strict".to_owned(), opinion: None, planner: None, input: Trust::Trusted, audits_texts: false }
    }
}

/// The most runs that may be open at once; `None` for no limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RunLimits {
    /// Those of one user.
    pub user: Option<u32>,
    /// Those of all users of one tenant.
    pub tenant: Option<u32>,
}

/// How much of a conversation an agent keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MemorySettings {
    /// The most messages in the model's window.
    pub window_messages: usize,
    /// The time for which a turn is kept.
    pub retention: Duration,
}

/// The callers that may invoke an agent: those with one of the groups and, if any tenant is named, of one of the
/// tenants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Access {
    /// The groups, any of which suffices.
    pub groups: BTreeSet<String>,
    /// The tenants; empty for all.
    pub tenants: BTreeSet<String>,
}

impl Access {
    /// Returns whether the caller may see and invoke the agent.
    #[must_use]
    pub fn admits(&self, caller: &Principal) -> bool {
        let tenant = self.tenants.is_empty() || self.tenants.contains(caller.tenant.as_str());
        // An empty list of groups admits nobody, so that a mistake never opens an agent to all.
        tenant && self.groups.iter().any(|group| caller.has_group(group))
    }
}
