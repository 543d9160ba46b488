//! What a client hears of a turn while it runs, whatever the road: Server-Sent Events, WebSocket.

use std::time::Duration;

use serde::Serialize;
use tokio::sync::mpsc::{self, Receiver};
use tokio::time::Instant;

use super::Problem;
use super::endpoints::invoke::Answer;
use crate::domain::{ConversationId, RunId, Step};
use crate::runner::{Listener, TurnEvent, TurnOutcome};

/// An event as the client reads it. One `Start`, any number of `Delta` and `Step`, then one `End` or one `Error`.
#[derive(Serialize)]
#[serde(untagged)]
pub(super) enum ClientEvent<'a> {
    /// The run has started.
    Start { id: RunId, agent: &'a str, conversation_id: ConversationId },
    /// More text.
    Delta { text: &'a str },
    /// A step is done.
    Step(&'a Step),
    /// The whole answer, less its text.
    End(Answer<'a>),
}

impl<'a> ClientEvent<'a> {
    /// What the runner tells, with the agent's name.
    pub(super) fn new(event: &'a TurnEvent, agent: &'a str) -> Self {
        match event {
            TurnEvent::Started { run, conversation } => Self::Start { id: *run, agent, conversation_id: *conversation },
            TurnEvent::Delta(text) => Self::Delta { text },
            TurnEvent::Step(step) => Self::Step(step),
        }
    }

    /// The end of a turn.
    pub(super) fn end(answer: &'a TurnOutcome) -> Self {
        Self::End(Answer::without_output(answer))
    }

    /// Its name.
    pub(super) const fn name(&self) -> &'static str {
        match self {
            Self::Start { .. } => "start",
            Self::Delta { .. } => "delta",
            Self::Step(_) => "step",
            Self::End(_) => "end",
        }
    }

    /// Its data: JSON in one line.
    pub(super) fn data(&self) -> String {
        // Nothing in it can fail to be written: no map has keys that are no text.
        serde_json::to_string(self).unwrap_or_default()
    }
}

/// How long a client hears nothing at most: then it is told that its run has started, or that the connection is alive.
/// The contract has 15 s; the rest is for the way.
pub(super) const KEEPALIVE_INTERVAL: Duration = Duration::from_secs(10);

/// Events that wait to be written; then the turn waits.
const EVENTS: usize = 16;

/// A client's end of a turn: who is told of it, and where that arrives.
pub(super) fn listen() -> (Listener, Receiver<TurnEvent>) {
    let (events, heard) = mpsc::channel(EVENTS);
    (Listener::new(events, Instant::now() + KEEPALIVE_INTERVAL), heard)
}

/// The name of the event that ends a turn which has failed; its data is the problem's document.
pub(super) const ERROR: &str = "error";

/// The document of a problem, as the data of an event.
pub(super) fn error_data(problem: &Problem, request_id: &str) -> String {
    problem.to_json(request_id)
}
