//! `/v1/agents`: the agents that the caller may use.

use schemars::JsonSchema;
use serde::Serialize;

use crate::agent::{ActionDefinition, ActionEffect, ActionSpec, AgentDefinition, Graph, Node, State, StateName};
use crate::api::{Agents, RequestContext};
use crate::domain::{AgentName, ModelId, Provider};
use crate::http::{Problem, Reply};

/// An agent that the caller may use.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Agent")]
pub(in crate::api) struct AgentBody<'a, Tool> {
    name: &'a AgentName,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<&'a str>,
    provider: Provider,
    model: &'a ModelId,
    tools: Vec<Tool>,
    streaming: bool,
}

/// The agents that the caller may use.
#[derive(Serialize, JsonSchema)]
pub(in crate::api) struct AgentList<'a> {
    agents: Vec<AgentBody<'a, &'a str>>,
}

/// An action that an agent's model may propose.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Tool")]
pub(in crate::api) struct ToolBody<'a> {
    name: &'a str,
    description: &'a str,
    effect: ToolEffect,
}

/// What an action does.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(in crate::api) enum ToolEffect {
    /// It changes nothing.
    Read,
    /// It changes something, or sends something out.
    Write,
}

/// One agent, with its state graph.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "AgentDetail")]
pub(in crate::api) struct AgentDetail<'a> {
    #[serde(flatten)]
    agent: AgentBody<'a, ToolBody<'a>>,
    graph: GraphBody<'a>,
}

/// A state graph.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Graph")]
pub(in crate::api) struct GraphBody<'a> {
    /// The states, by name.
    states: Vec<StateBody<'a>>,
    /// The graph as a mermaid state diagram.
    mermaid: String,
}

/// A state of a graph.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "State")]
pub(in crate::api) struct StateBody<'a> {
    name: &'a str,
    #[serde(rename = "type")]
    kind: StateType,
    /// The action of a state of type `action`.
    #[serde(skip_serializing_if = "Option::is_none")]
    action: Option<&'a str>,
    /// The states that a run may enter next.
    next: Vec<&'a str>,
}

/// The type of a state.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(in crate::api) enum StateType {
    /// The start.
    Input,
    /// A model or an action is called.
    Action,
    /// The next state is chosen.
    Decision,
    /// The end.
    Output,
}

impl<'a> From<&'a Graph> for GraphBody<'a> {
    fn from(graph: &'a Graph) -> Self {
        Self { states: graph.nodes().map(StateBody::from).collect(), mermaid: graph.mermaid() }
    }
}

impl<'a> From<(&'a StateName, &'a Node)> for StateBody<'a> {
    fn from((name, node): (&'a StateName, &'a Node)) -> Self {
        let (kind, action) = match &node.state {
            State::Input => (StateType::Input, None),
            State::Action(ActionSpec::Generate(_)) => (StateType::Action, Some("generate")),
            State::Action(ActionSpec::Call(spec)) => (StateType::Action, Some(spec.action.as_str())),
            State::Decision(_) => (StateType::Decision, None),
            State::Output(_) => (StateType::Output, None),
        };
        let next = node.successors().into_iter().map(StateName::as_str).collect();
        Self { name: name.as_str(), kind, action, next }
    }
}

impl<'a> From<&'a ActionDefinition> for ToolBody<'a> {
    fn from(action: &'a ActionDefinition) -> Self {
        let effect = match action.effect {
            ActionEffect::Read => ToolEffect::Read,
            ActionEffect::Write => ToolEffect::Write,
        };
        Self { name: action.name.as_str(), description: &action.description, effect }
    }
}

impl<'a, Tool> AgentBody<'a, Tool> {
    fn new(agent: &'a AgentDefinition, tools: Vec<Tool>) -> Self {
        Self {
            name: &agent.name,
            description: agent.description.as_deref(),
            provider: agent.model.provider,
            model: &agent.model.model,
            tools,
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
    fn body(agent: &AgentDefinition) -> AgentBody<'_, &str> {
        AgentBody::new(agent, agent.tools.iter().map(|tool| tool.name.as_str()).collect())
    }
    Reply::json(&AgentList { agents: agents.visible(context.principal).map(body).collect() })
}

/// Answers `GET /v1/agents/{agent_name}`.
///
/// # Errors
/// 404 for an agent that is unknown or forbidden.
pub fn one(agents: &Agents, name: &str, context: &RequestContext<'_>) -> Result<Reply, Problem> {
    let (agent, ()) = agents.find(name, context.principal)?;
    let tools = agent.tools.iter().filter_map(|tool| agent.actions.get(&tool.name));
    let tools = tools.map(|action| ToolBody::from(action.as_ref())).collect();
    Reply::json(&AgentDetail { agent: AgentBody::new(agent, tools), graph: GraphBody::from(&agent.graph) })
}

/// Describes the endpoint for the API description; no function links it.
#[cfg(any(test, feature = "testing"))]
pub(in crate::api) mod description {
    use serde_json::Value;

    use super::{AgentDetail, AgentList};
    use crate::api::openapi::{Operation, Schemas};
    use crate::http::ProblemKind;

    /// Describes `GET /v1/agents`.
    pub(in crate::api) fn list_operation(schemas: &mut Schemas) -> Value {
        let body = schemas.of::<AgentList<'_>>();
        Operation::get("listAgents", "The agents that the caller may invoke", &body).secured_problems(&[])
    }

    /// Describes `GET /v1/agents/{agent_name}`.
    pub(in crate::api) fn one_operation(schemas: &mut Schemas) -> Value {
        let body = schemas.of::<AgentDetail<'_>>();
        Operation::get("getAgent", "One agent, with its state graph", &body).secured_problems(&[ProblemKind::NotFound])
    }
}
