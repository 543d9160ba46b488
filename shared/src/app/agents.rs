//! The function `agents`: agents, models, deep health.

use std::collections::BTreeMap;
use std::sync::Arc;

use http::Method;

use super::health_checks::{KeySetCheck, SecretsCheck, StoreCheck};
use super::models::ModelFactory;
use super::server::{server_context, verifier};
use super::stores::{audit_outbox, dynamo_store};
use super::{AppContext, StartError};
use crate::api::v1::agents as endpoint;
use crate::api::v1::deep_health::{HealthPorts, Part, deep_health};
use crate::api::v1::grants::{self as endpoints_of_grants, GrantPorts};
use crate::api::v1::models::{self, ModelCatalog};
use crate::api::{Agents, HttpHandler, Route, ServerContext, misrouted};
use crate::config::Config;

/// What the function's endpoints need.
pub struct AgentsPorts {
    /// The agents.
    pub agents: Agents,
    /// The models that the providers list.
    pub catalog: ModelCatalog,
    /// What deep health checks.
    pub health: HealthPorts,
    /// The grants.
    pub grants: GrantPorts,
}

/// The handler of the function.
pub type AgentsHandler = HttpHandler<AgentsPorts>;

/// Builds the handler.
///
/// # Errors
/// [`StartError`]; the function must not serve.
pub async fn agents(config: &Config, context: &AppContext) -> Result<AgentsHandler, StartError> {
    let mut factory = ModelFactory::new(config, context);
    let mut providers = BTreeMap::new();
    for provider in config.providers.keys() {
        providers.insert(*provider, factory.models_of(*provider).await?);
    }
    let checks: Vec<(&'static str, Arc<dyn Part>)> = vec![
        ("store", Arc::new(StoreCheck::new(context))),
        ("secrets", Arc::new(SecretsCheck::new(config, Arc::clone(&context.resolver)))),
        // The verifier that serves, so that the check is about the keys in use.
        ("key set", Arc::new(KeySetCheck(verifier(config, context)))),
    ];
    let operator_group = config.operator_group.clone();
    let health = HealthPorts { parts: checks, providers, operator_group, clock: Arc::clone(&context.clock) };
    let catalog = ModelCatalog::new(health.providers.clone(), Arc::clone(&context.clock));
    let grants = GrantPorts {
        store: dynamo_store(context),
        audit: audit_outbox(context)?,
        clock: Arc::clone(&context.clock),
        random: Arc::clone(&context.random),
    };
    let ports = AgentsPorts { agents: config.agents.values().cloned().collect(), catalog, health, grants };
    Ok(agents_handler(server_context(config, context)?, ports))
}

/// Returns the handler of the function's routes.
#[must_use]
pub fn agents_handler(server: ServerContext, ports: AgentsPorts) -> AgentsHandler {
    HttpHandler::new(server, ports, |AgentsPorts { agents, catalog, health, grants }, context| {
        Box::pin(async move {
            match context.route {
                Route::Agents => endpoint::list(agents, &context),
                Route::Agent(name) => endpoint::one(agents, name, &context),
                Route::Models => models::list(agents, catalog, &context).await,
                Route::Grants if context.request.method == Method::POST => {
                    endpoints_of_grants::create(grants, context).await
                }
                Route::Grants => endpoints_of_grants::list(grants, context).await,
                Route::Grant(id) => endpoints_of_grants::delete(grants, id, context).await,
                Route::DeepHealth => deep_health(health, context).await,
                _ => Err(misrouted()),
            }
        })
    })
}
