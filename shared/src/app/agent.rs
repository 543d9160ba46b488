//! The function `agent`: `POST /v1/agent/{agent_name}`. Behind a front door that cannot stream it also serves
//! `…/stream`, with all events in one piece.

use std::sync::Arc;

use super::actions::{actions, policies};
use super::models::ModelFactory;
use super::server::server_context;
use super::stores::{audit_outbox, dynamo_store};
use super::{AppContext, StartError};
use crate::api::v1::invoke::invoke;
use crate::api::{HttpHandler, Route, RunPorts, ServerContext, misrouted};
use crate::config::Config;

/// Builds the handler.
///
/// # Errors
/// [`StartError`]; the function must not serve.
pub async fn agent(config: &Config, context: &AppContext) -> Result<HttpHandler<RunPorts>, StartError> {
    let ports = run_ports(config, context).await?;
    Ok(agent_handler(server_context(config, context)?, ports))
}

/// Returns the handler of the function's routes.
#[must_use]
pub fn agent_handler(server: ServerContext, ports: RunPorts) -> HttpHandler<RunPorts> {
    HttpHandler::new(server, ports, |ports, context| {
        Box::pin(async move {
            match context.route {
                // This function has no response writer, so the events of a stream come in one piece.
                Route::Invoke(name) | Route::Stream(name) => invoke(ports, name, context).await,
                _ => Err(misrouted()),
            }
        })
    })
}

/// Builds what agents are run with.
pub(super) async fn run_ports(config: &Config, context: &AppContext) -> Result<RunPorts, StartError> {
    let mut factory = ModelFactory::new(config, context);
    let mut agents = Vec::with_capacity(config.agents.len());
    for agent in config.agents.values() {
        agents.push((Arc::clone(agent), factory.run_models(agent).await?));
    }
    let store = dynamo_store(context);
    Ok(RunPorts {
        agents: agents.into_iter().collect(),
        policies: Arc::new(policies(config)),
        actions: actions(config, context, &mut factory).await?,
        store: Arc::clone(&store) as _,
        ledger: Arc::clone(&store) as _,
        leases: Arc::clone(&store) as _,
        grants: Arc::clone(&store) as _,
        counters: store,
        audit: audit_outbox(context)?,
        run_limits: config.limits.runs,
        clock: Arc::clone(&context.clock),
        random: Arc::clone(&context.random),
    })
}
