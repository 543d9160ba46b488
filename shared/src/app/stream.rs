//! The function `stream`: `POST /v1/agent/{agent_name}/stream` as Server-Sent Events, and the runs of WebSocket clients.

use std::sync::Arc;

use super::agent::run_ports;
use super::server::server_context;
use super::stores::dynamo_store;
use super::websocket::connection_sender;
use super::{AppContext, StartError};
use crate::api::v1::stream::stream as stream_run;
use crate::api::{HttpHandler, Route, RunPorts, ServerContext, misrouted};
use crate::config::Config;
use crate::config::env::CONNECTIONS_URL;
use crate::websocket::{ConnectionPorts, RunWorker, StreamHandler};

/// Builds the handler. It performs runs of WebSocket clients where there is a WebSocket API.
///
/// # Errors
/// [`StartError`]; the function must not serve.
pub async fn stream(config: &Config, context: &AppContext) -> Result<StreamHandler, StartError> {
    let ports = run_ports(config, context).await?;
    let worker = context.environment.get(CONNECTIONS_URL).map(|url| {
        RunWorker::new(ConnectionPorts {
            connections: dynamo_store(context),
            sender: connection_sender(context, url),
            random: Arc::clone(&context.random),
        })
    });
    Ok(stream_handler(server_context(config, context)?, ports, worker))
}

/// Returns the handler of the function's events.
#[must_use]
pub fn stream_handler(server: ServerContext, ports: RunPorts, worker: Option<RunWorker>) -> StreamHandler {
    let http = HttpHandler::new(server, ports, |ports, context| {
        Box::pin(async move {
            match context.route {
                Route::Stream(name) => stream_run(ports, name, context).await,
                _ => Err(misrouted()),
            }
        })
    });
    StreamHandler::new(http, worker)
}
