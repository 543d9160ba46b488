//! The handler of the function `stream`: requests whose responses are streamed, and dispatched runs.

use async_trait::async_trait;
use serde::Deserialize;

use super::dispatched_run::DispatchedRun;
use super::worker::RunWorker;
use crate::api::{HttpHandler, RunPorts};
use crate::lambda::{GatewayEvent, Handler, Invocation, StreamedInvocation};

/// The handler of `POST /v1/agent/{agent_name}/stream` and of runs for WebSocket clients.
pub struct StreamHandler {
    http: HttpHandler<RunPorts>,
    worker: Option<RunWorker>,
}

impl StreamHandler {
    /// Creates the handler; `worker` performs dispatched runs and is `None` where there is no WebSocket API.
    #[must_use]
    pub const fn new(http: HttpHandler<RunPorts>, worker: Option<RunWorker>) -> Self {
        Self { http, worker }
    }
}

/// An event that cannot be handled. The texts contain nothing of the event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum StreamError {
    /// The event does not come from an HTTP front door.
    #[error("the event does not come from an HTTP front door")]
    NotHttp,
    /// The event is a dispatched run in a shape that this version cannot read.
    #[error("the event is a run that this version cannot read")]
    UnreadableRun,
    /// The event is a dispatched run, and there is no WebSocket API.
    #[error("OPENCLAW_CONNECTIONS_URL is not set, so the client of a run cannot be reached")]
    NoWebSocketApi,
}

#[async_trait]
impl Handler for StreamHandler {
    type Event = StreamedInvocation;
    type Response = ();
    type Error = StreamError;

    async fn handle(&self, invocation: StreamedInvocation, facts: &Invocation) -> Result<(), StreamError> {
        let StreamedInvocation { event, respond } = invocation;
        // A dispatched run has a member that no HTTP event has.
        if let Some(run) = dispatched_run(&event)? {
            let worker = self.worker.as_ref().ok_or(StreamError::NoWebSocketApi)?;
            worker.perform(self.http.server(), self.http.ports(), &run, facts).await;
            return Ok(());
        }
        let event: GatewayEvent = serde_json::from_slice(&event).map_err(|_| StreamError::NotHttp)?;
        self.http.handle_streamed(event, facts, respond).await;
        Ok(())
    }
}

/// Reads the dispatched run in an event; `None` where the event is something else.
fn dispatched_run(event: &[u8]) -> Result<Option<DispatchedRun>, StreamError> {
    #[derive(Deserialize)]
    struct Envelope {
        websocket_run: Option<DispatchedRun>,
    }
    let envelope: Envelope = serde_json::from_slice(event).map_err(|_| StreamError::UnreadableRun)?;
    Ok(envelope.websocket_run)
}
