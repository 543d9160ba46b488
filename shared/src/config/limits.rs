//! The limits of fair use: how much may be open at once.

use schemars::JsonSchema;
use serde::Deserialize;

use super::bounded::bounded;
use super::faults::Faults;
use super::settings::Limits;
use crate::agent::RunLimits;

/// The largest limit. The store keeps what is open in one item for each limit, which grows with it.
const MAX: u32 = 4096;

/// How much may be open at once.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(super) struct LimitsSection {
    /// Open runs, whatever the agent.
    pub(super) runs: RunLimitsSection,
    /// Open WebSocket connections.
    pub(super) connections: ConnectionLimitsSection,
}

/// The most runs that may be open at once. A run counts once it has been open for 2 seconds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(super) struct RunLimitsSection {
    /// The most runs that one user may have open at once. Default 32.
    #[schemars(range(min = 1, max = 4096))]
    pub(super) user: Option<u32>,
    /// The most runs that all users of one tenant may have open at once. Default 256.
    #[schemars(range(min = 1, max = 4096))]
    pub(super) tenant: Option<u32>,
}

/// The most WebSocket connections that may be open at once.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(super) struct ConnectionLimitsSection {
    /// The most WebSocket connections that one user may have open at once. Default 16.
    #[schemars(range(min = 1, max = 4096))]
    pub(super) user: Option<u32>,
}

/// How much may be open at once with one agent.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(super) struct AgentLimitsSection {
    /// Open runs with this agent. They count against the limits for runs with any agent too.
    pub(super) runs: AgentRunLimitsSection,
}

/// The most runs with one agent that may be open at once.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(super) struct AgentRunLimitsSection {
    /// The most runs with this agent that one user may have open at once. Default: `limits.runs.user` alone.
    #[schemars(range(min = 1, max = 4096))]
    pub(super) user: Option<u32>,
    /// The most runs with this agent that all users of one tenant may have open at once. Default: `limits.runs.tenant`
    /// alone.
    #[schemars(range(min = 1, max = 4096))]
    pub(super) tenant: Option<u32>,
}

/// Resolves the limits for all agents.
pub(super) fn resolve(section: &LimitsSection, faults: &mut Faults) -> Limits {
    let LimitsSection { runs, connections } = section;
    Limits {
        runs: RunLimits {
            user: Some(bounded(runs.user, 32, 1..=MAX, "limits.runs.user", faults)),
            tenant: Some(bounded(runs.tenant, 256, 1..=MAX, "limits.runs.tenant", faults)),
        },
        connections: bounded(connections.user, 16, 1..=MAX, "limits.connections.user", faults),
    }
}

/// Resolves the limits of one agent; `path` is the prefix of its paths in faults.
pub(super) fn of_agent(path: &str, section: AgentLimitsSection, faults: &mut Faults) -> RunLimits {
    let AgentLimitsSection { runs } = section;
    let mut limit = |value: Option<u32>, key| {
        value.map(|value| bounded(Some(value), 1, 1..=MAX, &format!("{path}limits.runs.{key}"), faults))
    };
    RunLimits { user: limit(runs.user, "user"), tenant: limit(runs.tenant, "tenant") }
}
