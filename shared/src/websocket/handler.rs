//! The handler of the function `websocket`: opens connections, checks messages, and dispatches runs.

use std::sync::Arc;

use async_trait::async_trait;
use http::{HeaderMap, StatusCode};
use ipnet::IpNet;
use tracing::Instrument;

use super::METHOD;
use super::connect::connect;
use crate::api::{AccessLogEntry, Agents, ApiError, ServerContext, deadline_passed, internal};
use crate::delivery::{ConnectionSender, RunDispatcher, SendError};
use crate::domain::{ConnectionId, Random};
use crate::http::{Problem, handshake_headers};
use crate::lambda::{EventKind, Handler, Invocation, WebSocketEvent, WebSocketResponse};
use crate::runner::Deadline;
use crate::store::{ConnectionRegistry, RunHandle, StoreError};

/// The route of handshakes.
const CONNECT: &str = "$connect";

/// What the function needs.
pub struct WebSocketPorts {
    /// The agents.
    pub agents: Agents,
    /// Connections and their runs.
    pub connections: Arc<dyn ConnectionRegistry>,
    /// Sends frames to clients.
    pub sender: Arc<dyn ConnectionSender>,
    /// Starts runs in the function that performs them.
    pub dispatcher: Arc<dyn RunDispatcher>,
    /// Ids.
    pub random: Arc<dyn Random>,
    /// Whether the query may contain the token.
    pub access_token_in_query: bool,
    /// The networks from which connections may be opened; `None` allows all.
    pub allowed_cidrs: Option<Vec<IpNet>>,
}

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

/// An event while it is handled.
pub(super) struct EventScope<'a> {
    pub(super) server: &'a ServerContext,
    pub(super) ports: &'a WebSocketPorts,
    pub(super) deadline: Deadline,
    pub(super) log: AccessLogEntry,
    /// A run that is recorded but perhaps not dispatched.
    pub(super) recorded: Option<RunHandle>,
}

/// The status and headers of a handled event, or its problem.
pub(super) type EventOutcome = Result<(StatusCode, HeaderMap), Problem>;

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

/// Returns the response to every event but a handshake: another status would only count as a failed integration.
fn empty_response() -> WebSocketResponse {
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
                let closing = self.deadline.bound(self.ports.connections.close(&id)).await;
                self.stored(closing.unwrap_or(Err(StoreError::Unavailable("no answer in time"))))?;
                Ok((StatusCode::OK, HeaderMap::new()))
            }
            EventKind::Message(text) => self.handle_message(&id, &text).await,
        }
    }

    fn response(&self, outcome: EventOutcome) -> WebSocketResponse {
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

    /// Maps a result of the registry to the client's problem and the log's text.
    pub(super) fn stored<T>(&mut self, result: Result<T, StoreError>) -> Result<T, Problem> {
        result.map_err(|error| self.log.fail(ApiError::from_store(&error)))
    }

    /// Sends a frame to a connection. Why that failed is in the log.
    pub(super) async fn send(&mut self, to: &ConnectionId, frame: String) -> Result<(), SendError> {
        let sending = self.deadline.with_flush_grace().bound(self.ports.sender.send(to, frame)).await;
        let sent = sending.unwrap_or_else(|late| Err(SendError::Failed(late.to_string())));
        if let Err(error) = &sent {
            self.log.fault.get_or_insert_with(|| error.to_string());
        }
        sent
    }

    /// Keeps `internal` for the log and returns the problem for the client.
    pub(super) fn fail(&mut self, problem: Problem, internal: String) -> Problem {
        self.log.fail(ApiError { problem, internal: Some(internal) })
    }

    fn write_log(&self, outcome: &EventOutcome) {
        let status = outcome.as_ref().map_or_else(|problem| problem.kind.status(), |(status, _)| *status);
        self.log.write(self.server, status, outcome.as_ref().err());
    }
}
