//! Server-Sent Events (WHATWG HTML, section 9.2), as they are written. Pure.

use super::Problem;
use super::turn_event::{ClientEvent, ERROR, error_data};
use crate::runner::{TurnEvent, TurnOutcome};

/// Their media type.
pub(super) const EVENT_STREAM: &str = "text/event-stream";

/// A comment, which clients skip: it shows that the connection is alive.
pub(super) const COMMENT: &str = ": the run goes on\n\n";

/// One event. The data is JSON, which has no line end of its own.
fn frame(into: &mut String, name: &str, data: &str) {
    for part in ["event: ", name, "\ndata: ", data, "\n\n"] {
        into.push_str(part);
    }
}

/// Adds an event of a turn.
pub(super) fn push(into: &mut String, event: &ClientEvent<'_>) {
    frame(into, event.name(), &event.data());
}

/// Adds the end of a turn that has failed.
pub(super) fn push_error(into: &mut String, problem: &Problem, request_id: &str) {
    frame(into, ERROR, &error_data(problem, request_id));
}

/// All events of a turn that is over, for front doors that cannot stream.
pub(super) fn in_one_piece(answer: &TurnOutcome) -> String {
    let facts = &answer.facts;
    let started = TurnEvent::Started { run: facts.run, conversation: answer.conversation };
    let said = (!answer.output.is_empty()).then(|| TurnEvent::Delta(answer.output.clone()));
    let steps = facts.steps.iter().cloned().map(TurnEvent::Step);
    let mut text = String::new();
    for event in std::iter::once(started).chain(said).chain(steps) {
        push(&mut text, &ClientEvent::new(&event, answer.agent.as_str()));
    }
    push(&mut text, &ClientEvent::end(answer));
    text
}

#[cfg(test)]
#[path = "sse_tests.rs"]
mod tests;
