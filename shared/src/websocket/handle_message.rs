//! Handles a client's message: starts a run, cancels one, or sends a frame that says why not.

use std::time::Duration;

use http::{HeaderMap, StatusCode};
use serde_json::Value;

use super::dispatched_run::{DispatchedRun, RunEnvelope};
use super::event_scope::{EventOutcome, EventScope};
use super::frame::FrameWriter;
use super::message::{self, ClientMessage};
use crate::api::{AuditFacts, RETRY_SOON, RefusedRun, RunBody, deadline_passed, internal, not_found};
use crate::domain::{AgentName, ClientRequestId, ConnectionId, Principal};
use crate::http::{Problem, ProblemKind};
use crate::store::{Acceptance, RunHandle};

/// The time after which a run has certainly ended: Lambda starts it within a minute and runs it for 15 at most.
const RUN_LIFETIME: Duration = Duration::from_mins(17);

/// Who has sent a message.
#[derive(Clone)]
struct Caller {
    principal: Principal,
    /// The origin of the token that opened the connection.
    token: Option<String>,
    /// The network address.
    source: Option<String>,
}

/// Why a message is refused.
struct Refusal {
    problem: Problem,
    /// Whether a run of the message's name is active; the refusal must not look like that run's end.
    is_name_taken: bool,
}

impl From<Problem> for Refusal {
    fn from(problem: Problem) -> Self {
        Self { problem, is_name_taken: false }
    }
}

impl EventScope<'_> {
    /// Handles a message, or sends a frame that says why it is refused.
    pub(super) async fn handle_message(
        &mut self,
        id: &ConnectionId,
        text: &[u8],
        source: Option<String>,
    ) -> EventOutcome {
        self.log.route = Some("$default");
        let message::Read { request_id, message } = message::read(text);
        let instance = self.log.request_id.clone();
        // A message without a name is answered under the invocation's id, which the log has too.
        let result = match request_id.clone().or(ClientRequestId::parse(&instance)) {
            Some(name) => {
                let acting = self.deadline.bound(self.act_on(id, &name, message, source)).await;
                let result = acting.unwrap_or_else(|_| Err(deadline_passed("the message was checked").into()));
                // Even after the deadline, which drops the future above at any point.
                self.forget_recorded().await;
                result
            }
            None => Err(internal().into()),
        };
        match result {
            Ok(status) => Ok((status, HeaderMap::new())),
            Err(Refusal { problem, is_name_taken }) => {
                let name = request_id.as_ref().filter(|_| !is_name_taken);
                let mut frames = FrameWriter::new(name.map_or(&instance, ClientRequestId::as_str));
                // Why the frame could not be sent is in the log.
                let _sent = self.send(id, frames.error(&problem, &instance)).await;
                Err(problem)
            }
        }
    }

    async fn act_on(
        &mut self,
        id: &ConnectionId,
        name: &ClientRequestId,
        message: Result<ClientMessage, Problem>,
        source: Option<String>,
    ) -> Result<StatusCode, Refusal> {
        // Connection and token come before the message's own faults, as they do over HTTP.
        let found = self.ports.connections.find(id).await;
        let Some((connection, runs)) = self.stored(found)? else {
            return Err(connect_again("this connection is not open").into());
        };
        let is_name_taken = runs.contains(name.as_str());
        self.name_caller(&connection.principal).await;
        // A connection may outlive the token that opened it.
        if self.server.clock.now() >= connection.token_expires_at {
            let problem = connect_again("the token that opened this connection has expired");
            return Err(Refusal { problem, is_name_taken });
        }
        let result = match message {
            Ok(ClientMessage::Invoke { agent, body }) => {
                self.log.route = Some("invoke");
                let run = RunHandle {
                    connection: id.clone(),
                    request_id: name.clone(),
                    dispatch_id: self.ports.random.uuid(),
                };
                // Before anything is recorded, so that a refused agent leaves nothing behind.
                let agent = self.ports.agents.find(&agent, &connection.principal)?.0.name.clone();
                let caller = Caller { principal: connection.principal, token: connection.token_origin, source };
                match self.invoke(run, &agent, &body, &caller).await {
                    // A run that is not dispatched has no worker that would audit it.
                    Err(problem) => Err(self.audit_refusal(&agent, &body, &caller, problem).await),
                    dispatched => dispatched,
                }
            }
            Ok(ClientMessage::Cancel) => self.cancel(id, name).await,
            Err(problem) => Err(problem),
        };
        result.map_err(|problem| {
            // The other run of the name may have been accepted after the look-up.
            let is_name_taken = is_name_taken || problem.kind == ProblemKind::RequestInProgress;
            Refusal { problem, is_name_taken }
        })
    }

    /// Records a run and dispatches it.
    async fn invoke(
        &mut self,
        run: RunHandle,
        agent: &AgentName,
        body: &RunBody,
        caller: &Caller,
    ) -> Result<StatusCode, Problem> {
        self.log.agent = Some(agent.to_string());
        // Only members that were checked are dispatched.
        let Ok(Value::Object(body)) = serde_json::to_value(body) else { return Err(internal()) };
        // Set before the call, which may succeed although its answer is lost.
        self.recorded = Some(run.clone());
        let arrived = self.log.arrived;
        let accepting = self.ports.connections.accept(&run, arrived, arrived.plus(RUN_LIFETIME)).await;
        let acceptance = self.stored(accepting)?;
        // The store has answered, so nothing of this run is recorded.
        if acceptance != Acceptance::Accepted {
            self.recorded = None;
        }
        match acceptance {
            // On an error `recorded` stays set, so that the run is forgotten.
            Acceptance::Accepted => {
                let Caller { principal, token, source } = caller.clone();
                let agent = agent.clone();
                self.dispatch(DispatchedRun { run, principal, agent, body, source, token }).await?;
            }
            Acceptance::RequestIdInUse => {
                let detail = "a run with this request_id is active; use another request_id, or wait for the run to end";
                return Err(Problem::new(ProblemKind::RequestInProgress, detail).retry_after(RETRY_SOON));
            }
            Acceptance::TooManyRuns => {
                let detail = "too many runs are active on this connection; wait for one to end";
                return Err(Problem::new(ProblemKind::TooManyRequests, detail).retry_after(RETRY_SOON));
            }
            Acceptance::ConnectionClosed => return Err(connect_again("this connection is not open")),
        }
        self.recorded = None;
        // The run counts in the metrics of its own invocation.
        self.log.is_counted = false;
        Ok(StatusCode::ACCEPTED)
    }

    /// Audits a run that is refused before it is dispatched, and returns the problem that the client reads.
    async fn audit_refusal(&self, agent: &AgentName, body: &RunBody, caller: &Caller, problem: Problem) -> Problem {
        let digest_key = self.server.digest_keys.key().await;
        let (token, source) = (caller.token.as_deref(), caller.source.as_deref());
        let facts = AuditFacts { digest_key: digest_key.as_ref(), token, source };
        let (request_id, principal) = (self.log.request_id.as_str(), &caller.principal);
        let refused = RefusedRun { request_id, principal, agent, body, status: problem.kind.name() };
        let (now, random) = (self.server.clock.now(), self.ports.random.as_ref());
        self.ports.refusals.record(&refused, &facts, now, random).await.err().unwrap_or(problem)
    }

    /// Forgets a run that may have been recorded or dispatched although the request failed.
    async fn forget_recorded(&mut self) {
        // The client reads that its run failed, so it must not start later.
        if let Some(run) = self.recorded.take() {
            // A run that stays recorded expires.
            let _expires = self.deadline.with_flush_grace().bound(self.ports.connections.end(&run)).await;
        }
    }

    async fn dispatch(&mut self, run: DispatchedRun) -> Result<(), Problem> {
        let event = serde_json::to_vec(&RunEnvelope { websocket_run: run }).map_err(|_| internal())?;
        self.ports.dispatcher.dispatch(event).await.map_err(|error| {
            let problem = Problem::new(ProblemKind::Unavailable, "the run cannot be started; try again");
            self.fail(problem.retry_after(RETRY_SOON), error.to_string())
        })
    }

    async fn cancel(&mut self, id: &ConnectionId, name: &ClientRequestId) -> Result<StatusCode, Problem> {
        self.log.route = Some("cancel");
        let cancelled = self.ports.connections.cancel(id, name).await;
        if self.stored(cancelled)? { Ok(StatusCode::NO_CONTENT) } else { Err(not_found("run on this connection")) }
    }
}

fn connect_again(what: &str) -> Problem {
    Problem::new(ProblemKind::InvalidToken, format!("{what}; connect again with a new token"))
}
