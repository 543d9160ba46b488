//! `POST /v1/agent/{agent_name}`: one turn, with a buffered response.

use http::{HeaderMap, HeaderName};

use crate::api::body::{RunBody, read_body};
use crate::api::events::buffered_events;
use crate::api::{AuditFacts, InvokeResponse, RequestContext, RunPorts, RunRequest, internal, run};
use crate::domain::{AgentName, Principal};
use crate::http::{MediaType, Problem, ProblemKind, Reply};
use crate::runner::{EventSink, IdempotencyRequest, TurnOutcome};
use crate::secrets::idempotency_digest;
use crate::store::IdempotencyKey;

const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// Runs the agent on the request's prompt and returns the whole answer, as JSON or as events.
///
/// # Errors
/// Every problem of the API but 405.
pub async fn invoke(ports: &RunPorts, agent_name: &str, mut context: RequestContext<'_>) -> Result<Reply, Problem> {
    let outcome = run_agent(ports, agent_name, &mut context, None).await?;
    match context.media_type {
        MediaType::Json => Reply::json(&InvokeResponse::new(&outcome)),
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
    let (agent, model) = ports.agents.find(agent_name, context.principal)?;
    context.log.agent = Some(agent.name.to_string());
    // Before the body, since a request whose body was accepted is audited.
    let key = idempotency_key(&context.request.headers)?;
    let body = read_body(context.request)?;
    let request = RunRequest {
        principal: context.principal,
        agent: (agent, model),
        idempotency: key.map(|key| idempotency(key, context, &agent.name, &body)).transpose()?,
        body,
        deadline: context.request.deadline,
        audit: AuditFacts {
            digest_key: context.digest_key,
            token: context.token.as_deref(),
            source: context.request.client_address.as_deref(),
        },
    };
    run(ports, request, events, context.log).await
}

/// Binds the client's `Idempotency-Key` to caller, agent and route.
fn idempotency(
    key: &str,
    context: &RequestContext<'_>,
    agent: &AgentName,
    body: &RunBody,
) -> Result<IdempotencyRequest, Problem> {
    let Principal { user, tenant, .. } = context.principal;
    // The route is among them, since the same key on another route is another request.
    let parts = [tenant.as_str(), user.as_str(), agent.as_str(), context.route.template(), key];
    // Keyed, since a digest of a short prompt could be guessed by trying.
    let digest = |parts: &[&[u8]]| idempotency_digest(context.digest_key, parts);
    // The checked body and not its text, so that spelling and order make no difference.
    let body = serde_json::to_vec(body).map_err(|_| internal())?;
    Ok(IdempotencyRequest {
        key: IdempotencyKey { tenant: tenant.clone(), digest: digest(&parts.map(str::as_bytes)) },
        body_digest: digest(&[&body]),
    })
}

/// Returns the value of `Idempotency-Key`.
///
/// # Errors
/// 400 for several, or for one that is empty, too long or not visible ASCII.
pub(in crate::api) fn idempotency_key(headers: &HeaderMap) -> Result<Option<&str>, Problem> {
    let mut values = headers.get_all(&IDEMPOTENCY_KEY).iter();
    let Some(value) = values.next() else { return Ok(None) };
    let is_visible = |key: &&str| key.bytes().all(|byte| byte.is_ascii_graphic());
    // White space around a header's value is not part of it (RFC 9110, section 5.5).
    let key = value.to_str().ok().map(str::trim);
    let key = key.filter(|key| (1..=255).contains(&key.len())).filter(is_visible);
    // With two keys it is not clear which run is meant.
    let Some(key) = key.filter(|_| values.next().is_none()) else {
        let detail = "send one Idempotency-Key, of 1 to 255 visible ASCII characters";
        return Err(Problem::new(ProblemKind::InvalidParameter, detail));
    };
    Ok(Some(key))
}

/// Describes the endpoint for the API description; no function links it.
#[cfg(any(test, feature = "testing"))]
pub(in crate::api) mod description {
    use serde_json::{Value, json};

    use crate::api::openapi::{Operation, Schemas};
    use crate::api::{InvokeResponse, RunBody};
    use crate::http::ProblemKind;

    /// Describes `POST /v1/agent/{agent_name}`.
    pub(in crate::api) fn operation(schemas: &mut Schemas) -> Value {
        let response = schemas.of::<InvokeResponse<'_>>();
        let content = json!({"application/json": {"schema": response}, "text/event-stream": events_schema()});
        run_operation(
            Operation::with_content("invokeAgent", "One turn of a conversation with an agent", &content),
            schemas,
        )
    }

    /// Returns the schema of a run's events: Server-Sent Events have no schema of their own in `OpenAPI` 3.1.
    pub(in crate::api) fn events_schema() -> Value {
        // Without a type: some tools hold the whole body against it, others each event.
        json!({"schema": {"description":
            "Server-Sent Events, the data of each one JSON document: one `start` (`id`, `agent`, `conversation_id`); any \
             number of `delta` (`text`) and `step` (as in the answer's `steps`); then one `end` (the answer without \
             `output`) or one `error` (a problem)."}})
    }

    /// Adds the body, the header and the problems of a request to run an agent.
    pub(in crate::api) fn run_operation(operation: Operation, schemas: &mut Schemas) -> Value {
        use ProblemKind as K;
        let body = schemas.of_request::<RunBody>();
        let key = json!({"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"});
        let same = "The same key, caller, agent and body within 24 hours give the same run's answer.";
        operation.body(&body).header("Idempotency-Key", same, &key).secured_problems(&[
            K::InvalidBody,
            K::InvalidParameter,
            K::NotFound,
            K::Contention,
            K::IdempotencyConflict,
            K::RequestInProgress,
            K::TooLarge,
            K::UnsupportedMediaType,
            K::InvalidRequest,
            K::UnsupportedByModel,
            K::TooManyRequests,
            K::ProviderFailed,
        ])
    }
}
