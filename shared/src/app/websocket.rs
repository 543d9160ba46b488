//! The function `websocket`: `$connect`, `$disconnect` and messages of a WebSocket API.

use std::future::ready;
use std::sync::Arc;

use super::server::server_context;
use super::stores::{audit_outbox, dynamo_store};
use super::{AppContext, StartError};
use crate::api::RefusalAudit;
use crate::aws::{AwsService, CallLimits};
use crate::config::Config;
use crate::config::env::{CONNECTIONS_URL, STREAM_FUNCTION};
use crate::delivery::{ApiGatewaySender, LambdaDispatcher};
use crate::websocket::{WebSocketHandler, WebSocketPorts};

/// Builds the handler.
///
/// # Errors
/// [`StartError`]; the function must not serve.
pub fn websocket(
    config: &Config,
    context: &AppContext,
) -> impl Future<Output = Result<WebSocketHandler, StartError>> + use<> {
    // Everything is built before the future is returned, so that it borrows nothing.
    ready(build(config, context))
}

fn build(config: &Config, context: &AppContext) -> Result<WebSocketHandler, StartError> {
    let connections_url = context.required(CONNECTIONS_URL)?;
    let function = context.required(STREAM_FUNCTION)?;
    let lambda = context.aws.client(AwsService::Lambda, CallLimits::QUICK);
    let store = dynamo_store(context);
    let ports = WebSocketPorts {
        agents: config.agents.values().cloned().collect(),
        connections: Arc::clone(&store) as _,
        leases: store,
        connection_limit: config.limits.connections,
        sender: connection_sender(context, connections_url),
        dispatcher: Arc::new(LambdaDispatcher::new(lambda, function)),
        random: Arc::clone(&context.random),
        refusals: RefusalAudit::new(audit_outbox(context)?),
        access_token_in_query: config.access_token_in_query,
        allowed_cidrs: context.environment.allowed_cidrs()?,
    };
    Ok(WebSocketHandler::new(server_context(config, context)?, ports))
}

/// Builds the sender of frames to the connections of an API.
pub(super) fn connection_sender(context: &AppContext, connections_url: &str) -> Arc<ApiGatewaySender> {
    let service = AwsService::ApiGatewayConnections;
    // A frame that is not accepted at once is sent again for as long as the caller's deadline leaves.
    Arc::new(ApiGatewaySender::new(context.aws.client_at(service, connections_url, CallLimits::PATIENT)))
}
