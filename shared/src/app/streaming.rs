//! The life of a function whose responses go out while they are made: start, then event after event.

use std::time::Duration;

use lambda_runtime::Error;
use tokio::sync::oneshot;

use super::function::start;
use super::runtime_api::{Diagnostic, Next, RuntimeApi, RuntimeApiError};
use super::{FromConfig, Live};
use crate::aws::https_client;
use crate::config::Environment;
use crate::config::env::RUNTIME_API;
use crate::domain::Timestamp;
use crate::http::{GatewayEvent, Invocation, RunOrder, RunsOrders, order_in, serve_streamed};
use crate::runner::Deadline;

/// How long a client may take for what is left of a body when the turn is over.
const LAST_PIECES: Duration = Duration::from_secs(30);

/// Runs a function whose door follows the configuration, with streamed responses, and orders that have none.
///
/// # Errors
/// When it cannot start, or the Runtime API fails; the sandbox ends then.
pub async fn run_streaming<D: RunsOrders + FromConfig + 'static>() -> Result<(), Error> {
    let environment = Environment::from_process();
    let address = environment.get(RUNTIME_API).unwrap_or_default().to_owned();
    let live = match start::<D>(environment).await {
        Ok(live) => live,
        Err(refused) => {
            let why = Diagnostic { error_type: "Function.Start", error_message: refused.to_string() };
            RuntimeApi::new(https_client(None)?, &address).fail_to_start(&why).await?;
            return Err(refused.into());
        }
    };
    let api = RuntimeApi::new(live.shared().https.clone(), &address);
    let mut cold_start = true;
    loop {
        let next = api.next().await?;
        // The next event comes whatever became of this one.
        if let Err(error) = one(&live, &api, &next, cold_start).await {
            let (request_id, trace_id) = (&next.request_id, next.trace_id.as_deref());
            tracing::warn!(request_id, trace_id, fault = error.to_string(), "the response was not taken");
        }
        cold_start = false;
    }
}

/// What an event asks for.
enum Asked {
    Request(Box<GatewayEvent>),
    Run(RunOrder),
}

/// Reads an event; what is wrong with it says nothing of what is in it.
fn read(event: &[u8]) -> Result<Asked, String> {
    match order_in(event) {
        Ok(Some(order)) => Ok(Asked::Run(order)),
        Ok(None) => serde_json::from_slice(event)
            .map(Asked::Request)
            .map_err(|_| "the event is none of an HTTP front door".to_owned()),
        Err(_) => Err("the event has no order that this version can read".to_owned()),
    }
}

/// Answers one event. The turn and the sending of what it tells go on side by side; what ends first lets the other end.
/// A panic ends the process, which the platform tells from an answer: the body then breaks off without its end.
async fn one<D: RunsOrders + FromConfig>(
    live: &Live<D>,
    api: &RuntimeApi,
    next: &Next,
    cold_start: bool,
) -> Result<(), RuntimeApiError> {
    let invocation = Invocation {
        request_id: next.request_id.clone(),
        trace_id: next.trace_id.clone(),
        function_ends: Timestamp::from_millis(next.deadline_ms),
        cold_start,
    };
    let door = live.door().await;
    let event = match read(&next.event) {
        Ok(Asked::Request(event)) => *event,
        Ok(Asked::Run(order)) => {
            return match door.carry_out(order, &invocation).await {
                Ok(()) => api.done(next).await,
                Err(error) => api.fail(next, &Diagnostic::of_event(error.to_string())).await,
            };
        }
        Err(fault) => return api.fail(next, &Diagnostic::of_event(fault)).await,
    };
    let (respond, responding) = oneshot::channel();
    let mut serving = std::pin::pin!(serve_streamed(door.as_ref(), event, &invocation, respond));
    let mut sending = std::pin::pin!(async {
        match responding.await {
            Ok(response) => api.respond(next, response).await,
            // Every event is answered, so there is nothing to wait for.
            Err(_) => Ok(()),
        }
    });
    tokio::select! {
        sent = &mut sending => {
            serving.await;
            sent
        }
        () = &mut serving => {
            let left = Deadline::new(live.shared().clock.now(), invocation.function_ends, LAST_PIECES);
            // A client that takes nothing any more is left: the next request waits.
            tokio::time::timeout_at(left.instant(), sending).await.unwrap_or(Ok(()))
        }
    }
}
