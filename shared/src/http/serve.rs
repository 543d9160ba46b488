//! What every door does with every request: route, method, CORS, token, answer, log, metrics.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, ALLOW, AUTHORIZATION, CACHE_CONTROL, CONTENT_TYPE, ORIGIN,
    RETRY_AFTER, VARY, WWW_AUTHENTICATE,
};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use tracing::Instrument;

use super::errors::{Mapped, from_auth};
use super::event::{GatewayEvent, GatewayResponse};
use super::{
    HttpRequest, Invocation, InvocationFacts, Problem, ProblemHeader, ProblemKind, Reply, Route, accept, resolve,
};
use crate::auth::{TokenFault, TokenVerifier, bearer_token};
use crate::domain::{Clock, Principal};
use crate::telemetry::{INVOCATION, InvocationMetrics, LineWriter, Provenance};

/// What every door has.
pub struct Front {
    /// Who a token speaks for; none for the door that asks for no token.
    pub verifier: Option<Arc<dyn TokenVerifier>>,
    /// Which web pages may call.
    pub allowed_origins: BTreeSet<String>,
    /// The front door's limit for one request.
    pub limit: Duration,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Where metrics go.
    pub metrics: LineWriter,
}

/// An authenticated call of a route.
pub struct Call<'a> {
    /// The route.
    pub route: &'a Route,
    /// The caller.
    pub principal: &'a Principal,
    /// The request.
    pub request: &'a HttpRequest,
    /// For the log and the metrics.
    pub facts: &'a mut InvocationFacts,
}

/// A function's door.
#[async_trait]
pub trait Door: Send + Sync {
    /// What it has in common with the others.
    fn front(&self) -> &Front;

    /// Answers a call.
    ///
    /// # Errors
    /// The problem that the client reads.
    async fn answer(&self, call: Call<'_>) -> Result<Reply, Problem>;
}

/// Answers an event. Always with a response: whatever goes wrong has its problem.
pub async fn serve(door: &dyn Door, event: GatewayEvent, invocation: &Invocation) -> GatewayResponse {
    let front = door.front();
    let arrived = front.clock.now();
    let request = HttpRequest::new(event, invocation, arrived, front.limit);
    let mut facts = InvocationFacts::default();
    let mut seen = Seen::default();
    let span = tracing::info_span!("request", request_id = request.request_id, trace_id = request.trace_id);
    let result = route(door, &request, &mut facts, &mut seen).instrument(span).await;
    let (status, mut headers, body) = render(&request, &result);
    cross_origin(front, &request, &mut headers);
    report(front, &request, invocation, &seen, &facts, &result);
    // RFC 9110, 9.3.2: HEAD is GET without the content.
    GatewayResponse::new(request.source, status, &headers, if request.is_head { String::new() } else { body })
}

/// What became known of a request on its way, for the log.
#[derive(Default)]
struct Seen {
    route: Option<Route>,
    tenant: Option<String>,
}

enum Answered {
    Reply(Reply),
    /// The answer to `OPTIONS`, with `Allow`.
    Options(String),
}

async fn route(
    door: &dyn Door,
    request: &HttpRequest,
    facts: &mut InvocationFacts,
    seen: &mut Seen,
) -> Result<Answered, Problem> {
    if request.is_health_check() {
        return super::endpoints::health::reply().map(Answered::Reply);
    }
    let Some(route) = resolve(&request.path) else {
        return Err(Problem::new(ProblemKind::NotFound, "there is no such path; the gateway's paths begin with /v1/"));
    };
    seen.route = Some(route.clone());
    if request.method == Method::OPTIONS {
        return Ok(Answered::Options(route.allow()));
    }
    if !route.methods().contains(&request.method) {
        return Err(Problem::new(ProblemKind::MethodNotAllowed, format!("this path takes {}", route.allow()))
            .with_header(ProblemHeader::Allow(route.allow())));
    }
    if route == Route::Health {
        accept::check_accept(&request.headers)?;
        return super::endpoints::health::reply().map(Answered::Reply);
    }
    let front = door.front();
    let Some(verifier) = &front.verifier else {
        return Err(elsewhere());
    };
    let principal = authenticate(verifier.as_ref(), request).await.map_err(|mapped| facts.note(mapped))?;
    seen.tenant = Some(principal.tenant.to_string());
    accept::check_accept(&request.headers)?;
    door.answer(Call { route: &route, principal: &principal, request, facts }).await.map(Answered::Reply)
}

/// The answer of a function to a path of another one: the front door is set up wrongly.
#[must_use]
pub fn elsewhere() -> Problem {
    Problem::new(ProblemKind::NotFound, "this path is not served here; the front door should route it elsewhere")
}

async fn authenticate(verifier: &dyn TokenVerifier, request: &HttpRequest) -> Result<Principal, Mapped> {
    let mut values = request.headers.get_all(AUTHORIZATION).iter();
    let (first, second) = (values.next(), values.next());
    if second.is_some() {
        return Err(from_auth(TokenFault::Malformed.into()));
    }
    let header = match first.map(HeaderValue::to_str) {
        None => None,
        Some(Ok(text)) => Some(text),
        Some(Err(_)) => return Err(from_auth(TokenFault::Malformed.into())),
    };
    let token = match bearer_token(header) {
        Ok(token) => token,
        Err(_) if !verifier.needs_token() => "",
        Err(fault) => return Err(from_auth(fault.into())),
    };
    let checking = tokio::time::timeout_at(request.deadline.instant(), verifier.verify(token));
    match checking.await {
        Ok(result) => result.map_err(from_auth),
        Err(_elapsed) => Err(Problem::new(
            ProblemKind::DeadlineExceeded,
            "the deadline came before the token was checked; try again",
        )
        .into()),
    }
}

fn render(request: &HttpRequest, result: &Result<Answered, Problem>) -> (StatusCode, HeaderMap, String) {
    let mut headers = HeaderMap::new();
    put(&mut headers, HeaderName::from_static("x-request-id"), &request.request_id);
    put(&mut headers, HeaderName::from_static("x-content-type-options"), "nosniff");
    put(&mut headers, CACHE_CONTROL, "no-store");
    match result {
        Ok(Answered::Reply(reply)) => {
            if reply.body.is_some() {
                put(&mut headers, CONTENT_TYPE, "application/json");
            }
            (reply.status, headers, reply.body.clone().unwrap_or_default())
        }
        Ok(Answered::Options(allow)) => {
            put(&mut headers, ALLOW, allow);
            (StatusCode::NO_CONTENT, headers, String::new())
        }
        Err(problem) => {
            put(&mut headers, CONTENT_TYPE, "application/problem+json");
            match &problem.header {
                Some(ProblemHeader::Allow(value)) => put(&mut headers, ALLOW, value),
                Some(ProblemHeader::Challenge(value)) => put(&mut headers, WWW_AUTHENTICATE, value),
                None => {}
            }
            if let Some(after) = problem.retry_after_seconds() {
                put(&mut headers, RETRY_AFTER, &after.to_string());
            }
            (problem.kind.status(), headers, problem.to_json(&request.request_id))
        }
    }
}

/// CORS (WHATWG Fetch, "CORS protocol"): an origin that is not configured gets no header, and the browser refuses.
fn cross_origin(front: &Front, request: &HttpRequest, headers: &mut HeaderMap) {
    if front.allowed_origins.is_empty() {
        return;
    }
    put(headers, VARY, "Origin");
    let Some(origin) = request.header(&ORIGIN) else { return };
    let any = front.allowed_origins.contains("*");
    if !any && !front.allowed_origins.contains(origin) {
        return;
    }
    put(headers, ACCESS_CONTROL_ALLOW_ORIGIN, if any { "*" } else { origin });
    put(headers, ACCESS_CONTROL_EXPOSE_HEADERS, "x-request-id, retry-after, www-authenticate");
    if request.method == Method::OPTIONS {
        let Some(allow) = headers.get(ALLOW).cloned() else { return };
        headers.insert(ACCESS_CONTROL_ALLOW_METHODS, allow);
        put(headers, ACCESS_CONTROL_ALLOW_HEADERS, "authorization, content-type, idempotency-key");
        put(headers, ACCESS_CONTROL_MAX_AGE, "3600");
    }
}

fn put(headers: &mut HeaderMap, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::try_from(value) {
        headers.insert(name, value);
    }
}

/// One log line and one line of metrics. Health checks count in neither: they would drown the rest.
fn report(
    front: &Front,
    request: &HttpRequest,
    invocation: &Invocation,
    seen: &Seen,
    facts: &InvocationFacts,
    result: &Result<Answered, Problem>,
) {
    let now = front.clock.now();
    let status = match result {
        Ok(Answered::Reply(reply)) => reply.status,
        Ok(Answered::Options(_)) => StatusCode::NO_CONTENT,
        Err(problem) => problem.kind.status(),
    };
    let latency_ms = millis(now.since(request.arrived));
    tracing::info!(
        target: INVOCATION,
        request_id = request.request_id,
        trace_id = request.trace_id,
        agent = facts.agent,
        provider = facts.provider.map(crate::domain::Provider::as_str),
        model = facts.model.as_ref().map(crate::domain::ModelId::as_str),
        input_tokens = facts.usage.map(|usage| usage.input_tokens),
        output_tokens = facts.usage.map(|usage| usage.output_tokens),
        latency_ms,
        llm_latency_ms = facts.llm_latency.map(millis),
        status = status.as_u16(),
        tenant = seen.tenant,
        cold_start = invocation.cold_start,
        method = if request.is_head { "HEAD" } else { request.method.as_str() },
        route = seen.route.as_ref().map(Route::template),
        problem = result.as_ref().err().map(|problem| problem.kind.name()),
        fault = facts.fault,
        "request answered"
    );
    if seen.route == Some(Route::Health) || request.is_health_check() {
        return;
    }
    let provenance = facts.agent.clone().zip(facts.provider).map(|(agent, provider)| Provenance { agent, provider });
    let llm_latency_ms = facts.llm_latency.map(millis);
    let metrics = InvocationMetrics {
        provenance,
        llm_latency_ms,
        overhead_latency_ms: latency_ms.saturating_sub(llm_latency_ms.unwrap_or_default()),
        usage: facts.usage,
        error: status.is_server_error(),
        provider_throttles: facts.effort.throttles,
        fallbacks: facts.effort.fallbacks,
        policy_denials: u32::from(status == StatusCode::FORBIDDEN),
    };
    (front.metrics)(&metrics.to_line(&request.request_id, now));
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

impl InvocationFacts {
    /// Keeps the words for the log, and gives the client's.
    pub(super) fn note(&mut self, mapped: Mapped) -> Problem {
        self.fault = mapped.fault;
        mapped.problem
    }
}
