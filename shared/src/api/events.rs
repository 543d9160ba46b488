//! The events of a run as clients read them, over Server-Sent Events and WebSocket alike.

use serde::Serialize;

use super::InvokeResponse;
use crate::domain::{ConversationId, RunId, Step};
use crate::http::{Problem, sse};
use crate::runner::{TurnEvent, TurnOutcome};

/// The name of the event that ends a failed run; its data is the problem document.
pub const ERROR_EVENT: &str = "error";

/// An event as the client reads it. One `Start`, any number of `Delta` and `Step`, then one `End` or one error.
#[derive(Serialize)]
#[serde(untagged)]
pub enum ClientEvent<'a> {
    /// The run has started.
    Start {
        /// The run.
        id: RunId,
        /// The agent.
        agent: &'a str,
        /// The conversation.
        conversation_id: ConversationId,
    },
    /// More text.
    Delta {
        /// The text.
        text: &'a str,
    },
    /// A completed step.
    Step(&'a Step),
    /// The whole response, without its output.
    End(InvokeResponse<'a>),
}

impl<'a> ClientEvent<'a> {
    /// Returns an event of the runner as the client reads it.
    #[must_use]
    pub fn new(event: &'a TurnEvent, agent: &'a str) -> Self {
        match event {
            TurnEvent::Started { run, conversation } => Self::Start { id: *run, agent, conversation_id: *conversation },
            TurnEvent::Delta(text) => Self::Delta { text },
            TurnEvent::Step(step) => Self::Step(step),
        }
    }

    /// Returns the event that ends a successful run.
    #[must_use]
    pub fn end(outcome: &'a TurnOutcome) -> Self {
        Self::End(InvokeResponse::without_output(outcome))
    }

    /// Returns the event's name.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Start { .. } => "start",
            Self::Delta { .. } => "delta",
            Self::Step(_) => "step",
            Self::End(_) => "end",
        }
    }

    /// Appends the event to a stream of Server-Sent Events.
    pub(super) fn push_to(&self, stream: &mut String) {
        // Serialization cannot fail: all maps have text keys.
        sse::push(stream, self.name(), &serde_json::to_string(self).unwrap_or_default());
    }
}

/// Appends the event that ends a failed run.
pub(super) fn push_error(stream: &mut String, problem: &Problem, request_id: &str) {
    sse::push(stream, ERROR_EVENT, &problem.to_json(request_id));
}

/// Returns all events of a run that has ended, for front doors that cannot stream.
pub(super) fn buffered_events(outcome: &TurnOutcome) -> String {
    let facts = &outcome.facts;
    let started = TurnEvent::Started { run: facts.run, conversation: outcome.conversation };
    // A delta is never empty.
    let delta = (!outcome.output.is_empty()).then(|| TurnEvent::Delta(outcome.output.clone()));
    let steps = facts.steps.iter().cloned().map(TurnEvent::Step);
    let mut stream = String::new();
    for event in std::iter::once(started).chain(delta).chain(steps) {
        ClientEvent::new(&event, outcome.agent.as_str()).push_to(&mut stream);
    }
    ClientEvent::end(outcome).push_to(&mut stream);
    stream
}

#[cfg(test)]
#[path = "events_tests.rs"]
mod tests;
