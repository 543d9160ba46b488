//! What the HTTP providers are built from. The configuration maps onto these plain structs.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use http::HeaderName;
use url::Url;

use crate::domain::{Clock, SecretTemplate};
use crate::secrets::SecretResolver;

/// How one provider is reached.
#[derive(Debug, Clone)]
pub struct ProviderSettings {
    /// Where its API begins; the paths of the API are joined onto it, with or without a trailing slash.
    pub base_url: Url,
    /// The key, sent as the provider wants it. Ollama and local servers need none.
    pub api_key: Option<SecretTemplate>,
    /// More headers for every request; they win over the provider's own.
    pub headers: Vec<(HeaderName, SecretTemplate)>,
    /// The longest wait for a whole answer, or for the head of a streamed one; per attempt.
    pub request_timeout: Duration,
    /// The longest silence within a streamed answer.
    pub idle_timeout: Duration,
}

impl ProviderSettings {
    /// The settings without key and headers: 60 s for an answer, 30 s of silence.
    #[must_use]
    pub const fn new(base_url: Url) -> Self {
        Self {
            base_url,
            api_key: None,
            headers: Vec::new(),
            request_timeout: Duration::from_mins(1),
            idle_timeout: Duration::from_secs(30),
        }
    }
}

/// What all HTTP providers of a process share.
#[derive(Clone)]
pub struct HttpContext {
    /// One pool of connections. It has the connect time-out, and it must follow no redirect: `reqwest` would send a key
    /// that is in a header of its own to wherever a redirect leads.
    pub client: reqwest::Client,
    /// Where keys and header values come from.
    pub resolver: Arc<dyn SecretResolver>,
    /// For `Retry-After` dates.
    pub clock: Arc<dyn Clock>,
}

impl fmt::Debug for HttpContext {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("HttpContext").finish_non_exhaustive()
    }
}

/// Settings that can never make a request.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidSettings {
    /// The base URL is neither `http` nor `https`.
    #[error("base_url must begin with https:// or http://")]
    BaseUrl,
    /// A literal value has characters that no header may have. The value is not shown: it may be a key.
    #[error("the value of header {0} has characters that a header may not have")]
    HeaderValue(HeaderName),
}
