//! `POST /v1/agent/{agent_name}/stream`: one turn, as it comes.

use std::pin::pin;

use tokio::sync::mpsc::Receiver;
use tokio::time::{Instant, sleep};

use super::invoke::{InvokePorts, invoke, turn};
use crate::http::outlet::Outlet;
use crate::http::turn_event::{ClientEvent, KEEPALIVE_INTERVAL, listen};
use crate::http::{Call, Problem, ProblemKind, Reply, sse};
use crate::runner::{TurnEvent, TurnOutcome};

/// A slow client's events are joined into pieces of about this size.
const PIECE_BYTES: usize = 16 * 1024;

/// Runs the agent on the request's prompt, and tells of it as it goes; in one piece where the response cannot be
/// streamed. What is wrong before the stream has begun is an ordinary problem; later it is its last event.
///
/// # Errors
/// As [`invoke`]; the client has been told already where the stream has begun.
pub async fn stream(ports: &InvokePorts, agent_name: &str, mut call: Call<'_>) -> Result<Reply, Problem> {
    let Some(outlet) = call.outlet.take() else { return invoke(ports, agent_name, call).await };
    let request_id = &call.request.request_id;
    let (listener, heard) = listen();
    let running = Box::pin(turn(ports, agent_name, &mut call, Some(&listener)));
    let (result, mut last) = relay(outlet, heard, agent_name, running).await;
    match &result {
        Ok(answer) => sse::push(&mut last, &ClientEvent::end(answer)),
        Err(problem) if outlet.has_begun() => sse::push_error(&mut last, problem, request_id),
        Err(_) => {}
    }
    let is_told = match &result {
        Err(problem) => problem.kind == ProblemKind::ClientGone || !outlet.has_begun() || outlet.finish(last).await,
        Ok(_) => outlet.finish(last).await,
    };
    if !is_told {
        call.facts.fault.get_or_insert_with(|| "the client left, or was too slow, before the last event".to_owned());
    }
    result.map(|_| Reply::sent())
}

/// Passes events on until the turn is over; gives its result and what is not sent yet. All of it goes on at once: the
/// turn, what it tells, what the client takes, and the comments that keep the connection alive.
async fn relay(
    outlet: &mut Outlet,
    mut heard: Receiver<TurnEvent>,
    agent: &str,
    mut running: impl Future<Output = Result<TurnOutcome, Problem>> + Unpin,
) -> (Result<TurnOutcome, Problem>, String) {
    let mut quiet = pin!(sleep(KEEPALIVE_INTERVAL));
    let mut piece = String::new();
    loop {
        tokio::select! {
            biased;
            is_there = outlet.send(&mut piece), if !piece.is_empty() => {
                if !is_there {
                    break;
                }
                quiet.as_mut().reset(Instant::now() + KEEPALIVE_INTERVAL);
            }
            Some(event) = heard.recv(), if piece.len() < PIECE_BYTES => {
                outlet.begin();
                sse::push(&mut piece, &ClientEvent::new(&event, agent));
            }
            result = &mut running => {
                while let Ok(event) = heard.try_recv() {
                    outlet.begin();
                    sse::push(&mut piece, &ClientEvent::new(&event, agent));
                }
                return (result, piece);
            }
            () = outlet.left() => break,
            () = &mut quiet, if piece.is_empty() && outlet.has_begun() => piece.push_str(sse::COMMENT),
        }
    }
    // The client has left: the turn is told so, and cleans up behind itself.
    heard.close();
    (running.await, String::new())
}
