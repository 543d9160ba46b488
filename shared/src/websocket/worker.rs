//! Performs dispatched runs and sends their events to the connection, in order.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use http::StatusCode;
use tokio::sync::mpsc::Receiver;
use tokio::time::sleep;
use tracing::Instrument;

use super::METHOD;
use super::dispatched_run::DispatchedRun;
use super::frame::FrameWriter;
use crate::api::{
    AccessLogEntry, ApiError, AuditFacts, ClientEvent, RETRY_SOON, RefusalAudit, RunPorts, RunRequest, ServerContext,
    check_body, run,
};
use crate::delivery::{ConnectionSender, SendError};
use crate::domain::{Principal, Random};
use crate::http::{Problem, ProblemKind};
use crate::lambda::Invocation;
use crate::runner::{Deadline, EventSink, TurnEvent, TurnOutcome};
use crate::store::{ConnectionRegistry, RunStart, RunStatus, StoreError};

/// How often the worker checks whether its run was cancelled.
const STATUS_INTERVAL: Duration = Duration::from_secs(1);

/// How a worker reaches the clients of its runs.
pub struct ConnectionPorts {
    /// Connections and their runs.
    pub connections: Arc<dyn ConnectionRegistry>,
    /// Sends frames to clients.
    pub sender: Arc<dyn ConnectionSender>,
    /// Ids of deliveries.
    pub random: Arc<dyn Random>,
}

/// Performs the runs of WebSocket clients.
pub struct RunWorker {
    ports: ConnectionPorts,
}

impl RunWorker {
    /// Creates a worker.
    #[must_use]
    pub const fn new(ports: ConnectionPorts) -> Self {
        Self { ports }
    }

    /// Performs a run unless another delivery did; the client receives all its events and its end.
    pub(super) async fn perform(
        &self,
        server: &ServerContext,
        ports: &RunPorts,
        dispatched: &DispatchedRun,
        invocation: &Invocation,
    ) {
        let arrived = server.clock.now();
        let deadline = Deadline::new(arrived, invocation.function_ends, server.limit);
        let mut log = AccessLogEntry::new(invocation, METHOD, arrived);
        log.route = Some("run");
        log.connection = Some(dispatched.run.connection.as_str().to_owned());
        log.agent = Some(dispatched.agent.to_string());
        let span = log.span();
        let active = ActiveRun { server, ports, worker: &self.ports, dispatched, deadline };
        let result = active.perform(&mut log).instrument(span).await;
        let status = result.as_ref().map_or_else(|problem| problem.kind.status(), |()| StatusCode::OK);
        log.write(server, status, result.as_ref().err());
    }
}

/// A dispatched run while it is performed.
struct ActiveRun<'a> {
    server: &'a ServerContext,
    ports: &'a RunPorts,
    worker: &'a ConnectionPorts,
    dispatched: &'a DispatchedRun,
    deadline: Deadline,
}

impl ActiveRun<'_> {
    async fn perform(&self, log: &mut AccessLogEntry) -> Result<(), Problem> {
        let handle = &self.dispatched.run;
        let mut frames = FrameWriter::new(handle.request_id.as_str());
        // Each delivery has an id, which repeated calls of the SDK share, so that only another delivery is refused.
        let beginning = self.deadline.bound(self.worker.connections.start(handle, self.worker.random.uuid())).await;
        // The connection says whose run it is, so that the event alone gives nobody's rights to its sender.
        let begun = match beginning.unwrap_or(Err(StoreError::Unavailable("no answer in time"))) {
            // Lambda delivers an event at least once.
            Ok(RunStart::AlreadyClaimed) => {
                log.fault = Some("the run was claimed before".to_owned());
                log.is_counted = false;
                return Ok(());
            }
            Ok(RunStart::Cancelled) => Err(cancelled()),
            Ok(RunStart::ConnectionClosed) => Err(Problem::new(ProblemKind::ClientGone, "the client left")),
            Ok(RunStart::Started(principal)) => Ok(principal),
            Err(error) => Err(log.fail(ApiError::from_store(&error))),
        };
        let result = match begun {
            Ok(principal) => self.run(&principal, &mut frames, log).await,
            Err(problem) => Err(self.audit_refusal(problem, log).await),
        };
        let last = match &result {
            Ok(outcome) => frames.event(&ClientEvent::end(outcome)),
            Err(problem) => frames.error(problem, &log.request_id),
        };
        let has_left = result.as_ref().is_err_and(|problem| problem.kind == ProblemKind::ClientGone);
        // Nobody is left to read the last frame.
        if !has_left && let Err(error) = self.send(last).await {
            log.fault.get_or_insert_with(|| error.to_string());
        }
        // A run that stays recorded expires, or is forgotten with its connection.
        let _ended = self.deadline.with_flush_grace().bound(self.worker.connections.end(handle)).await;
        result.map(drop)
    }

    /// Audits a run that does not begin, and returns the problem that the client reads.
    async fn audit_refusal(&self, problem: Problem, log: &AccessLogEntry) -> Problem {
        let audit = RefusalAudit::new(self.ports.audit.clone());
        let (request_id, status) = (log.request_id.as_str(), problem.kind.name());
        let recording =
            self.dispatched.audit_end((&audit, request_id), status, self.server, self.ports.random.as_ref());
        // A run that was cancelled may have been open for its whole time.
        match self.deadline.with_flush_grace().bound(recording).await {
            Ok(Err(unaudited)) => unaudited,
            Ok(Ok(())) | Err(_) => problem,
        }
    }

    /// Runs the agent and sends its events concurrently.
    async fn run(
        &self,
        principal: &Principal,
        frames: &mut FrameWriter,
        log: &mut AccessLogEntry,
    ) -> Result<TurnOutcome, Problem> {
        let (sink, events) = EventSink::new();
        let running = async {
            let result = self.run_agent(principal, &sink, log).await;
            // Closes the channel, so that relaying ends once everything is sent.
            drop(sink);
            result
        };
        let (result, relayed) = tokio::join!(running, self.relay(events, frames));
        let Err(interruption) = relayed else { return result };
        // A cancellation is the client's decision and not a fault.
        if interruption != Interruption::Cancelled {
            log.fault = Some(interruption.to_string());
        }
        match (interruption, result) {
            // The turn was stored before the cancellation was noticed.
            (Interruption::Cancelled, Ok(outcome)) => Ok(outcome),
            (Interruption::Delivery(SendError::Failed(_)), Ok(_)) => {
                Err(undelivered("it is stored: read the conversation"))
            }
            (Interruption::Cancelled, Err(problem)) if problem.kind == ProblemKind::ClientGone => Err(cancelled()),
            (Interruption::Delivery(SendError::Failed(_)), Err(problem)) if problem.kind == ProblemKind::ClientGone => {
                Err(undelivered("nothing of it is stored; actions that had run keep their effect"))
            }
            // The turn is stored, but its client has left before it had read all of it.
            (Interruption::Delivery(SendError::Gone), Ok(_)) => {
                Err(Problem::new(ProblemKind::ClientGone, "the client left"))
            }
            (_, Err(problem)) => Err(problem),
        }
    }

    async fn run_agent(
        &self,
        principal: &Principal,
        sink: &EventSink,
        log: &mut AccessLogEntry,
    ) -> Result<TurnOutcome, Problem> {
        let DispatchedRun { agent, body, source, token, .. } = self.dispatched;
        log.name_caller(self.server, principal).await;
        // The function that dispatched the run may have had another configuration.
        let agent = self.ports.agents.find(agent.as_str(), principal)?;
        // Checked again, since another version may have dispatched the run.
        let body = check_body(body.clone(), "", Vec::new())?;
        let digest_key = self.server.digest_keys.key().await;
        let (token, source) = (token.as_deref(), source.as_deref());
        let audit = AuditFacts { digest_key: digest_key.as_ref(), token, source };
        let request = RunRequest { principal, agent, body, idempotency: None, deadline: self.deadline, audit };
        run(self.ports, request, Some(sink), log).await
    }

    /// Sends events until the run ends.
    async fn relay(&self, mut events: Receiver<TurnEvent>, frames: &mut FrameWriter) -> Result<(), Interruption> {
        let mut interruption = pin!(self.interruption());
        let mut interrupted = None;
        loop {
            let received = tokio::select! {
                // Biased, because a fast model could otherwise keep a cancellation waiting.
                biased;
                reason = &mut interruption, if interrupted.is_none() => {
                    interrupted = Some(reason);
                    // Events that were sent before are still relayed.
                    events.close();
                    continue;
                }
                received = events.recv() => received,
            };
            let Some(first) = received else { return interrupted.map_or(Ok(()), Err) };
            // Deltas that have arrived in the meantime are joined, since every frame is a request.
            let mut batch = vec![first];
            while let Ok(next) = events.try_recv() {
                batch.push(next);
            }
            for frame in frames.events(batch, self.dispatched.agent.as_str()) {
                // Returning drops the receiver, which cancels a run that is still active.
                self.send(frame).await.map_err(Interruption::Delivery)?;
            }
        }
    }

    /// Waits until the run is cancelled or its connection closed.
    async fn interruption(&self) -> Interruption {
        loop {
            sleep(STATUS_INTERVAL).await;
            match self.worker.connections.status(&self.dispatched.run).await {
                Ok(RunStatus::Cancelled) => return Interruption::Cancelled,
                // A closed connection is forgotten with its runs.
                Ok(RunStatus::Unknown) => return Interruption::Delivery(SendError::Gone),
                // A failed look-up does not end a run; the next one follows in a second.
                Ok(RunStatus::Active) | Err(_) => {}
            }
        }
    }

    async fn send(&self, frame: String) -> Result<(), SendError> {
        let sending = self.worker.sender.send(&self.dispatched.run.connection, frame);
        let sent = self.deadline.with_flush_grace().bound(sending).await;
        sent.unwrap_or_else(|late| Err(SendError::Failed(late.to_string())))
    }
}

/// Why not all events were sent.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
enum Interruption {
    #[error("the run was cancelled")]
    Cancelled,
    #[error(transparent)]
    Delivery(SendError),
}

fn cancelled() -> Problem {
    Problem::new(
        ProblemKind::Cancelled,
        "the run was cancelled; nothing of it is stored, but actions that had run keep their effect",
    )
}

fn undelivered(what_is_stored: &str) -> Problem {
    let detail = format!("not all of the answer could be delivered; {what_is_stored}");
    Problem::new(ProblemKind::Unavailable, detail).retry_after(RETRY_SOON)
}
