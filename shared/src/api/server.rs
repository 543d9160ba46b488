//! Handles HTTP events: route, method, CORS, token, content negotiation, endpoint, access log.

use std::convert::Infallible;

use async_trait::async_trait;
use futures_util::future::BoxFuture;
use http::Method;
use tokio::sync::oneshot;
use tracing::Instrument;

use super::local_access::check_local_access;
use super::{
    AccessLogEntry, RequestContext, Route, ServerContext, authenticate, bearer, misrouted, resolve, v1::health,
};
use crate::auth::Verified;
use crate::http::{
    BufferedResponse, Problem, ProblemHeader, ProblemKind, Reply, ResponseWriter, choose, render, stream_headers,
};
use crate::lambda::{GatewayEvent, GatewayResponse, Handler, HttpRequest, Invocation, StreamedResponse};

/// Answers an authenticated request of one of a function's routes; other routes are [`misrouted`].
pub type Respond<P> = for<'a> fn(&'a P, RequestContext<'a>) -> BoxFuture<'a, Result<Reply, Problem>>;

/// The handler of a function with HTTP routes.
pub struct HttpHandler<P> {
    server: ServerContext,
    ports: P,
    respond: Respond<P>,
}

#[async_trait]
impl<P: Send + Sync> Handler for HttpHandler<P> {
    type Event = GatewayEvent;
    type Response = GatewayResponse;
    type Error = Infallible;

    async fn handle(&self, event: GatewayEvent, invocation: &Invocation) -> Result<GatewayResponse, Infallible> {
        let request = self.read(event, invocation);
        let BufferedResponse { status, headers, body } = self.answer(&request, invocation, None).await;
        Ok(GatewayResponse::new(request.source, status, &headers, body))
    }
}

impl<P> HttpHandler<P> {
    /// Creates a handler that answers with `respond`.
    #[must_use]
    pub const fn new(server: ServerContext, ports: P, respond: Respond<P>) -> Self {
        Self { server, ports, respond }
    }

    /// Returns what the handler has in common with all others.
    #[must_use]
    pub const fn server(&self) -> &ServerContext {
        &self.server
    }

    /// Returns what the endpoints work with.
    #[must_use]
    pub const fn ports(&self) -> &P {
        &self.ports
    }

    /// Handles an event whose response may be streamed. `respond` takes the response as soon as its head is known;
    /// dropping that response's body means that the client has left. Returns once everything is done, the access log
    /// included.
    pub async fn handle_streamed(
        &self,
        event: GatewayEvent,
        invocation: &Invocation,
        respond: oneshot::Sender<StreamedResponse>,
    ) {
        let request = self.read(event, invocation);
        let headers = stream_headers(&self.server.allowed_origins, &request);
        let mut writer = ResponseWriter::new(respond, headers, request.deadline);
        let response = self.answer(&request, invocation, Some(&mut writer)).await;
        writer.send_buffered(response);
    }

    fn read(&self, event: GatewayEvent, invocation: &Invocation) -> HttpRequest {
        HttpRequest::new(event, invocation, self.server.clock.now(), self.server.limit)
    }

    /// Answers a request and writes its line of the access log.
    async fn answer(
        &self,
        request: &HttpRequest,
        invocation: &Invocation,
        writer: Option<&mut ResponseWriter>,
    ) -> BufferedResponse {
        let method = if request.is_head { "HEAD" } else { request.method.as_str() };
        let mut log = AccessLogEntry::new(invocation, method, request.arrived);
        log.is_anonymous = true;
        // Where the platform names no trace, the request's header may.
        log.trace_id.clone_from(&request.trace_id);
        let span = log.span();
        let result = self.route(request, writer, &mut log).instrument(span).await;
        let problem = result.as_ref().err();
        let status = result.as_ref().map_or_else(|problem| problem.kind.status(), |reply| reply.status);
        log.write(&self.server, status, problem);
        render(&self.server.allowed_origins, request, result)
    }

    /// Finds the request's route, authenticates the caller, and calls the endpoint.
    async fn route(
        &self,
        request: &HttpRequest,
        writer: Option<&mut ResponseWriter>,
        log: &mut AccessLogEntry,
    ) -> Result<Reply, Problem> {
        // Before the path, because a load balancer's own check may name any.
        if request.is_health_check() {
            log.is_counted = false;
            return health::health();
        }
        let unknown =
            || Problem::new(ProblemKind::NotFound, "there is no such path; the gateway's paths begin with /v1/");
        let route = resolve(&request.path).ok_or_else(unknown)?;
        log.route = Some(route.template());
        // Health checks would drown everything else.
        log.is_counted = route != Route::Health;
        // A browser sends its preflight request without a token (WHATWG Fetch, CORS protocol).
        if request.method == Method::OPTIONS {
            return Ok(Reply::options(route.allow()));
        }
        // Before the token, since the methods of a path are not secret.
        if !route.methods().contains(&request.method) {
            let detail = format!("this path supports {}", route.allow());
            return Err(
                Problem::new(ProblemKind::MethodNotAllowed, detail).with_header(ProblemHeader::Allow(route.allow()))
            );
        }
        if route == Route::Health {
            choose(route.offers(), &request.headers)?;
            return health::health();
        }
        let verifier = self.server.verifier.as_ref().ok_or_else(misrouted)?;
        if !verifier.needs_token() {
            check_local_access(request, &self.server.allowed_origins)?;
        }
        let authenticating = authenticate(verifier.as_ref(), bearer(&request.headers), request.deadline);
        // Beside the key set, so that a cold start waits for the slower of the two alone.
        let (checked, digest_key) = tokio::join!(authenticating, self.server.digest_keys.key());
        let Verified { principal, origin: token, .. } = checked.map_err(|error| log.fail(error))?;
        log.is_anonymous = false;
        log.tenant = Some(principal.tenant.to_string());
        log.subject = digest_key.as_ref().map(|key| key.subject(&principal));
        let digest_key = digest_key.as_ref();
        // After the token, so that a caller without one reads 401 first.
        let media_type = choose(route.offers(), &request.headers)?;
        let context = RequestContext {
            route: &route,
            principal: &principal,
            token,
            digest_key,
            request,
            media_type,
            log,
            writer,
        };
        (self.respond)(&self.ports, context).await
    }
}
