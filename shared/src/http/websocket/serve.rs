//! The function `websocket`: opens connections, checks what clients say, and has runs carried out elsewhere.

use std::collections::BTreeMap;
use std::sync::Arc;

use http::{HeaderMap, StatusCode};
use ipnet::IpNet;
use tokio::time::timeout_at;
use tracing::Instrument;

use super::METHOD;
use super::connect::connect;
use super::event::{WebSocketEvent, WebSocketResponse, What};
use super::given_up::tell_given_up;
use crate::agent::AgentDefinition;
use crate::delivery::{ConnectionSender, PostError, RunDispatcher};
use crate::domain::{AgentName, ConnectionId, Random, Timestamp};
use crate::http::errors::{Mapped, from_store, internal};
use crate::http::report::{Told, report};
use crate::http::{Front, Invocation, InvocationFacts, Problem, ProblemKind, head};
use crate::runner::{Deadline, FLUSH_GRACE};
use crate::store::{ConnectionRegistry, RunHandle, StoreError};

/// The route of handshakes.
const CONNECT: &str = "$connect";

/// What the function works with.
pub struct WebSocketPorts {
    /// The agents.
    pub agents: BTreeMap<AgentName, Arc<AgentDefinition>>,
    /// Connections and their runs.
    pub connections: Arc<dyn ConnectionRegistry>,
    /// The way to clients.
    pub frames: Arc<dyn ConnectionSender>,
    /// The way to the function that runs agents.
    pub runs: Arc<dyn RunDispatcher>,
    /// Ids.
    pub random: Arc<dyn Random>,
    /// Whether a token may also come in the query.
    pub access_token_in_query: bool,
    /// From where connections may be opened; none where that is everywhere.
    pub allowed_cidrs: Option<Vec<IpNet>>,
}

/// The door of a WebSocket API's function.
pub trait WebSocketDoor: Send + Sync {
    /// What it has in common with the others.
    fn front(&self) -> &Front;

    /// What it works with.
    fn ports(&self) -> &WebSocketPorts;
}

/// An event that is being answered.
pub(super) struct Serving<'a> {
    pub(super) front: &'a Front,
    pub(super) ports: &'a WebSocketPorts,
    pub(super) invocation: &'a Invocation,
    pub(super) deadline: Deadline,
    pub(super) arrived: Timestamp,
    pub(super) facts: InvocationFacts,
    pub(super) tenant: Option<String>,
    /// What the event is, for the log.
    pub(super) route: &'static str,
    pub(super) connection: Option<ConnectionId>,
    /// The run that may have been noted, until it is known to be started.
    pub(super) noted: Option<RunHandle>,
    /// A run's metrics are its own, so what has started one counts nothing.
    pub(super) has_started_run: bool,
}

/// What came of an event, where that is no problem.
pub(super) type Answered = Result<(StatusCode, HeaderMap), Problem>;

/// A client could not be told that its run was given up; Lambda tries the invocation again.
#[derive(Debug, thiserror::Error)]
#[error("the client of a run that was given up could not be told")]
pub struct Untold;

/// Answers an event. Only the answer to a handshake reaches the client; to a message it is told by a frame what was wrong
/// with it.
///
/// # Errors
/// [`Untold`], where Lambda should bring the event again.
pub async fn serve_websocket(
    front: &Front,
    ports: &WebSocketPorts,
    mut event: WebSocketEvent,
    invocation: &Invocation,
) -> Result<WebSocketResponse, Untold> {
    let arrived = front.clock.now();
    let mut serving = Serving {
        front,
        ports,
        invocation,
        deadline: Deadline::new(arrived, invocation.function_ends, front.limit),
        arrived,
        facts: InvocationFacts::default(),
        tenant: None,
        route: "none",
        connection: None,
        noted: None,
        has_started_run: false,
    };
    let span =
        tracing::info_span!("request", request_id = invocation.request_id, trace_id = invocation.trace_id.as_deref());
    if let Some(given_up) = event.given_up() {
        let told = tell_given_up(&mut serving, given_up).instrument(span).await;
        serving.report(&told);
        // The problem is the client's; that it could not be told is the fault that counts.
        return told.map(|_| WebSocketResponse::new(StatusCode::OK, &HeaderMap::new(), None)).map_err(|_| Untold);
    }
    let result = serving.answer(event).instrument(span).await;
    serving.report(&result);
    Ok(serving.response(result))
}

impl Serving<'_> {
    async fn answer(&mut self, event: WebSocketEvent) -> Answered {
        let (id, what) = event.read().map_err(|error| self.note(internal(), error.to_string()))?;
        self.connection = Some(id.clone());
        match what {
            What::Connect(handshake) => {
                self.route = CONNECT;
                let connecting = timeout_at(self.deadline.instant(), connect(self, &id, &handshake)).await;
                connecting.unwrap_or_else(|_elapsed| Err(late())).map(|headers| (StatusCode::OK, headers))
            }
            What::Disconnect => {
                self.route = "$disconnect";
                let closing = timeout_at(self.deadline.instant(), self.ports.connections.close(&id)).await;
                self.stored(closing.unwrap_or(Err(StoreError::Unavailable("no answer in time"))))?;
                Ok((StatusCode::OK, HeaderMap::new()))
            }
            What::Message(text) => self.hear(&id, &text).await,
        }
    }

    /// To what is no handshake there is no answer but frames; another status would only count as a failed integration.
    fn response(&self, result: Answered) -> WebSocketResponse {
        let request_id = &self.invocation.request_id;
        if self.route != CONNECT {
            return WebSocketResponse::new(StatusCode::OK, &HeaderMap::new(), None);
        }
        let mut headers = head::of_handshake(request_id, result.as_ref().err());
        match result {
            Ok((status, own)) => {
                headers.extend(own);
                WebSocketResponse::new(status, &headers, None)
            }
            Err(problem) => WebSocketResponse::new(problem.kind.status(), &headers, Some(problem.to_json(request_id))),
        }
    }

    /// What the registry says; its faults are the log's and the client's.
    pub(super) fn stored<T>(&mut self, result: Result<T, StoreError>) -> Result<T, Problem> {
        result.map_err(|error| self.facts.note(from_store(&error)))
    }

    /// Posts a frame. Why that was not possible is in the log.
    pub(super) async fn post(&mut self, to: &ConnectionId, frame: String) -> Result<(), PostError> {
        let due = self.deadline.instant() + FLUSH_GRACE;
        let posted = timeout_at(due, self.ports.frames.post(to, frame)).await;
        let posted = posted.unwrap_or_else(|_| Err(PostError::Failed("the time was up".to_owned())));
        if let Err(error) = &posted {
            self.facts.fault.get_or_insert_with(|| error.to_string());
        }
        posted
    }

    pub(super) fn note(&mut self, problem: Problem, fault: String) -> Problem {
        self.facts.note(Mapped { problem, fault: Some(fault) })
    }

    fn report(&self, result: &Answered) {
        let status = match result {
            Ok((status, _)) => *status,
            Err(problem) => problem.kind.status(),
        };
        let told = Told {
            request_id: &self.invocation.request_id,
            trace_id: self.invocation.trace_id.as_deref(),
            arrived: self.arrived,
            cold_start: self.invocation.cold_start,
            method: METHOD,
            route: Some(self.route),
            tenant: self.tenant.as_deref(),
            connection: self.connection.as_ref().map(ConnectionId::as_str),
            status,
            problem: result.as_ref().err(),
            is_counted: !self.has_started_run,
        };
        report(self.front, &told, &self.facts);
    }
}

pub(super) fn late() -> Problem {
    Problem::new(ProblemKind::DeadlineExceeded, "the deadline came before all was checked; try again")
}
