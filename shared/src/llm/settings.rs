//! Settings of the HTTP providers. The configuration maps onto these plain structs.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use http::HeaderName;
use url::Url;

use crate::domain::{Clock, SecretTemplate};
use crate::secrets::SecretResolver;

/// The address, credentials and time-outs of one provider.
#[derive(Debug, Clone)]
pub struct ProviderSettings {
    /// The base of the API's paths, with or without a trailing slash.
    pub base_url: Url,
    /// The key, sent in the provider's own header. Ollama and local servers need none.
    pub api_key: Option<SecretTemplate>,
    /// More headers of every request. They replace the provider's own headers of the same name.
    pub headers: Vec<(HeaderName, SecretTemplate)>,
    /// The longest wait for a whole response, or for the first text of a streamed one; per attempt.
    pub request_timeout: Duration,
    /// The longest silence within a streamed response, from its first text on.
    pub idle_timeout: Duration,
}

impl ProviderSettings {
    /// Returns settings without key and headers: 60 s for a response, 30 s of silence.
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

/// Everything that the HTTP providers of a process share.
#[derive(Clone)]
pub struct HttpContext {
    /// The pool of connections, with the connect time-out. It must not follow redirects: `reqwest` would send a key in
    /// a custom header to the redirect's target.
    pub client: reqwest::Client,
    /// The source of keys and header values.
    pub resolver: Arc<dyn SecretResolver>,
    /// The clock against which `Retry-After` dates are read.
    pub clock: Arc<dyn Clock>,
}

impl fmt::Debug for HttpContext {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("HttpContext").finish_non_exhaustive()
    }
}

/// Settings of which no request can be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidSettings {
    /// The base URL is neither `http` nor `https`.
    #[error("base_url must begin with https:// or http://")]
    BaseUrl,
    /// A literal value has characters that a header may not have. The value is not shown, since it may be a key.
    #[error("the value of header {0} has characters that a header may not have")]
    HeaderValue(HeaderName),
}
