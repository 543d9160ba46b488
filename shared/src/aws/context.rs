//! The context that all AWS clients of a function share, and from which they are built.

use std::fmt;
use std::sync::Arc;

use aws_credential_types::provider::SharedCredentialsProvider;
use aws_sdk_secretsmanager::config::IdentityCache;
use aws_smithy_async::rt::sleep::{SharedAsyncSleep, TokioSleep};
use aws_smithy_runtime_api::client::behavior_version::BehaviorVersion;
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use aws_smithy_runtime_api::client::stalled_stream_protection::StalledStreamProtectionConfig;
use aws_smithy_types::retry::RetryConfig;
use aws_smithy_types::timeout::TimeoutConfig;
use aws_types::SdkConfig;
use aws_types::region::Region;

use super::client::{AwsClient, Sender};
use super::connector::ReqwestHttpClient;
use super::https::CONNECT_TIMEOUT;
use super::service::AwsService;
use super::settings::{AwsSettings, CallLimits};
use crate::domain::{Clock, Random};

/// The context that all AWS clients of a function share. Cheap to clone; building it does no I/O.
#[derive(Clone)]
pub struct AwsContext {
    settings: Arc<AwsSettings>,
    sender: Arc<Sender>,
    sdk_http: SharedHttpClient,
}

impl AwsContext {
    /// Creates a context that sends through this client (see [`https_client`](super::https_client)). The signed client takes the time of its
    /// signatures from `clock` and the jitter of its waits from `random`.
    #[must_use]
    pub fn new(settings: AwsSettings, client: reqwest::Client, clock: Arc<dyn Clock>, random: Arc<dyn Random>) -> Self {
        let sdk_http = SharedHttpClient::new(ReqwestHttpClient::new(client.clone()));
        let (region, identity) = (settings.region.clone(), settings.credentials.to_sdk().into());
        let sender = Arc::new(Sender { region, identity, http: client, clock, random });
        Self { settings: Arc::new(settings), sender, sdk_http }
    }

    /// Returns the region.
    #[must_use]
    pub fn region(&self) -> &str {
        &self.settings.region
    }

    /// Creates a signed client of the service: at its own endpoint in the settings, else at the endpoint for every
    /// service, else at the service's public address in the region.
    #[must_use]
    pub fn client(&self, service: AwsService, limits: CallLimits) -> AwsClient {
        let endpoint = self.endpoint(service).cloned();
        let endpoint = endpoint.unwrap_or_else(|| service.default_url(self.region()));
        AwsClient::new(Arc::clone(&self.sender), service, endpoint, limits)
    }

    /// Creates a signed client of an API that has an address of its own.
    #[must_use]
    pub fn client_at(&self, service: AwsService, url: &str, limits: CallLimits) -> AwsClient {
        AwsClient::new(Arc::clone(&self.sender), service, url.to_owned(), limits)
    }

    /// Returns the settings from which an SDK's client is built: `aws_sdk_….::Client::new(&context.sdk_config(…))`.
    ///
    /// Credentials are static and not cached again by the SDK. Its stalled-stream protection is off: it would wrap
    /// every body and cut a model that thinks for long; the time-outs here and the caller's deadline bound each call.
    #[must_use]
    pub fn sdk_config(&self, service: AwsService, limits: CallLimits) -> SdkConfig {
        let settings = &self.settings;
        let timeouts = TimeoutConfig::builder()
            .connect_timeout(CONNECT_TIMEOUT)
            .operation_attempt_timeout(limits.attempt_timeout)
            .build();
        let mut builder = SdkConfig::builder()
            // The lock file pins the SDK, so its latest behaviour does not change by itself.
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new(settings.region.clone()))
            .credentials_provider(SharedCredentialsProvider::new(settings.credentials.to_sdk()))
            .identity_cache(IdentityCache::no_cache())
            .http_client(self.sdk_http.clone())
            .sleep_impl(SharedAsyncSleep::new(TokioSleep::new()))
            .retry_config(RetryConfig::standard().with_max_attempts(limits.max_attempts.max(1)))
            .timeout_config(timeouts)
            .stalled_stream_protection(StalledStreamProtectionConfig::disabled());
        builder.set_endpoint_url(self.endpoint(service).cloned());
        builder.build()
    }

    fn endpoint(&self, service: AwsService) -> Option<&String> {
        self.settings.service_endpoints.get(&service).or(self.settings.endpoint_url.as_ref())
    }
}

impl fmt::Debug for AwsContext {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("AwsContext").field("settings", &self.settings).finish_non_exhaustive()
    }
}

#[cfg(test)]
#[path = "context_tests.rs"]
mod tests;
