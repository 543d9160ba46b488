//! What a client's message leads to: a run that is started, one that is called off, or a frame that says why not.

use std::time::Duration;

use http::{HeaderMap, StatusCode};
use tokio::time::timeout_at;

use super::event::Ordered;
use super::frame::Frames;
use super::message::{self, ClientMessage};
use super::order::RunOrder;
use super::serve::{Answered, Serving, late};
use crate::domain::{ClientRequestId, ConnectionId, Principal};
use crate::http::endpoints::invoke::admitted;
use crate::http::errors::{SOON, internal, not_found};
use crate::http::{Problem, ProblemKind};
use crate::runner::FLUSH_GRACE;
use crate::store::{Acceptance, RunHandle};

/// When a run is certainly over: Lambda gives it a minute to begin and 15 to run.
const OVER_AFTER: Duration = Duration::from_mins(17);

/// Why a message is refused, and whether a run of its name goes on, which the refusal must not seem to end.
struct Refusal {
    problem: Problem,
    is_name_taken: bool,
}

impl From<Problem> for Refusal {
    fn from(problem: Problem) -> Self {
        Self { problem, is_name_taken: false }
    }
}

impl Serving<'_> {
    /// A message is heard, or its client told why not.
    pub(super) async fn hear(&mut self, id: &ConnectionId, text: &[u8]) -> Answered {
        self.route = "$default";
        let message::Read { request_id, message } = message::read(text);
        let instance = self.invocation.request_id.clone();
        // What the client does not name goes by the invocation's id, which the log has.
        let own = ClientRequestId::parse(&instance);
        let done = match request_id.clone().or(own) {
            Some(name) => {
                let obeying = timeout_at(self.deadline.instant(), self.obey(id, &name, message)).await;
                let done = obeying.unwrap_or_else(|_elapsed| Err(late().into()));
                self.forget_noted().await;
                done
            }
            None => Err(internal().into()),
        };
        match done {
            Ok(status) => Ok((status, HeaderMap::new())),
            Err(Refusal { problem, is_name_taken }) => {
                let name = request_id.as_ref().filter(|_| !is_name_taken);
                let mut frames = Frames::new(name.map_or(&instance, ClientRequestId::as_str));
                // Why it could not be posted is in the log.
                let _told = self.post(id, frames.error(&problem, &instance)).await;
                Err(problem)
            }
        }
    }

    async fn obey(
        &mut self,
        id: &ConnectionId,
        name: &ClientRequestId,
        message: Result<ClientMessage, Problem>,
    ) -> Result<StatusCode, Refusal> {
        let found = self.ports.connections.find(id).await;
        let Some((connection, runs)) = self.stored(found)? else {
            return Err(expired("this connection is not open any more").into());
        };
        let is_name_taken = runs.contains(name.as_str());
        self.tenant = Some(connection.principal.tenant.to_string());
        if self.front.clock.now() >= connection.until {
            let problem = expired("the token that has opened this connection has expired");
            return Err(Refusal { problem, is_name_taken });
        }
        let obeyed = match message {
            Ok(ClientMessage::Invoke { agent, body }) => {
                self.route = "invoke";
                let order = RunHandle { connection: id.clone(), name: name.clone(), order: self.ports.random.uuid() };
                match serde_json::to_value(&body) {
                    Ok(serde_json::Value::Object(body)) => self.invoke(order, connection.principal, &agent, body).await,
                    _ => Err(internal()),
                }
            }
            Ok(ClientMessage::Cancel) => self.cancel(id, name).await,
            Err(problem) => Err(problem),
        };
        obeyed.map_err(|problem| {
            // The other run of the name may have been accepted a moment ago.
            let is_name_taken = is_name_taken || problem.kind == ProblemKind::RequestInProgress;
            Refusal { problem, is_name_taken }
        })
    }

    async fn invoke(
        &mut self,
        run: RunHandle,
        principal: Principal,
        agent: &str,
        body: serde_json::Map<String, serde_json::Value>,
    ) -> Result<StatusCode, Problem> {
        let agent = admitted(&self.ports.agents, |agent| agent, agent, &principal)?.name.clone();
        self.facts.agent = Some(agent.to_string());
        self.noted = Some(run.clone());
        let accepted = self.ports.connections.accept(&run, self.arrived, self.arrived.plus(OVER_AFTER)).await;
        let acceptance = self.stored(accepted)?;
        if acceptance != Acceptance::Accepted {
            self.noted = None;
        }
        match acceptance {
            Acceptance::Accepted => self.start(RunOrder { run, principal, agent, body }).await?,
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
        self.noted = None;
        self.has_started_run = true;
        Ok(StatusCode::ACCEPTED)
    }

    /// A run that may have been accepted, or handed over, without our knowing it: nobody waits for it.
    async fn forget_noted(&mut self) {
        if let Some(run) = self.noted.take() {
            let due = self.deadline.instant() + FLUSH_GRACE;
            let _forgotten = timeout_at(due, self.ports.connections.end(&run)).await;
        }
    }

    async fn start(&mut self, order: RunOrder) -> Result<(), Problem> {
        let written = serde_json::to_vec(&Ordered { websocket_run: order }).map_err(|_| internal())?;
        self.ports.runs.start(written).await.map_err(|error| {
            let problem = Problem::new(ProblemKind::Unavailable, "the run cannot be started; try again");
            self.note(problem.retry_after(SOON), error.to_string())
        })
    }

    async fn cancel(&mut self, id: &ConnectionId, name: &ClientRequestId) -> Result<StatusCode, Problem> {
        self.route = "cancel";
        let cancelled = self.ports.connections.cancel(id, name).await;
        if self.stored(cancelled)? { Ok(StatusCode::NO_CONTENT) } else { Err(not_found("run on this connection")) }
    }
}

fn expired(what: &str) -> Problem {
    Problem::new(ProblemKind::InvalidToken, format!("{what}; connect again with a new token"))
}
