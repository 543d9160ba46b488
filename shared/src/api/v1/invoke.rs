//! `POST /v1/agent/{agent_name}`: one turn, with a buffered response.

use http::HeaderName;
use schemars::JsonSchema;
use serde::Serialize;

use crate::api::body::{RunBody, read_body};
use crate::api::digest::digest;
use crate::api::events::buffered_events;
use crate::api::{RequestContext, RunPorts, RunRequest, internal, run};
use crate::domain::{AgentName, ConversationId, ModelId, Principal, Provider, RunId, Step, StopReason, Usage};
use crate::http::{MediaType, Problem, ProblemKind, Reply};
use crate::runner::{EventSink, IdempotencyRequest, TurnOutcome};
use crate::store::IdempotencyKey;

const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// The response to a turn.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Answer")]
pub struct InvokeResponse<'a> {
    id: RunId,
    agent: &'a AgentName,
    conversation_id: ConversationId,
    /// The agent's answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(required)]
    output: Option<&'a str>,
    provider: Provider,
    model: &'a ModelId,
    stop_reason: StopReason,
    usage: Usage,
    steps: &'a [Step],
    /// From the request's arrival to the answer.
    latency_ms: u64,
}

impl<'a> InvokeResponse<'a> {
    /// Returns the response without the output, for clients that have received it as events.
    #[must_use]
    pub fn without_output(outcome: &'a TurnOutcome) -> Self {
        let facts = &outcome.facts;
        Self {
            id: facts.run,
            agent: &outcome.agent,
            conversation_id: outcome.conversation,
            output: None,
            provider: facts.provider,
            model: &facts.model,
            stop_reason: facts.stop_reason,
            usage: facts.usage,
            steps: &facts.steps,
            latency_ms: facts.latency_ms,
        }
    }
}

/// Runs the agent on the request's prompt and returns the whole answer, as JSON or as events.
///
/// # Errors
/// Every problem of the API but 405.
pub async fn invoke(ports: &RunPorts, agent_name: &str, mut context: RequestContext<'_>) -> Result<Reply, Problem> {
    let outcome = run_agent(ports, agent_name, &mut context, None).await?;
    match context.media_type {
        MediaType::Json => {
            Reply::json(&InvokeResponse { output: Some(&outcome.output), ..InvokeResponse::without_output(&outcome) })
        }
        MediaType::EventStream => Ok(Reply::events(buffered_events(&outcome))),
    }
}

/// Reads the request and runs the agent. `events` receives the run's events.
pub(super) async fn run_agent(
    ports: &RunPorts,
    agent_name: &str,
    context: &mut RequestContext<'_>,
    events: Option<&EventSink>,
) -> Result<TurnOutcome, Problem> {
    // Before the body is read: to a caller who may not use it, the agent does not exist, whatever the body says.
    let (agent, _) = ports.agents.find(agent_name, context.principal)?;
    context.log.agent = Some(agent.name.to_string());
    let body = read_body(context.request)?;
    let request = RunRequest {
        principal: context.principal,
        agent: agent_name,
        idempotency: idempotency(context, &agent.name, &body)?,
        body,
        deadline: context.request.deadline,
    };
    run(ports, request, events, context.log).await
}

/// Returns the client's `Idempotency-Key`, bound to caller, agent and route.
fn idempotency(
    context: &RequestContext<'_>,
    agent: &AgentName,
    body: &RunBody,
) -> Result<Option<IdempotencyRequest>, Problem> {
    let mut values = context.request.headers.get_all(&IDEMPOTENCY_KEY).iter();
    let Some(value) = values.next() else { return Ok(None) };
    let key = value.to_str().ok().map(str::trim).filter(|key| (1..=255).contains(&key.len()));
    let Some(key) = key.filter(|_| values.next().is_none()) else {
        let detail = "send one Idempotency-Key, of 1 to 255 visible ASCII characters";
        return Err(Problem::new(ProblemKind::InvalidParameter, detail));
    };
    let Principal { user, tenant, .. } = context.principal;
    let parts = [tenant.as_str(), user.as_str(), agent.as_str(), context.route.template(), key];
    let body = serde_json::to_vec(body).map_err(|_| internal())?;
    Ok(Some(IdempotencyRequest {
        key: IdempotencyKey { tenant: tenant.clone(), digest: digest(&parts.map(str::as_bytes)) },
        body_digest: digest(&[&body]),
    }))
}
