//! `POST /v1/agent/{agent_name}`: one turn.

use std::collections::BTreeMap;
use std::sync::Arc;

use http::HeaderName;
use schemars::JsonSchema;
use serde::Serialize;

use crate::agent::AgentDefinition;
use crate::domain::{
    AgentName, Clock, ConversationId, ModelId, Principal, Provider, Random, RunId, Step, StopReason, Usage,
};
use crate::http::digest::digest;
use crate::http::errors::{from_turn, internal, not_found};
use crate::http::{Call, Form, InvocationFacts, Problem, ProblemKind, Reply, body, sse};
use crate::llm::Fallback;
use crate::runner::{IdempotencyRequest, Listener, TurnMetrics, TurnOutcome, TurnPorts, TurnRequest, take_turn};
use crate::store::{ConversationStore, IdempotencyKey, IdempotencyLedger};

/// What the endpoint works with.
pub struct InvokePorts {
    /// The agents and their models.
    pub agents: BTreeMap<AgentName, (Arc<AgentDefinition>, Fallback)>,
    /// Conversations.
    pub store: Arc<dyn ConversationStore>,
    /// Idempotency keys.
    pub ledger: Arc<dyn IdempotencyLedger>,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Ids and jitter.
    pub random: Arc<dyn Random>,
}

/// What came of a turn.
#[derive(Serialize, JsonSchema)]
pub(in crate::http) struct Answer<'a> {
    id: RunId,
    agent: &'a AgentName,
    conversation_id: ConversationId,
    /// What the agent says.
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

/// Runs the agent on the request's prompt, and gives the whole answer in the form that the client takes.
///
/// # Errors
/// Every problem of the contract's table but 405.
pub async fn invoke(ports: &InvokePorts, agent_name: &str, mut call: Call<'_>) -> Result<Reply, Problem> {
    let answer = turn(ports, agent_name, &mut call, None).await?;
    match call.form {
        Form::Json => Reply::json(&Answer::new(&answer)),
        Form::Events => Ok(Reply::events(sse::in_one_piece(&answer))),
    }
}

/// Runs the agent on the request's prompt. `listener` hears of it.
pub(super) async fn turn(
    ports: &InvokePorts,
    agent_name: &str,
    call: &mut Call<'_>,
    listener: Option<&Listener>,
) -> Result<TurnOutcome, Problem> {
    let (agent, model) = admitted(&ports.agents, |(agent, _)| agent, agent_name, call.principal)?;
    call.facts.agent = Some(agent.name.to_string());
    let body = body::read(call.request)?;
    let request = TurnRequest {
        principal: call.principal.clone(),
        agent: Arc::clone(agent),
        conversation: body.conversation_id,
        temperature: body.temperature,
        max_tokens: body.max_tokens,
        idempotency: idempotency(call, agent, &body)?,
        arrived: call.request.arrived,
        deadline: call.request.deadline,
        prompt: body.prompt,
    };
    perform(ports, model, request, listener, call.facts).await
}

/// The agent of this name, where the caller may invoke it. Forbidden and unknown are the same to the caller.
pub(in crate::http) fn admitted<'a, T>(
    agents: &'a BTreeMap<AgentName, T>,
    definition: impl FnOnce(&T) -> &Arc<AgentDefinition>,
    name: &str,
    caller: &Principal,
) -> Result<&'a T, Problem> {
    let name: Result<AgentName, _> = name.parse();
    let found = name.ok().and_then(|name| agents.get(&name));
    found.filter(|found| definition(found).access.admits(caller)).ok_or_else(|| not_found("agent"))
}

/// Takes the turn, and notes what it has spent.
pub(in crate::http) async fn perform(
    ports: &InvokePorts,
    model: &Fallback,
    request: TurnRequest,
    listener: Option<&Listener>,
    facts: &mut InvocationFacts,
) -> Result<TurnOutcome, Problem> {
    facts.provider = Some(request.agent.model.provider);
    facts.model = Some(request.agent.model.model.clone());
    let turn_ports = TurnPorts {
        model,
        store: ports.store.as_ref(),
        ledger: ports.ledger.as_ref(),
        clock: ports.clock.as_ref(),
        random: ports.random.as_ref(),
        listener,
    };
    let mut spent = TurnMetrics::default();
    let result = take_turn(turn_ports, request, &mut spent).await;
    note(facts, spent);
    match result {
        Ok(answer) => {
            facts.provider = Some(answer.facts.provider);
            facts.model = Some(answer.facts.model.clone());
            Ok(answer)
        }
        Err(error) => Err(facts.note(from_turn(error))),
    }
}

fn note(facts: &mut InvocationFacts, spent: TurnMetrics) {
    facts.llm_latency = spent.llm_latency;
    facts.retry_stats = spent.retry_stats;
    if let Some(asked) = spent.asked {
        facts.provider = Some(asked.provider);
        facts.model = Some(asked.model);
        facts.usage = Some(spent.usage);
    }
}

impl<'a> Answer<'a> {
    fn new(answer: &'a TurnOutcome) -> Self {
        Self { output: Some(&answer.output), ..Self::without_output(answer) }
    }

    /// What is left to say where the output has been said.
    pub(in crate::http) fn without_output(answer: &'a TurnOutcome) -> Self {
        let facts = &answer.facts;
        Self {
            id: facts.run,
            agent: &answer.agent,
            conversation_id: answer.conversation,
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

const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// The client's `Idempotency-Key`, bound to caller, agent and route.
fn idempotency(
    call: &Call<'_>,
    agent: &AgentDefinition,
    body: &body::InvokeBody,
) -> Result<Option<IdempotencyRequest>, Problem> {
    let mut values = call.request.headers.get_all(&IDEMPOTENCY_KEY).iter();
    let Some(value) = values.next() else { return Ok(None) };
    let key = value.to_str().ok().map(str::trim).filter(|key| (1..=255).contains(&key.len()));
    let Some(key) = key.filter(|_| values.next().is_none()) else {
        let detail = "send one Idempotency-Key, of 1 to 255 visible ASCII characters";
        return Err(Problem::new(ProblemKind::InvalidParameter, detail));
    };
    let Principal { user, tenant, .. } = call.principal;
    let parts = [tenant.as_str(), user.as_str(), agent.name.as_str(), call.route.template(), key];
    let body = serde_json::to_vec(body).map_err(|_| internal())?;
    Ok(Some(IdempotencyRequest {
        key: IdempotencyKey { tenant: tenant.clone(), digest: digest(&parts.map(str::as_bytes)) },
        body_digest: digest(&[&body]),
    }))
}
