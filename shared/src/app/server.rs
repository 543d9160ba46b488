//! What the handlers of all functions have in common.

use std::sync::Arc;
use std::time::Duration;

use super::{AppContext, StartError};
use crate::api::ServerContext;
use crate::auth::{
    Algorithm, ClientGrant, CognitoSettings, CognitoVerifier, HttpKeySetSource, LocalVerifier, TokenVerifier,
};
use crate::config::{AuthenticationConfig, Config};
use crate::domain::{issuer_of_pool, key_set_of_issuer};
use crate::telemetry::stdout;

/// The request limit of a function without configuration.
pub(super) const DEFAULT_LIMIT: Duration = Duration::from_mins(1);

/// Builds what the handler has in common with all others.
pub(super) fn server_context(config: &Config, context: &AppContext) -> Result<ServerContext, StartError> {
    Ok(ServerContext {
        verifier: Some(verifier(config, context)),
        allowed_origins: config.allowed_origins.clone(),
        limit: context.environment.front_door_limit()?,
        digest_keys: Arc::clone(&context.digest_keys),
        clock: Arc::clone(&context.clock),
        line_limit: Arc::clone(&context.line_limit),
        metrics: stdout(),
    })
}

/// Returns the verifier of the configured tokens.
pub(super) fn verifier(config: &Config, context: &AppContext) -> Arc<dyn TokenVerifier> {
    match &config.authentication {
        Some(settings) => context.verifier(settings, || Arc::new(cognito(settings, context))),
        None => Arc::new(LocalVerifier),
    }
}

fn cognito(authentication: &AuthenticationConfig, context: &AppContext) -> CognitoVerifier {
    let issuer = issuer_of_pool(&authentication.region, &authentication.user_pool_id);
    let jwks_url = authentication.jwks_url.clone().unwrap_or_else(|| key_set_of_issuer(&issuer));
    let clients = authentication
        .clients
        .iter()
        .map(|(id, client)| (id.clone(), ClientGrant { tenant: client.tenant.clone(), groups: client.groups.clone() }));
    let settings = CognitoSettings {
        issuer,
        jwks_url: jwks_url.clone(),
        // Clients of programs are accepted through `clients` alone: a person's token from one of them is refused.
        client_ids: [authentication.client_id.clone()].into(),
        clients: clients.collect(),
        required_scopes: authentication.required_scopes.clone(),
        audiences: authentication.audiences.clone(),
        // Cognito signs with RS256 alone.
        algorithms: vec![Algorithm::RS256],
    };
    let source = HttpKeySetSource::new(context.https.clone(), jwks_url);
    CognitoVerifier::new(settings, Arc::new(source), Arc::clone(&context.clock))
}
