//! What is judged: a call, who asks for it, and where its arguments come from.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use crate::agent::{ActionEffect, Origin, Proposer};
use crate::domain::{AgentName, Principal, Timestamp, ToolName};

/// What the second opinion says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Opinion {
    /// It would allow the call.
    Allow,
    /// It would deny the call.
    Deny,
    /// The call for it failed.
    Failed,
    /// None was asked for.
    None,
}

impl Opinion {
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Allow => "allow",
            Self::Deny => "deny",
            Self::Failed => "failed",
            Self::None => "none",
        }
    }
}

/// How often this caller has called the action.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Count {
    /// In the current hour, in UTC.
    pub hour: u32,
    /// In the current day, in UTC.
    pub day: u32,
}

/// A call to be judged. Its arguments have passed the action's schema.
#[derive(Debug, Clone)]
pub struct CallRequest<'a> {
    /// The caller.
    pub principal: &'a Principal,
    /// The agent.
    pub agent: &'a AgentName,
    /// The action.
    pub action: &'a ToolName,
    /// What the action does.
    pub effect: ActionEffect,
    /// The arguments.
    pub arguments: &'a Map<String, Value>,
    /// The JSON Schema of the arguments.
    pub schema: &'a Value,
    /// The origin of each argument.
    pub origins: BTreeMap<String, Origin>,
    /// Who proposes the call.
    pub proposed_by: Proposer,
    /// Whether a stranger's text stands in what the model reads.
    pub tainted: bool,
    /// Whether the caller's words ask for the call.
    pub planned: bool,
    /// The data classes that the run carries.
    pub data: BTreeSet<String>,
    /// The data classes that the action accepts.
    pub accepts: BTreeSet<String>,
    /// The actions that the run has called.
    pub called: BTreeSet<String>,
    /// The steps of the run so far.
    pub step: u32,
    /// The time.
    pub now: Timestamp,
    /// The caller's grants.
    pub grants: BTreeSet<String>,
    /// The second opinion.
    pub opinion: Opinion,
    /// Earlier calls.
    pub count: Count,
}

/// An invocation of an agent to be judged.
#[derive(Debug, Clone)]
pub struct InvocationRequest<'a> {
    /// The caller.
    pub principal: &'a Principal,
    /// The agent.
    pub agent: &'a AgentName,
    /// The time.
    pub now: Timestamp,
    /// The grants of the caller and the agent.
    pub grants: BTreeSet<String>,
}

impl CallRequest<'_> {
    /// Returns the origins of the arguments that carry authority: all but those whose parameter is marked as content.
    #[must_use]
    pub fn authority(&self) -> BTreeSet<Origin> {
        let is_content = |name: &str| {
            let parameter = self.schema.get("properties").and_then(|properties| properties.get(name));
            parameter.and_then(|parameter| parameter.get("x-authority")) == Some(&Value::Bool(false))
        };
        self.origins.iter().filter(|(name, _)| !is_content(name)).map(|(_, origin)| *origin).collect()
    }
}
