//! `/v1/agents`: the agents that the caller may use.

use schemars::JsonSchema;
use serde::Serialize;

use crate::agent::AgentDefinition;
use crate::api::{Agents, RequestContext};
use crate::domain::{AgentName, ModelId, Provider};
use crate::http::{Problem, Reply};

/// An agent that the caller may use.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Agent")]
pub(in crate::api) struct AgentBody<'a> {
    name: &'a AgentName,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<&'a str>,
    provider: Provider,
    model: &'a ModelId,
    tools: Vec<&'a str>,
    streaming: bool,
}

/// The agents that the caller may use.
#[derive(Serialize, JsonSchema)]
pub(in crate::api) struct AgentList<'a> {
    agents: Vec<AgentBody<'a>>,
}

impl<'a> From<&'a AgentDefinition> for AgentBody<'a> {
    fn from(agent: &'a AgentDefinition) -> Self {
        Self {
            name: &agent.name,
            description: agent.description.as_deref(),
            provider: agent.model.provider,
            model: &agent.model.model,
            tools: agent.tools.iter().map(|tool| tool.name.as_str()).collect(),
            // `/v1/agent/{agent_name}/stream` serves every agent.
            streaming: true,
        }
    }
}

/// Answers `GET /v1/agents`.
///
/// # Errors
/// None in practice.
pub fn list(agents: &Agents, context: &RequestContext<'_>) -> Result<Reply, Problem> {
    Reply::json(&AgentList { agents: agents.visible(context.principal).map(AgentBody::from).collect() })
}

/// Answers `GET /v1/agents/{agent_name}`.
///
/// # Errors
/// 404 for an agent that is unknown or forbidden.
pub fn one(agents: &Agents, name: &str, context: &RequestContext<'_>) -> Result<Reply, Problem> {
    let (agent, ()) = agents.find(name, context.principal)?;
    Reply::json(&AgentBody::from(agent.as_ref()))
}

/// Describes the endpoint for the API description; no function links it.
#[cfg(any(test, feature = "testing"))]
pub(in crate::api) mod description {
    use serde_json::Value;

    use super::{AgentBody, AgentList};
    use crate::api::openapi::{Operation, Schemas};
    use crate::http::ProblemKind;

    /// Describes `GET /v1/agents`.
    pub(in crate::api) fn list_operation(schemas: &mut Schemas) -> Value {
        let body = schemas.of::<AgentList<'_>>();
        Operation::get("listAgents", "The agents that the caller may invoke", &body).secured_problems(&[])
    }

    /// Describes `GET /v1/agents/{agent_name}`.
    pub(in crate::api) fn one_operation(schemas: &mut Schemas) -> Value {
        let body = schemas.of::<AgentBody<'_>>();
        Operation::get("getAgent", "One agent", &body).secured_problems(&[ProblemKind::NotFound])
    }
}
