//! What every door does with every request: route, method, CORS, token, answer, log, metrics.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use http::Method;
use tokio::sync::oneshot;
use tracing::Instrument;

use super::authenticate::{authenticate, bearer};
use super::event::{GatewayEvent, GatewayResponse};
use super::head::{self, Whole};
use super::outlet::{Outlet, StreamedResponse};
use super::report::{Told, report, status_of};
use super::{
    Form, HttpRequest, Invocation, InvocationFacts, Problem, ProblemHeader, ProblemKind, Reply, Route, accept, resolve,
};
use crate::auth::TokenVerifier;
use crate::domain::{Clock, Principal};
use crate::telemetry::LineWriter;

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
    /// The form of the answer that the client takes.
    pub form: Form,
    /// For the log and the metrics.
    pub facts: &'a mut InvocationFacts,
    /// Where the response goes while it is made; none where it is given whole.
    pub outlet: Option<&'a mut Outlet>,
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
    let request = read(door.front(), event, invocation);
    let Whole { status, headers, body } = answer(door, &request, invocation, None).await;
    GatewayResponse::new(request.source, status, &headers, body)
}

/// The same with a response that may go out while it is made: `respond` gets its beginning as soon as there is one.
/// Whoever holds that says by dropping the body's receiver that the client has left. Ends when all is done, the log line
/// included.
pub async fn serve_streamed(
    door: &dyn Door,
    event: GatewayEvent,
    invocation: &Invocation,
    respond: oneshot::Sender<StreamedResponse>,
) {
    let request = read(door.front(), event, invocation);
    let mut outlet = Outlet::new(respond, head::of_stream(door.front(), &request), request.deadline);
    let Whole { status, headers, body } = answer(door, &request, invocation, Some(&mut outlet)).await;
    outlet.whole(status, headers, body);
}

fn read(front: &Front, event: GatewayEvent, invocation: &Invocation) -> HttpRequest {
    HttpRequest::new(event, invocation, front.clock.now(), front.limit)
}

async fn answer(door: &dyn Door, request: &HttpRequest, invocation: &Invocation, outlet: Option<&mut Outlet>) -> Whole {
    let mut facts = InvocationFacts::default();
    let mut seen = Seen::default();
    let span = tracing::info_span!("request", request_id = request.request_id, trace_id = request.trace_id);
    let result = route(door, request, outlet, &mut facts, &mut seen).instrument(span).await;
    let told = Told {
        request_id: &request.request_id,
        trace_id: request.trace_id.as_deref(),
        arrived: request.arrived,
        cold_start: invocation.cold_start,
        method: if request.is_head { "HEAD" } else { request.method.as_str() },
        route: seen.route.as_ref().map(Route::template),
        tenant: seen.tenant.as_deref(),
        connection: None,
        status: status_of(&result),
        problem: result.as_ref().err(),
        // Health checks would drown the rest.
        is_counted: seen.route != Some(Route::Health) && !request.is_health_check(),
    };
    report(door.front(), &told, &facts);
    head::render(door.front(), request, &result)
}

/// What became known of a request on its way, for the log.
#[derive(Default)]
struct Seen {
    route: Option<Route>,
    tenant: Option<String>,
}

/// What a request came to, where that is no problem.
pub(super) enum Answered {
    Reply(Reply),
    /// The answer to `OPTIONS`, with `Allow`.
    Options(String),
}

async fn route(
    door: &dyn Door,
    request: &HttpRequest,
    outlet: Option<&mut Outlet>,
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
        accept::choose(&route, &request.headers)?;
        return super::endpoints::health::reply().map(Answered::Reply);
    }
    let front = door.front();
    let Some(verifier) = &front.verifier else {
        return Err(misrouted());
    };
    let checked = authenticate(verifier.as_ref(), bearer(&request.headers), request.deadline).await;
    let principal = checked.map_err(|mapped| facts.note(mapped))?.principal;
    seen.tenant = Some(principal.tenant.to_string());
    let form = accept::choose(&route, &request.headers)?;
    door.answer(Call { route: &route, principal: &principal, request, form, facts, outlet }).await.map(Answered::Reply)
}

/// The answer of a function to a path of another one: the front door is set up wrongly.
#[must_use]
pub fn misrouted() -> Problem {
    Problem::new(ProblemKind::NotFound, "this path is not served here; the front door should route it elsewhere")
}
