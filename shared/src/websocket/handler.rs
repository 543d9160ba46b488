//! The handler of the function `websocket`: opens connections, checks messages, and dispatches runs.

use async_trait::async_trait;
use http::{HeaderMap, StatusCode};
use tracing::Instrument;

use super::METHOD;
use super::connect::{connect, disconnect};
use super::event_scope::{EventOutcome, EventScope, WebSocketPorts};
use crate::api::{AccessLogEntry, ServerContext, deadline_passed, internal};
use crate::http::handshake_headers;
use crate::lambda::{EventKind, Handler, Invocation, WebSocketEvent, WebSocketResponse};
use crate::runner::Deadline;

/// The route of handshakes.
const CONNECT: &str = "$connect";

/// The handler of a WebSocket API's events.
pub struct WebSocketHandler {
    server: ServerContext,
    ports: WebSocketPorts,
}

impl WebSocketHandler {
    /// Creates the handler.
    #[must_use]
    pub const fn new(server: ServerContext, ports: WebSocketPorts) -> Self {
        Self { server, ports }
    }
}

/// The client of a failed run could not be notified; Lambda retries the invocation.
#[derive(Debug, thiserror::Error)]
#[error("the client of a failed run could not be notified")]
pub struct ClientNotNotified;

#[async_trait]
impl Handler for WebSocketHandler {
    type Event = WebSocketEvent;
    type Response = WebSocketResponse;
    type Error = ClientNotNotified;

    /// Handles an event. The client reads only the response to a handshake; faults of a message are sent as frames.
    async fn handle(
        &self,
        mut event: WebSocketEvent,
        invocation: &Invocation,
    ) -> Result<WebSocketResponse, ClientNotNotified> {
        let server = &self.server;
        let arrived = server.clock.now();
        let log = AccessLogEntry::new(invocation, METHOD, arrived);
        let span = log.span();
        let deadline = Deadline::new(arrived, invocation.function_ends, server.limit);
        let mut scope = EventScope { server, ports: &self.ports, deadline, log, recorded: None };
        if let Some(failed) = event.take_failed_invocation() {
            let outcome = scope.notify_of_failure(failed).instrument(span).await;
            scope.write_log(&outcome);
            // The problem is the client's; that the client was not notified makes the invocation fail.
            return outcome.map(|_| empty_response()).map_err(|_| ClientNotNotified);
        }
        let outcome = scope.handle(event).instrument(span).await;
        scope.write_log(&outcome);
        Ok(scope.response(outcome))
    }
}

/// Returns the response to every event but a handshake.
fn empty_response() -> WebSocketResponse {
    // Nobody reads it, and another status would only count as a failed integration.
    WebSocketResponse::new(StatusCode::OK, &HeaderMap::new(), None)
}

impl EventScope<'_> {
    async fn handle(&mut self, event: WebSocketEvent) -> EventOutcome {
        let (id, kind) = event.into_kind().map_err(|error| self.fail(internal(), error.to_string()))?;
        self.log.connection = Some(id.as_str().to_owned());
        match kind {
            EventKind::Connect(handshake) => {
                self.log.route = Some(CONNECT);
                let connecting = self.deadline.bound(connect(self, &id, &handshake)).await;
                let connected = connecting.map_err(|_| deadline_passed("the connection was opened"))?;
                connected.map(|headers| (StatusCode::OK, headers))
            }
            EventKind::Disconnect => {
                self.log.route = Some("$disconnect");
                let closing = self.deadline.bound(disconnect(self, &id)).await;
                closing.map_err(|_| deadline_passed("the connection was closed"))??;
                Ok((StatusCode::OK, HeaderMap::new()))
            }
            EventKind::Message { text, source_ip } => self.handle_message(&id, &text, source_ip).await,
        }
    }

    fn response(&self, outcome: EventOutcome) -> WebSocketResponse {
        // API Gateway passes only the response to a handshake on to the client.
        if self.log.route != Some(CONNECT) {
            return empty_response();
        }
        let request_id = &self.log.request_id;
        let mut headers = handshake_headers(request_id, outcome.as_ref().err());
        match outcome {
            Ok((status, own)) => {
                headers.extend(own);
                WebSocketResponse::new(status, &headers, None)
            }
            Err(problem) => WebSocketResponse::new(problem.kind.status(), &headers, Some(problem.to_json(request_id))),
        }
    }
}
