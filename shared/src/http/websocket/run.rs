//! The other end of an order: runs the agent, and posts what is heard of it to the connection, in order.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use serde::Deserialize;
use tokio::sync::mpsc::Receiver;
use tokio::time::{Instant, sleep, timeout_at};
use tracing::Instrument;

use super::METHOD;
use super::frame::Frames;
use super::order::RunOrder;
use crate::delivery::{ConnectionSender, PostError};
use crate::domain::{Random, Timestamp};
use crate::http::endpoints::invoke::{InvokePorts, admitted, perform};
use crate::http::errors::{SOON, from_store};
use crate::http::report::{Told, report};
use crate::http::turn_event::{ClientEvent, listen};
use crate::http::{Door, Front, Invocation, InvocationFacts, Problem, ProblemKind, body};
use crate::runner::{Deadline, FLUSH_GRACE, Listener, TurnEvent, TurnOutcome, TurnRequest};
use crate::store::{Beginning, ConnectionRegistry, RunStatus, StoreError};

/// How often it is asked whether a run was called off.
const ASK_EVERY: Duration = Duration::from_secs(1);

/// The way from a run to its client.
pub struct RunPorts {
    /// Connections and their runs.
    pub connections: Arc<dyn ConnectionRegistry>,
    /// The way to clients.
    pub frames: Arc<dyn ConnectionSender>,
    /// Ids of deliveries.
    pub random: Arc<dyn Random>,
}

/// An order came to a function that has no way to its client.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("OPENCLAW_CONNECTIONS_URL is not set, so the client of a run cannot be reached")]
pub struct NoRoad;

/// A door that also carries out orders.
#[async_trait]
pub trait RunsOrders: Door {
    /// Carries an order out; whatever comes of it, the client is told.
    ///
    /// # Errors
    /// [`NoRoad`].
    async fn carry_out(&self, order: RunOrder, invocation: &Invocation) -> Result<(), NoRoad>;
}

/// The order in an invocation's event; none where it is an event of something else.
///
/// # Errors
/// Where it has an order that cannot be read.
pub fn order_in(event: &[u8]) -> Result<Option<RunOrder>, serde_json::Error> {
    #[derive(Deserialize)]
    struct Envelope {
        websocket_run: Option<RunOrder>,
    }
    serde_json::from_slice(event).map(|envelope: Envelope| envelope.websocket_run)
}

/// Carries out an order, unless that was done before; the client is told of all that comes of it.
pub async fn carry_out(front: &Front, ports: &InvokePorts, road: &RunPorts, order: RunOrder, invocation: &Invocation) {
    let arrived = front.clock.now();
    let deadline = Deadline::new(arrived, invocation.function_ends, front.limit);
    let mut facts = InvocationFacts { agent: Some(order.agent.to_string()), ..InvocationFacts::default() };
    let run = Run { ports, road, order: &order, invocation, arrived, deadline };
    let span =
        tracing::info_span!("request", request_id = invocation.request_id, trace_id = invocation.trace_id.as_deref());
    let result = run.carry_out(&mut facts).instrument(span).await;
    let told = Told {
        request_id: &invocation.request_id,
        trace_id: invocation.trace_id.as_deref(),
        arrived,
        cold_start: invocation.cold_start,
        method: METHOD,
        route: Some("run"),
        tenant: Some(order.principal.tenant.as_str()),
        connection: Some(order.run.connection.as_str()),
        status: result.as_ref().map_or_else(|problem| problem.kind.status(), |_| http::StatusCode::OK),
        problem: result.as_ref().err(),
        is_counted: !matches!(result, Ok(Carried::AlreadyClaimed)),
    };
    report(front, &told, &facts);
}

/// What became of an order.
enum Carried {
    /// Its run was made, and its client told of it.
    Out,
    /// Nobody waits for it: Lambda delivers an event at least once, and clients leave.
    AlreadyClaimed,
}

struct Run<'a> {
    ports: &'a InvokePorts,
    road: &'a RunPorts,
    order: &'a RunOrder,
    invocation: &'a Invocation,
    arrived: Timestamp,
    deadline: Deadline,
}

impl Run<'_> {
    async fn carry_out(&self, facts: &mut InvocationFacts) -> Result<Carried, Problem> {
        let run = &self.order.run;
        let mut frames = Frames::new(run.name.as_str());
        let beginning = self.road.connections.begin(run, self.road.random.uuid());
        let beginning = timeout_at(self.deadline.instant(), beginning).await;
        let begun = match beginning.unwrap_or(Err(StoreError::Unavailable("no answer in time"))) {
            Ok(Beginning::AlreadyClaimed) => {
                facts.fault = Some("nobody waits for this run".to_owned());
                return Ok(Carried::AlreadyClaimed);
            }
            Ok(Beginning::Cancelled) => Err(cancelled()),
            Ok(Beginning::Begun) => Ok(()),
            Err(error) => Err(facts.note(from_store(&error))),
        };
        let result = match begun {
            Ok(()) => self.run(&mut frames, facts).await,
            Err(problem) => Err(problem),
        };
        let last = match &result {
            Ok(answer) => frames.event(&ClientEvent::end(answer)),
            Err(problem) => frames.error(problem, &self.invocation.request_id),
        };
        let is_gone = result.as_ref().is_err_and(|problem| problem.kind == ProblemKind::ClientGone);
        if !is_gone && let Err(error) = self.post(last).await {
            facts.fault.get_or_insert_with(|| error.to_string());
        }
        // What is not forgotten here goes with its connection, or in its time.
        let _forgotten = timeout_at(self.due(), self.road.connections.end(run)).await;
        result.map(|_| Carried::Out)
    }

    /// Runs the agent and posts what it tells, side by side.
    async fn run(&self, frames: &mut Frames, facts: &mut InvocationFacts) -> Result<TurnOutcome, Problem> {
        let (listener, heard) = listen();
        let taking = async {
            let result = self.turn(&listener, facts).await;
            // Closes the channel, so that the posting ends when all is posted.
            drop(listener);
            result
        };
        let (result, posted) = tokio::join!(taking, self.pass_on(heard, frames));
        let Err(fault) = posted else { return result };
        if fault != Lost::CalledOff {
            facts.fault = Some(fault.to_string());
        }
        match (fault, result) {
            // It was called off, or lost, too late: it is stored.
            (Lost::CalledOff, Ok(answer)) => Ok(answer),
            (Lost::Frame(PostError::Failed(_)), Ok(_)) => Err(undelivered("it is stored: read the conversation")),
            (Lost::CalledOff, Err(problem)) if problem.kind == ProblemKind::ClientGone => Err(cancelled()),
            (Lost::Frame(PostError::Failed(_)), Err(problem)) if problem.kind == ProblemKind::ClientGone => {
                Err(undelivered("nothing of it is stored"))
            }
            (Lost::Frame(PostError::Gone), Ok(_)) => Err(Problem::new(ProblemKind::ClientGone, "the client left")),
            (_, Err(problem)) => Err(problem),
        }
    }

    async fn turn(&self, listener: &Listener, facts: &mut InvocationFacts) -> Result<TurnOutcome, Problem> {
        let RunOrder { principal, agent, body, .. } = self.order;
        // Whoever gave the order may have had another configuration.
        let (agent, model) = admitted(&self.ports.agents, |(agent, _)| agent, agent.as_str(), principal)?;
        let body = body::check(body.clone(), "", Vec::new())?;
        let request = TurnRequest {
            principal: principal.clone(),
            agent: Arc::clone(agent),
            conversation: body.conversation_id,
            temperature: body.temperature,
            max_tokens: body.max_tokens,
            idempotency: None,
            arrived: self.arrived,
            deadline: self.deadline,
            prompt: body.prompt,
        };
        perform(self.ports, model, request, Some(listener), facts).await
    }

    /// Posts what is told until the turn is over. A client that has left calls it off by that, for the receiver is dropped.
    async fn pass_on(&self, mut heard: Receiver<TurnEvent>, frames: &mut Frames) -> Result<(), Lost> {
        let mut ending = pin!(self.not_wanted());
        let mut ended = None;
        loop {
            let told = tokio::select! {
                biased;
                lost = &mut ending, if ended.is_none() => {
                    ended = Some(lost);
                    // What has been said before is still posted.
                    heard.close();
                    continue;
                }
                told = heard.recv() => told,
            };
            let Some(first) = told else { return ended.map_or(Ok(()), Err) };
            let mut all = vec![first];
            while let Ok(next) = heard.try_recv() {
                all.push(next);
            }
            for frame in frames.told(all, self.order.agent.as_str()) {
                self.post(frame).await.map_err(Lost::Frame)?;
            }
        }
    }

    /// Ends when the run is not wanted any more. A registry that does not answer is asked again.
    async fn not_wanted(&self) -> Lost {
        loop {
            sleep(ASK_EVERY).await;
            match self.road.connections.standing(&self.order.run).await {
                Ok(RunStatus::CalledOff) => return Lost::CalledOff,
                // Forgotten with its connection.
                Ok(RunStatus::Unknown) => return Lost::Frame(PostError::Gone),
                Ok(RunStatus::Wanted) | Err(_) => {}
            }
        }
    }

    async fn post(&self, frame: String) -> Result<(), PostError> {
        let posting = self.road.frames.post(&self.order.run.connection, frame);
        let posted = timeout_at(self.due(), posting).await;
        posted.unwrap_or_else(|_| Err(PostError::Failed("the time was up".to_owned())))
    }

    fn due(&self) -> Instant {
        self.deadline.instant() + FLUSH_GRACE
    }
}

/// Why not all that was told is posted.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
enum Lost {
    #[error("the run was called off")]
    CalledOff,
    #[error(transparent)]
    Frame(PostError),
}

fn cancelled() -> Problem {
    Problem::new(ProblemKind::Cancelled, "the run was called off; nothing of it is stored")
}

fn undelivered(what_is_stored: &str) -> Problem {
    Problem::new(ProblemKind::Unavailable, format!("not all that the agent says could be delivered; {what_is_stored}"))
        .retry_after(SOON)
}
