//! `POST /v1/agent/{agent_name}/stream`: one turn as Server-Sent Events.

use std::pin::pin;

use tokio::sync::mpsc::Receiver;
use tokio::time::{Instant, sleep};

use super::invoke::{invoke, run_agent};

use crate::api::events::push_error;
use crate::api::{ClientEvent, RequestContext, RunPorts};
use crate::http::{Problem, ProblemKind, Reply, ResponseWriter, sse};
use crate::runner::{EventSink, KEEPALIVE_INTERVAL, TurnEvent, TurnOutcome};

/// Events that wait for a slow client are joined into pieces of about this size.
const PIECE_BYTES: usize = 16 * 1024;

/// Runs the agent on the request's prompt and streams its events; buffers them where the response cannot be streamed.
/// An error before the stream has begun is an ordinary problem; later it is the stream's last event.
///
/// # Errors
/// As [`invoke`]; once the stream has begun the client has read the error there.
pub async fn stream(ports: &RunPorts, agent_name: &str, mut context: RequestContext<'_>) -> Result<Reply, Problem> {
    let Some(writer) = context.writer.take() else { return invoke(ports, agent_name, context).await };
    let request_id = &context.request.request_id;
    let (sink, events) = EventSink::new();
    let running = Box::pin(run_agent(ports, agent_name, &mut context, Some(&sink)));
    let (result, mut last) = relay(writer, events, agent_name, running).await;
    match &result {
        Ok(outcome) => ClientEvent::end(outcome).push_to(&mut last),
        Err(problem) if writer.has_begun() => push_error(&mut last, problem, request_id),
        Err(_) => {}
    }
    let is_delivered = match &result {
        // Nothing is left to deliver to a client that has left, nor in a stream that has not begun.
        Err(problem) => problem.kind == ProblemKind::ClientGone || !writer.has_begun() || writer.finish(last).await,
        Ok(_) => writer.finish(last).await,
    };
    if !is_delivered {
        let fault = || "the client left, or was too slow, before the last event".to_owned();
        // An earlier fault explains more.
        context.log.fault.get_or_insert_with(fault);
    }
    result.map(|_| Reply::streamed())
}

/// Writes events until the run ends; returns its result and the piece that is not written yet. The run, the writing and
/// the keep-alive comments proceed concurrently.
async fn relay(
    writer: &mut ResponseWriter,
    mut events: Receiver<TurnEvent>,
    agent: &str,
    mut running: impl Future<Output = Result<TurnOutcome, Problem>> + Unpin,
) -> (Result<TurnOutcome, Problem>, String) {
    let mut idle = pin!(sleep(KEEPALIVE_INTERVAL));
    let mut piece = String::new();
    loop {
        tokio::select! {
            biased;
            // `send` leaves the piece as it is if another branch is faster.
            is_connected = writer.send(&mut piece), if !piece.is_empty() => {
                if !is_connected {
                    break;
                }
                idle.as_mut().reset(Instant::now() + KEEPALIVE_INTERVAL);
            }
            // A full piece ends the reading, so that a slow client fills the channel and slows the model down.
            Some(event) = events.recv(), if piece.len() < PIECE_BYTES => {
                // The first event begins the stream; until then an error is an ordinary response.
                writer.begin();
                ClientEvent::new(&event, agent).push_to(&mut piece);
            }
            result = &mut running => {
                // The run has ended, but its last events may still be in the channel.
                while let Ok(event) = events.try_recv() {
                    writer.begin();
                    ClientEvent::new(&event, agent).push_to(&mut piece);
                }
                return (result, piece);
            }
            () = writer.closed() => break,
            () = &mut idle, if piece.is_empty() && writer.has_begun() => piece.push_str(sse::COMMENT),
        }
    }
    // The client has left: the run is cancelled and cleans up after itself.
    events.close();
    // Awaited, so that the run can release its idempotency key and write its log line.
    (running.await, String::new())
}

/// Describes the endpoint for the API description; no function links it.
#[cfg(any(test, feature = "testing"))]
pub(in crate::api) mod description {
    use serde_json::{Value, json};

    use crate::api::openapi::{Operation, Schemas};
    use crate::api::v1::invoke::description::{events_schema, run_operation};

    /// Describes `POST /v1/agent/{agent_name}/stream`.
    pub(in crate::api) fn operation(schemas: &mut Schemas) -> Value {
        let content = json!({"text/event-stream": events_schema()});
        let summary = "One turn of a conversation with an agent, as Server-Sent Events";
        run_operation(Operation::with_content("streamAgent", summary, &content), schemas)
    }
}
