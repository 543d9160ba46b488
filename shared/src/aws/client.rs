//! The signed client: one for every AWS API that is called without an SDK crate of its own.

use std::fmt;
use std::sync::Arc;

use aws_smithy_runtime_api::client::identity::Identity;
use bytes::{Bytes, BytesMut};
use http::header::{AUTHORIZATION, USER_AGENT};
use http::{HeaderValue, Request};
use secrecy::{ExposeSecret, SecretString};
use tokio::time::{sleep, timeout};

use super::error::AwsError;
use super::request::{AwsRequest, AwsResponse};
use super::retry::backoff;
use super::service::AwsService;
use super::settings::CallLimits;
use super::sign::{Scope, sign};
use crate::domain::{Clock, Random};

const PRODUCT: HeaderValue = HeaderValue::from_static(concat!("openclaw/", env!("CARGO_PKG_VERSION")));

/// The largest body of an error that is read for its code, in bytes.
const MAX_ERROR_BYTES: usize = 64 * 1024;

/// The parts that the clients of all services share.
pub(super) struct Sender {
    pub(super) region: String,
    pub(super) identity: Identity,
    pub(super) http: reqwest::Client,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) random: Arc<dyn Random>,
}

/// A client of one service. Cheap to clone; building it does no I/O.
#[derive(Clone)]
pub struct AwsClient {
    sender: Arc<Sender>,
    service: AwsService,
    endpoint: String,
    limits: CallLimits,
    bearer: Option<SecretString>,
}

impl AwsClient {
    pub(super) const fn new(sender: Arc<Sender>, service: AwsService, endpoint: String, limits: CallLimits) -> Self {
        Self { sender, service, endpoint, limits, bearer: None }
    }

    /// Sends this API key with each request. The role's credentials are not used any more.
    #[must_use]
    pub fn with_bearer(self, key: SecretString) -> Self {
        Self { bearer: Some(key), ..self }
    }

    /// Sends a request and, where the error is retryable, sends it again after a wait, as often as the client's limits
    /// say. An operation may therefore run more than once. Dropping the future cancels the call.
    ///
    /// # Errors
    /// [`AwsError`] of the last attempt.
    pub async fn send(&self, request: &AwsRequest) -> Result<AwsResponse, AwsError> {
        let mut attempt = 1;
        loop {
            // The limit is that of one attempt; the caller's deadline bounds the whole call.
            let outcome = timeout(self.limits.attempt_timeout, self.exchange(request)).await;
            match outcome.unwrap_or(Err(AwsError::TimedOut)) {
                Err(error) if error.is_retryable() && attempt < self.limits.max_attempts => {
                    sleep(backoff(attempt, self.sender.random.fraction(), error.retry_after())).await;
                    attempt += 1;
                }
                outcome => return outcome,
            }
        }
    }

    #[cfg(test)]
    pub(super) fn endpoint(&self) -> &str {
        &self.endpoint
    }

    async fn exchange(&self, request: &AwsRequest) -> Result<AwsResponse, AwsError> {
        // Signed anew for each attempt, because the signature contains the time.
        let outgoing = reqwest::Request::try_from(self.authorized(request)?).map_err(|_error| AwsError::Unbuildable)?;
        let response = self.sender.http.execute(outgoing).await.map_err(|error| transport_error(&error))?;
        let status = response.status();
        let headers = response.headers().clone();
        if status.is_success() {
            return read(response, request.max_response_bytes).await.map(|body| AwsResponse { headers, body });
        }
        // A body that cannot be read leaves the status and the headers.
        let body = read(response, MAX_ERROR_BYTES).await.unwrap_or_default();
        Err(AwsError::from_response(status, &headers, &body))
    }

    /// Writes the request with its address and its signature, or the API key.
    fn authorized(&self, request: &AwsRequest) -> Result<Request<Bytes>, AwsError> {
        let url = request.url(&self.endpoint)?;
        let written = Request::builder().method(request.method.clone()).uri(url.as_str()).body(request.body.clone());
        let mut written = written.map_err(|_error| AwsError::Unbuildable)?;
        *written.headers_mut() = request.headers.clone();
        written.headers_mut().insert(USER_AGENT, PRODUCT);
        if let Some(key) = &self.bearer {
            let value = HeaderValue::from_str(&format!("Bearer {}", key.expose_secret()));
            let mut value = value.map_err(|_error| AwsError::Unbuildable)?;
            // Keeps the key out of debug output.
            value.set_sensitive(true);
            written.headers_mut().insert(AUTHORIZATION, value);
        } else {
            let (region, service) = (self.sender.region.as_str(), self.service.signing_name());
            let scope = Scope { region, service, now: self.sender.clock.now() };
            sign(&mut written, &scope, &self.sender.identity)?;
        }
        Ok(written)
    }
}

impl fmt::Debug for AwsClient {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = formatter.debug_struct("AwsClient");
        shown.field("service", &self.service).field("endpoint", &self.endpoint).finish_non_exhaustive()
    }
}

async fn read(mut response: reqwest::Response, max_bytes: usize) -> Result<Bytes, AwsError> {
    let mut body = BytesMut::new();
    while let Some(chunk) = response.chunk().await.map_err(|_error| AwsError::BrokenOff)? {
        if body.len() + chunk.len() > max_bytes {
            return Err(AwsError::TooLarge);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body.freeze())
}

fn transport_error(error: &reqwest::Error) -> AwsError {
    if error.is_builder() {
        AwsError::Unbuildable
    } else if error.is_timeout() {
        AwsError::TimedOut
    } else {
        AwsError::Unreachable
    }
}

#[cfg(test)]
#[path = "client_tests.rs"]
mod tests;
