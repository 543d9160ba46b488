//! Puts the rooms together: the only place that names concrete adapters. One builder per door, so that a function links
//! and builds only what it uses.

mod function;
mod live;
mod models;
mod parts;
mod rules;
mod runtime_api;
mod shared;
mod streaming;
mod system;

use std::collections::BTreeMap;
use std::sync::Arc;

pub use function::{run, run_websocket, run_without_configuration};
pub use live::{FromConfig, Live};
pub use rules::KnownModels;
pub use shared::{Shared, StartError};
pub use streaming::run_streaming;
pub use system::{SystemClock, SystemRandom};

use crate::auth::{
    ClientGrant, CognitoSettings, CognitoVerifier, HttpKeySetSource, LocalVerifier, TokenVerifier, default_jwks_url,
    issuer,
};
use crate::aws::{AwsService, CallLimits};
use crate::config::env::{CONNECTIONS_URL, STREAM_FUNCTION};
use crate::config::{AuthenticationConfig, Config};
use crate::delivery::{ApiGatewaySender, LambdaDispatcher};
use crate::domain::Clock;
use crate::http::endpoints::agents::{AgentsPorts, Part};
use crate::http::endpoints::conversations::ConversationPorts;
use crate::http::endpoints::invoke::InvokePorts;
use crate::http::{Front, RunPorts, WebSocketPorts};
use crate::store::DynamoStore;
use crate::telemetry::stdout;

/// What the door of `health` has: no configuration, no token, nothing behind it.
#[must_use]
pub fn health_front() -> Front {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    Front {
        verifier: None,
        allowed_origins: std::collections::BTreeSet::default(),
        limit: shared::DEFAULT_LIMIT,
        clock,
        metrics: stdout(),
    }
}

/// What the doors of `agent` and `stream` have.
///
/// # Errors
/// [`StartError`]; the function must not serve.
pub async fn agent_ports(config: &Config, shared: &Shared) -> Result<(Front, InvokePorts), StartError> {
    let store = store(shared);
    let mut factory = models::Factory::new(config, shared);
    let mut agents = BTreeMap::new();
    for (name, agent) in &config.agents {
        let model = factory.agent_model(agent).await?;
        agents.insert(name.clone(), (Arc::clone(agent), model));
    }
    let ports = InvokePorts {
        agents,
        store: Arc::clone(&store) as _,
        ledger: store,
        clock: Arc::clone(&shared.clock),
        random: Arc::clone(&shared.random),
    };
    Ok((front(config, shared)?.0, ports))
}

/// What the door of `websocket` has.
///
/// # Errors
/// [`StartError`]; the function must not serve.
pub fn websocket_ports(config: &Config, shared: &Shared) -> Result<(Front, WebSocketPorts), StartError> {
    let connections_url = required(shared, CONNECTIONS_URL)?;
    let function = required(shared, STREAM_FUNCTION)?;
    let lambda = shared.aws.client(AwsService::Lambda, CallLimits::QUICK);
    let ports = WebSocketPorts {
        agents: config.agents.clone(),
        connections: store(shared),
        frames: poster(shared, connections_url),
        runs: Arc::new(LambdaDispatcher::new(lambda, function)),
        random: Arc::clone(&shared.random),
        access_token_in_query: config.access_token_in_query,
        allowed_cidrs: shared.environment.allowed_cidrs()?,
    };
    Ok((front(config, shared)?.0, ports))
}

/// How the door of `stream` reaches the clients of a WebSocket API, where there is one.
#[must_use]
pub fn run_ports(shared: &Shared) -> Option<RunPorts> {
    let url = shared.environment.get(CONNECTIONS_URL)?;
    Some(RunPorts { connections: store(shared), frames: poster(shared, url), random: Arc::clone(&shared.random) })
}

fn required<'a>(shared: &'a Shared, name: &'static str) -> Result<&'a str, StartError> {
    shared.environment.get(name).ok_or(StartError::MissingVariable(name))
}

fn poster(shared: &Shared, connections_url: &str) -> Arc<ApiGatewaySender> {
    let service = AwsService::ApiGatewayConnections;
    Arc::new(ApiGatewaySender::new(shared.aws.client_at(service, connections_url, CallLimits::PATIENT)))
}

/// What the door of `agents` has.
///
/// # Errors
/// [`StartError`]; the function must not serve.
pub async fn agents_ports(config: &Config, shared: &Shared) -> Result<(Front, AgentsPorts), StartError> {
    let mut factory = models::Factory::new(config, shared);
    let mut providers = BTreeMap::new();
    for provider in config.providers.keys() {
        providers.insert(*provider, factory.provider_client(*provider).await?);
    }
    let (front, verifier) = front(config, shared)?;
    let parts: Vec<(&'static str, Arc<dyn Part>)> = vec![
        ("store", Arc::new(parts::StorePart::new(shared))),
        ("secrets", Arc::new(parts::SecretsPart::new(config, Arc::clone(&shared.resolver)))),
        ("key set", Arc::new(parts::KeySetPart(verifier))),
    ];
    Ok((front, AgentsPorts { agents: config.agents.clone(), providers, parts, clock: Arc::clone(&shared.clock) }))
}

/// What the door of `conversations` has.
///
/// # Errors
/// [`StartError`]; the function must not serve.
pub fn conversation_ports(config: &Config, shared: &Shared) -> Result<(Front, ConversationPorts), StartError> {
    Ok((front(config, shared)?.0, ConversationPorts { store: store(shared), clock: Arc::clone(&shared.clock) }))
}

fn store(shared: &Shared) -> Arc<DynamoStore> {
    Arc::new(parts::dynamo_store(&shared.aws, shared.environment.table()))
}

fn front(config: &Config, shared: &Shared) -> Result<(Front, Arc<dyn TokenVerifier>), StartError> {
    let verifier = match &config.authentication {
        Some(authentication) => shared.verifier(authentication, || Arc::new(cognito(authentication, shared))),
        None => Arc::new(LocalVerifier),
    };
    let front = Front {
        verifier: Some(Arc::clone(&verifier)),
        allowed_origins: config.allowed_origins.clone(),
        limit: shared.environment.front_door_limit()?,
        clock: Arc::clone(&shared.clock),
        metrics: stdout(),
    };
    Ok((front, verifier))
}

fn cognito(authentication: &AuthenticationConfig, shared: &Shared) -> CognitoVerifier {
    let issuer = issuer(&authentication.region, &authentication.user_pool_id);
    let jwks_url = authentication.jwks_url.clone().unwrap_or_else(|| default_jwks_url(&issuer));
    let clients = authentication
        .clients
        .iter()
        .map(|(id, client)| (id.clone(), ClientGrant { tenant: client.tenant.clone(), groups: client.groups.clone() }));
    let settings = CognitoSettings {
        issuer,
        jwks_url: jwks_url.clone(),
        // Programs' clients are let in by `clients` alone: a person's token through one of them is refused.
        client_ids: [authentication.client_id.clone()].into(),
        clients: clients.collect(),
        algorithms: vec![crate::auth::Algorithm::RS256],
    };
    let source = HttpKeySetSource::new(shared.https.clone(), jwks_url);
    CognitoVerifier::new(settings, Arc::new(source), Arc::clone(&shared.clock))
}
