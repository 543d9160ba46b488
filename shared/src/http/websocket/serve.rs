//! The function `websocket`: opens connections, checks what clients say, and has runs carried out elsewhere.

use std::collections::BTreeMap;
use std::sync::Arc;

use http::{HeaderMap, StatusCode};
use ipnet::IpNet;
use tokio::time::timeout_at;
use tracing::Instrument;

use super::METHOD;
use super::connect::connect;
use super::event::{GivenUp, Ordered, WebSocketEvent, WebSocketResponse, What};
use super::frame::{BEHIND_ALL, Frames};
use super::message::{self, ClientMessage};
use super::order::RunOrder;
use crate::agent::AgentDefinition;
use crate::delivery::{FramePoster, RunStarter};
use crate::domain::{AgentName, ClientRequestId, ConnectionId, Principal};
use crate::http::endpoints::invoke::admitted;
use crate::http::errors::{Mapped, SOON, from_store, internal, not_found};
use crate::http::report::{Told, report};
use crate::http::{Front, Invocation, InvocationFacts, Problem, ProblemKind};
use crate::memory::{Acceptance, ConnectionRegistry};
use crate::runner::Deadline;

/// What the function works with.
pub struct WebSocketPorts {
    /// The agents.
    pub agents: BTreeMap<AgentName, Arc<AgentDefinition>>,
    /// Connections and their runs.
    pub connections: Arc<dyn ConnectionRegistry>,
    /// The way to clients.
    pub frames: Arc<dyn FramePoster>,
    /// The way to the function that runs agents.
    pub runs: Arc<dyn RunStarter>,
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
    pub(super) facts: InvocationFacts,
    pub(super) tenant: Option<String>,
    /// What the event is, for the log.
    route: &'static str,
    connection: Option<ConnectionId>,
    /// A run's metrics are its own, so what has started one counts nothing.
    has_started_run: bool,
}

/// Answers an event. Only the answer to a handshake reaches the client; to a message it is told by a frame what was wrong
/// with it.
pub async fn serve_websocket(
    front: &Front,
    ports: &WebSocketPorts,
    event: WebSocketEvent,
    invocation: &Invocation,
) -> WebSocketResponse {
    let arrived = front.clock.now();
    let deadline = Deadline::new(arrived, invocation.function_ends, front.limit);
    let mut serving = Serving {
        front,
        ports,
        invocation,
        deadline,
        facts: InvocationFacts::default(),
        tenant: None,
        route: "none",
        connection: None,
        has_started_run: false,
    };
    let span =
        tracing::info_span!("request", request_id = invocation.request_id, trace_id = invocation.trace_id.as_deref());
    let result = serving.answer(event).instrument(span).await;
    serving.report(arrived, &result);
    match result {
        Ok((status, headers)) => WebSocketResponse::new(status, &headers, None),
        Err(problem) => {
            let body = problem.to_json(&invocation.request_id);
            // To a message there is no answer but frames; another status would only count as a failed integration.
            let status = if serving.route == "$connect" { problem.kind.status() } else { StatusCode::OK };
            let body = (serving.route == "$connect").then_some(body);
            WebSocketResponse::new(status, &HeaderMap::new(), body)
        }
    }
}

type Answered = Result<(StatusCode, HeaderMap), Problem>;

impl Serving<'_> {
    async fn answer(&mut self, mut event: WebSocketEvent) -> Answered {
        if let Some(given_up) = event.given_up() {
            return self.tell_given_up(given_up).await;
        }
        let (id, what) = event.read().map_err(|error| self.note(internal(), error.to_string()))?;
        self.connection = Some(id.clone());
        match what {
            What::Connect(handshake) => {
                self.route = "$connect";
                let connecting = timeout_at(self.deadline.instant(), connect(self, &id, &handshake)).await;
                connecting.unwrap_or_else(|_elapsed| Err(late())).map(|headers| (StatusCode::OK, headers))
            }
            What::Disconnect => {
                self.route = "$disconnect";
                let closed = self.ports.connections.close(&id).await;
                closed.map_err(|error| self.facts.note(from_store(&error)))?;
                Ok((StatusCode::OK, HeaderMap::new()))
            }
            What::Message(text) => self.hear(&id, &text).await,
        }
    }

    /// A message is heard, or its client told why not.
    async fn hear(&mut self, id: &ConnectionId, text: &[u8]) -> Answered {
        self.route = "$default";
        let message::Read { request_id, message } = message::read(text);
        // What the client does not name goes by the invocation's id, which the log has.
        let own = ClientRequestId::parse(&self.invocation.request_id);
        let done = match request_id.clone().or(own) {
            Some(name) => {
                let obeying = timeout_at(self.deadline.instant(), self.obey(id, &name, message)).await;
                obeying.unwrap_or_else(|_elapsed| Err(late()))
            }
            None => Err(internal()),
        };
        match done {
            Ok(status) => Ok((status, HeaderMap::new())),
            Err(problem) => {
                let instance = &self.invocation.request_id;
                let name = request_id.as_ref().map_or(instance.as_str(), ClientRequestId::as_str);
                let frame = Frames::new(name).error(&problem, instance);
                self.post(id, frame).await;
                Err(problem)
            }
        }
    }

    async fn obey(
        &mut self,
        id: &ConnectionId,
        name: &ClientRequestId,
        message: Result<ClientMessage, Problem>,
    ) -> Result<StatusCode, Problem> {
        let caller = self.caller(id).await?;
        match message? {
            ClientMessage::Invoke { agent, body } => {
                self.route = "invoke";
                let agent = admitted(&self.ports.agents, |agent| agent, &agent, &caller)?.name.clone();
                self.facts.agent = Some(agent.to_string());
                let Ok(serde_json::Value::Object(body)) = serde_json::to_value(&body) else { return Err(internal()) };
                let (connection, request_id) = (id.clone(), name.clone());
                self.start(RunOrder { connection, request_id, principal: caller, agent, body }).await?;
                self.has_started_run = true;
                Ok(StatusCode::ACCEPTED)
            }
            ClientMessage::Cancel => {
                self.route = "cancel";
                let cancelled = self.ports.connections.cancel(id, name).await;
                if cancelled.map_err(|error| self.facts.note(from_store(&error)))? {
                    Ok(StatusCode::NO_CONTENT)
                } else {
                    Err(not_found("run on this connection"))
                }
            }
        }
    }

    /// Who speaks, as long as their token says so.
    async fn caller(&mut self, id: &ConnectionId) -> Result<Principal, Problem> {
        let found = self.ports.connections.find(id).await;
        let found = found.map_err(|error| self.facts.note(from_store(&error)))?;
        let Some(connection) = found else {
            return Err(expired("this connection is not open any more"));
        };
        self.tenant = Some(connection.principal.tenant.to_string());
        if self.front.clock.now() >= connection.until {
            return Err(expired("the token that has opened this connection has expired"));
        }
        Ok(connection.principal)
    }

    /// Notes the run and hands it over.
    async fn start(&mut self, order: RunOrder) -> Result<(), Problem> {
        let (id, name) = (order.connection.clone(), order.request_id.clone());
        let connections = &self.ports.connections;
        let accepted = connections.accept(&id, &name).await;
        match accepted.map_err(|error| self.facts.note(from_store(&error)))? {
            Acceptance::Accepted => {}
            Acceptance::Taken => {
                let detail = "a run of this request_id goes on; use another one, or wait for its end";
                return Err(Problem::new(ProblemKind::RequestInProgress, detail).retry_after(SOON));
            }
            Acceptance::Full => {
                let detail = "too many runs go on for this connection; wait for the end of one";
                return Err(Problem::new(ProblemKind::TooManyRequests, detail).retry_after(SOON));
            }
            Acceptance::Closed => return Err(expired("this connection is not open any more")),
        }
        let written = serde_json::to_vec(&Ordered { websocket_run: order }).map_err(|_| internal())?;
        if let Err(error) = self.ports.runs.start(written).await {
            // Should it be carried out all the same, it finds itself not waited for.
            let _forgotten = connections.end(&id, &name).await;
            let problem = Problem::new(ProblemKind::Unavailable, "the run cannot be started; try again");
            return Err(self.note(problem.retry_after(SOON), error.to_string()));
        }
        Ok(())
    }

    /// Lambda has given a run up: its client, who may have heard of it, is told that it will hear no more.
    async fn tell_given_up(&mut self, given_up: GivenUp) -> Answered {
        self.route = "given up";
        let GivenUp { order: RunOrder { connection, request_id, agent, .. }, is_unbegun } = given_up;
        self.facts.agent = Some(agent.to_string());
        self.connection = Some(connection.clone());
        let problem = if is_unbegun {
            Problem::new(ProblemKind::Unavailable, "the run has waited for too long and was not begun; try again")
                .retry_after(SOON)
        } else {
            internal()
        };
        let frame = Frames::from(&request_id, BEHIND_ALL).error(&problem, &self.invocation.request_id);
        self.post(&connection, frame).await;
        let _forgotten = self.ports.connections.end(&connection, &request_id).await;
        Err(self.note(problem, "a run was given up".to_owned()))
    }

    async fn post(&mut self, to: &ConnectionId, frame: String) {
        if let Err(error) = self.ports.frames.post(to, frame).await {
            self.facts.fault.get_or_insert_with(|| error.to_string());
        }
    }

    fn note(&mut self, problem: Problem, fault: String) -> Problem {
        self.facts.note(Mapped { problem, fault: Some(fault) })
    }

    fn report(&self, arrived: crate::domain::Timestamp, result: &Answered) {
        let status = match result {
            Ok((status, _)) => *status,
            Err(problem) => problem.kind.status(),
        };
        let told = Told {
            request_id: &self.invocation.request_id,
            trace_id: self.invocation.trace_id.as_deref(),
            arrived,
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

fn late() -> Problem {
    Problem::new(ProblemKind::DeadlineExceeded, "the deadline came before all was checked; try again")
}

fn expired(what: &str) -> Problem {
    Problem::new(ProblemKind::InvalidToken, format!("{what}; connect again with a new token"))
}
