//! The function `health`: `/v1/health`, and a problem document for every unknown path.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::SystemClock;
use super::server::DEFAULT_LIMIT;
use crate::api::{DigestKeys, HttpHandler, ServerContext, misrouted};
use crate::telemetry::stdout;

/// Builds the handler, which needs no configuration.
#[must_use]
pub fn health() -> HttpHandler<()> {
    health_handler(ServerContext {
        verifier: None,
        // The function reads no configuration, so it knows no origins.
        allowed_origins: BTreeSet::new(),
        limit: DEFAULT_LIMIT,
        digest_keys: Arc::new(DigestKeys::none(Arc::new(SystemClock))),
        clock: Arc::new(SystemClock),
        metrics: stdout(),
    })
}

/// Returns the handler of the function's routes.
#[must_use]
pub fn health_handler(server: ServerContext) -> HttpHandler<()> {
    HttpHandler::new(server, (), |(), _| Box::pin(async { Err(misrouted()) }))
}
