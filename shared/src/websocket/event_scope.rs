//! What handles an event of the function `websocket`: its ports, and the event's own state.

use std::sync::Arc;

use http::{HeaderMap, StatusCode};

use crate::api::{AccessLogEntry, Agents, ApiError, RefusalAudit, ServerContext};
use crate::delivery::{ConnectionSender, RunDispatcher, SendError};
use crate::domain::{AllowedNetwork, ConnectionId, Principal, Random};
use crate::http::Problem;
use crate::runner::Deadline;
use crate::store::{ConnectionRegistry, LeaseStore, RunHandle, StoreError};

/// What the function needs.
pub struct WebSocketPorts {
    /// The agents.
    pub agents: Agents,
    /// Connections and their runs.
    pub connections: Arc<dyn ConnectionRegistry>,
    /// How many connections each caller has open.
    pub leases: Arc<dyn LeaseStore>,
    /// The most connections that a caller may have open.
    pub connection_limit: u32,
    /// Sends frames to clients.
    pub sender: Arc<dyn ConnectionSender>,
    /// Starts runs in the function that performs them.
    pub dispatcher: Arc<dyn RunDispatcher>,
    /// Ids.
    pub random: Arc<dyn Random>,
    /// Whether the query may contain the token.
    pub access_token_in_query: bool,
    /// Audits runs that are not dispatched.
    pub refusals: RefusalAudit,
    /// The networks from which connections may be opened; `None` allows all.
    pub allowed_cidrs: Option<Vec<AllowedNetwork>>,
}

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

impl EventScope<'_> {
    /// Maps a result of the registry to the client's problem and the log's text.
    pub(super) fn stored<T>(&mut self, result: Result<T, StoreError>) -> Result<T, Problem> {
        result.map_err(|error| self.log.fail(ApiError::from_store(&error)))
    }

    /// Names the caller in the log.
    pub(super) async fn name_caller(&mut self, principal: &Principal) {
        self.log.name_caller(self.server, principal).await;
    }

    /// Sends a frame to a connection. Why that failed is in the log.
    pub(super) async fn send(&mut self, to: &ConnectionId, frame: String) -> Result<(), SendError> {
        // The grace lets a frame report that the deadline has passed.
        let sending = self.deadline.with_flush_grace().bound(self.ports.sender.send(to, frame)).await;
        let sent = sending.unwrap_or_else(|late| Err(SendError::Failed(late.to_string())));
        if let Err(error) = &sent {
            // An earlier fault explains more.
            self.log.fault.get_or_insert_with(|| error.to_string());
        }
        sent
    }

    /// Keeps `internal` for the log and returns the problem for the client.
    pub(super) fn fail(&mut self, problem: Problem, internal: String) -> Problem {
        self.log.fail(ApiError { problem, internal: Some(internal) })
    }

    /// Writes the event's line of the access log.
    pub(super) fn write_log(&self, outcome: &EventOutcome) {
        let status = outcome.as_ref().map_or_else(|problem| problem.kind.status(), |(status, _)| *status);
        self.log.write(self.server, status, outcome.as_ref().err());
    }
}
