//! The function `health`: `/v1/health`, and a problem document for every unknown path.

use std::sync::Arc;

use super::SystemClock;
use super::server::DEFAULT_LIMIT;
use crate::api::{HttpHandler, ServerContext, misrouted};
use crate::config::Environment;
use crate::secrets::DigestKeys;
use crate::telemetry::stdout;

/// Builds the handler, which needs no configuration.
#[must_use]
pub fn health(environment: &Environment) -> HttpHandler<()> {
    health_handler(ServerContext {
        verifier: None,
        // The function reads no configuration, so a deployment names the origins.
        allowed_origins: environment.allowed_origins(),
        limit: DEFAULT_LIMIT,
        digest_keys: Arc::new(DigestKeys::none(Arc::new(SystemClock))),
        clock: Arc::new(SystemClock),
        line_limit: Arc::default(),
        metrics: stdout(),
    })
}

/// Returns the handler of the function's routes.
#[must_use]
pub fn health_handler(server: ServerContext) -> HttpHandler<()> {
    HttpHandler::new(server, (), |(), _| Box::pin(async { Err(misrouted()) }))
}
