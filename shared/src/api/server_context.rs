//! What the handlers of all functions have in common.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use crate::auth::TokenVerifier;
use crate::domain::Clock;
use crate::secrets::DigestKeys;
use crate::telemetry::{LineLimit, LineWriter};

/// What every handler needs to serve its events.
pub struct ServerContext {
    /// Verifies tokens; `None` in the function whose routes need none.
    pub verifier: Option<Arc<dyn TokenVerifier>>,
    /// Origins of the web pages that may call the gateway.
    pub allowed_origins: BTreeSet<String>,
    /// The front door's limit for one request.
    pub limit: Duration,
    /// The key with which log lines name callers.
    pub digest_keys: Arc<DigestKeys>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Limits the log lines of failures before authentication.
    pub line_limit: Arc<LineLimit>,
    /// Writes a line of metrics.
    pub metrics: LineWriter,
}
