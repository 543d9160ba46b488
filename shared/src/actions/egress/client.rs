//! The HTTP client of actions.

use std::sync::Arc;
use std::time::Duration;

use reqwest::Response;
use url::Url;

use super::error::{EgressError, RefusedRedirect, Stage, transport_error};
use super::exchange::{EgressRequest, EgressResponse, is_reserved_header};
use super::lookup::{GuardedLookup, HostLookup};
use super::policy::AddressPolicy;
use super::{body, redirect};
use crate::domain::Clock;

/// The time within which a connection must be established, the lookup and TLS included.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);

/// The number of redirects that a request may follow.
const MAX_REDIRECTS: usize = 3;

/// The HTTP client of all actions with the same policy.
pub struct EgressClient {
    client: reqwest::Client,
    policy: AddressPolicy,
    clock: Arc<dyn Clock>,
}

/// The HTTP library refuses its settings.
#[derive(Debug, thiserror::Error)]
#[error("the HTTP client of actions cannot be set up")]
pub struct EgressSetupError(#[from] reqwest::Error);

impl EgressClient {
    /// Creates a client. Versions and roots of TLS are those of `tls`, which clients may share. Everything that could lead
    /// a request elsewhere is switched off here: proxies, automatic redirects and retries, and kept connections.
    ///
    /// # Errors
    /// [`EgressSetupError`]: no action can be called over HTTP, so the function should not start.
    pub fn new(
        tls: rustls::ClientConfig,
        policy: AddressPolicy,
        lookup: Arc<dyn HostLookup>,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, EgressSetupError> {
        let client = reqwest::Client::builder()
            .tls_backend_preconfigured(tls)
            .dns_resolver(GuardedLookup { lookup, policy, clock: Arc::clone(&clock) })
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .referer(false)
            // A kept connection would outlive the check of its address, and the end of a policy's exception.
            .pool_max_idle_per_host(0)
            .connect_timeout(CONNECT_TIMEOUT)
            .tcp_nodelay(true)
            .build()?;
        Ok(Self { client, policy, clock })
    }

    /// Sends a request and returns the response, whatever its status. At most three redirects are followed, within the same
    /// scheme, host and port, if the request allows any.
    ///
    /// # Errors
    /// [`EgressError`]. After any error but a refused URL, address or header, a write may have been performed.
    pub async fn send(&self, request: EgressRequest) -> Result<EgressResponse, EgressError> {
        tokio::time::timeout(request.timeout, self.follow(&request)).await.unwrap_or(Err(EgressError::TimedOut))
    }

    async fn follow(&self, request: &EgressRequest) -> Result<EgressResponse, EgressError> {
        if let Some(reserved) = request.headers.keys().find(|name| is_reserved_header(name)) {
            return Err(EgressError::ReservedHeader(reserved.clone()));
        }
        let mut url = request.url.clone();
        for hop in 0..=MAX_REDIRECTS {
            let response = self.exchange(request, url.clone()).await.map_err(|error| match error {
                // The first place was called, so that this is not a request that was never sent.
                EgressError::Url(_) | EgressError::Forbidden(_) if hop > 0 => {
                    EgressError::Redirect(RefusedRedirect::Forbidden)
                }
                error => error,
            })?;
            let (status, headers) = (response.status(), response.headers().clone());
            let target = redirect::target(request.redirects, &url, status, &headers).map_err(EgressError::Redirect)?;
            let Some(target) = target else {
                let (body, total_bytes) = body::read(response, request.max_response_bytes).await?;
                return Ok(EgressResponse { status, headers, body, total_bytes });
            };
            url = target;
        }
        Err(EgressError::Redirect(RefusedRedirect::TooMany))
    }

    /// Sends the request to this URL and returns the response, its body still unread.
    async fn exchange(&self, request: &EgressRequest, url: Url) -> Result<Response, EgressError> {
        self.policy.check_url(&url, self.clock.now())?;
        let mut outgoing = self.client.request(request.method.clone(), url).headers(request.headers.clone());
        if let Some(body) = &request.body {
            outgoing = outgoing.body(body.clone());
        }
        outgoing.send().await.map_err(|error| transport_error(&error, Stage::Response))
    }
}
