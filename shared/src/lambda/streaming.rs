//! The Runtime API loop of a function whose responses are streamed.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::oneshot;

use super::runtime_api::{Diagnostic, Next, RuntimeApi, RuntimeApiError};
use super::{Handler, Invocation, StreamedInvocation, StreamedResponse};
use crate::domain::{Clock, Timestamp};
use crate::runner::Deadline;

/// How long a client may take to read the rest of a body once the turn has ended.
const FLUSH_LIMIT: Duration = Duration::from_secs(30);

/// Serves events one after the other, forever. `current` returns the handler for the next event.
///
/// # Errors
/// When the Runtime API fails; the sandbox ends then.
pub async fn serve_streams<H>(
    client: reqwest::Client,
    address: &str,
    clock: &dyn Clock,
    current: impl AsyncFn() -> Arc<H>,
) -> Result<(), RuntimeApiError>
where
    H: Handler<Event = StreamedInvocation, Response = ()>,
{
    let api = RuntimeApi::new(client, address);
    let mut cold_start = true;
    loop {
        let next = api.next().await?;
        let invocation = Invocation {
            request_id: next.request_id.clone(),
            trace_id: next.trace_id.clone(),
            function_ends: Timestamp::from_millis(next.deadline_ms),
            cold_start,
        };
        // A response that was not accepted does not keep the next event from being served.
        if let Err(error) = serve_one(current().await.as_ref(), &api, next, &invocation, clock).await {
            let Invocation { request_id, trace_id, .. } = &invocation;
            let trace_id = trace_id.as_deref();
            tracing::warn!(request_id, trace_id, fault = error.to_string(), "the response was not accepted");
        }
        cold_start = false;
    }
}

/// Reports that the function cannot start.
///
/// # Errors
/// When the Runtime API fails.
pub async fn report_failed_start(client: reqwest::Client, address: &str, why: String) -> Result<(), RuntimeApiError> {
    let diagnostic = Diagnostic { error_type: "Function.Start", error_message: why };
    RuntimeApi::new(client, address).fail_to_start(&diagnostic).await
}

/// Handles one event and sends its response at the same time; whichever ends first waits for the other.
///
/// A panic ends the process. The body then lacks its end, so clients do not take it for a complete one.
async fn serve_one<H>(
    handler: &H,
    api: &RuntimeApi,
    mut next: Next,
    invocation: &Invocation,
    clock: &dyn Clock,
) -> Result<(), RuntimeApiError>
where
    H: Handler<Event = StreamedInvocation, Response = ()>,
{
    // Moved out, since `next` is borrowed by the sending.
    let event = std::mem::take(&mut next.event);
    let (respond, response) = oneshot::channel();
    let mut handling = pin!(handler.handle(StreamedInvocation { event, respond }, invocation));
    let mut sending = pin!(send(api, &next, response));
    let (result, sent) = tokio::select! {
        // The body is sent or the client has left, but the handler still has its log line to write.
        sent = &mut sending => (handling.await, sent),
        result = &mut handling => {
            let limit = Deadline::new(clock.now(), invocation.function_ends, FLUSH_LIMIT);
            // The next request does not wait for a client that has stopped reading.
            (result, limit.bound(sending).await.unwrap_or(Ok(Sent::Response)))
        }
    };
    match (sent?, result) {
        // A response was sent, so an error can no longer be reported.
        (Sent::Response, _) => Ok(()),
        (Sent::Nothing, Ok(())) => api.done(&next).await,
        (Sent::Nothing, Err(error)) => api.fail(&next, &Diagnostic::of_event(error.to_string())).await,
    }
}

/// What was sent for an event.
enum Sent {
    Response,
    /// The handler dropped its responder.
    Nothing,
}

/// Sends the response, once there is one.
async fn send(
    api: &RuntimeApi,
    next: &Next,
    response: oneshot::Receiver<StreamedResponse>,
) -> Result<Sent, RuntimeApiError> {
    match response.await {
        Ok(response) => api.respond(next, response).await.map(|()| Sent::Response),
        Err(_dropped) => Ok(Sent::Nothing),
    }
}
