//! How AWS is called: one HTTPS client, and the settings that every SDK client starts from. For adapters.
//!
//! `aws-config` is left out on purpose. On Lambda, region and credentials are variables of the environment, so its chain
//! of profiles, web identities and metadata services would only cost start-up time and size. The configuration room
//! reads those variables; this room gets plain values.
//!
//! Must not know which services keep what, nor the environment.

mod connector;
mod https;
#[cfg(any(test, feature = "testing"))]
mod local;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use aws_credential_types::Credentials;
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
use secrecy::{ExposeSecret, SecretString};

pub use connector::ReqwestHttpClient;
pub use https::{CONNECT_TIMEOUT, HttpsError, https_client};
#[cfg(any(test, feature = "testing"))]
pub use local::local_context;

/// The AWS services that the gateway calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum AwsService {
    /// Amazon Bedrock's control plane: lists of models.
    Bedrock,
    /// Amazon Bedrock's runtime: model calls.
    BedrockRuntime,
    /// Amazon DynamoDB.
    DynamoDb,
    /// AWS Lambda.
    Lambda,
    /// AWS Secrets Manager.
    SecretsManager,
    /// AWS Systems Manager, for its Parameter Store.
    Ssm,
}

/// The role's credentials, as Lambda puts them into the environment. A sandbox is retired before they expire.
#[derive(Debug, Clone)]
pub struct AwsCredentials {
    /// `AWS_ACCESS_KEY_ID`.
    pub access_key_id: String,
    /// `AWS_SECRET_ACCESS_KEY`.
    pub secret_access_key: SecretString,
    /// `AWS_SESSION_TOKEN`.
    pub session_token: Option<SecretString>,
}

/// Where and as whom AWS is called.
#[derive(Debug, Clone)]
pub struct AwsSettings {
    /// The region, as `eu-central-1`.
    pub region: String,
    /// The role's credentials.
    pub credentials: AwsCredentials,
    /// An endpoint for every service, for a local cloud.
    pub endpoint_url: Option<String>,
    /// Endpoints for single services; they go before [`Self::endpoint_url`].
    pub service_endpoints: BTreeMap<AwsService, String>,
}

/// How patient an SDK client is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CallLimits {
    /// How often a call is tried in all, at least once; the SDK waits between tries (exponential, with jitter).
    pub max_attempts: u32,
    /// How long one try may take, up to the response's end or, where it streams, its head.
    pub attempt_timeout: Duration,
}

impl CallLimits {
    /// For services that answer in milliseconds: three tries of 3 s.
    pub const QUICK: Self = Self { max_attempts: 3, attempt_timeout: Duration::from_secs(3) };

    /// For what may be busy for a while and is bounded by the caller's deadline: ten tries of 3 s, between which the SDK
    /// waits for up to 20 s.
    pub const PATIENT: Self = Self { max_attempts: 10, ..Self::QUICK };
}

/// What all SDK clients of a function share. Cheap to clone; building it does no I/O.
#[derive(Debug, Clone)]
pub struct AwsContext {
    settings: Arc<AwsSettings>,
    http: SharedHttpClient,
}

impl AwsContext {
    /// A context that sends through this client (see [`https_client`]).
    #[must_use]
    pub fn new(settings: AwsSettings, client: reqwest::Client) -> Self {
        Self { settings: Arc::new(settings), http: SharedHttpClient::new(ReqwestHttpClient::new(client)) }
    }

    /// The region.
    #[must_use]
    pub fn region(&self) -> &str {
        &self.settings.region
    }

    /// The settings from which a service's client is built: `aws_sdk_….::Client::new(&context.sdk_config(…))`.
    ///
    /// Credentials are static and not cached again by the SDK. Its stalled-stream protection is off: it would wrap
    /// every body and cut a model that thinks for long; the time-outs here and the caller's deadline bound each call.
    #[must_use]
    pub fn sdk_config(&self, service: AwsService, limits: CallLimits) -> SdkConfig {
        let endpoint = self.settings.service_endpoints.get(&service).or(self.settings.endpoint_url.as_ref());
        self.with_endpoint(endpoint.cloned(), limits)
    }

    /// The same for an API that has an address of its own.
    #[must_use]
    pub fn sdk_config_at(&self, url: &str, limits: CallLimits) -> SdkConfig {
        self.with_endpoint(Some(url.to_owned()), limits)
    }

    fn with_endpoint(&self, endpoint_url: Option<String>, limits: CallLimits) -> SdkConfig {
        let settings = &self.settings;
        let timeouts = TimeoutConfig::builder()
            .connect_timeout(CONNECT_TIMEOUT)
            .operation_attempt_timeout(limits.attempt_timeout)
            .build();
        let mut builder = SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new(settings.region.clone()))
            .credentials_provider(SharedCredentialsProvider::new(settings.credentials.to_sdk()))
            .identity_cache(IdentityCache::no_cache())
            .http_client(self.http.clone())
            .sleep_impl(SharedAsyncSleep::new(TokioSleep::new()))
            .retry_config(RetryConfig::standard().with_max_attempts(limits.max_attempts.max(1)))
            .timeout_config(timeouts)
            .stalled_stream_protection(StalledStreamProtectionConfig::disabled());
        builder.set_endpoint_url(endpoint_url);
        builder.build()
    }
}

impl AwsCredentials {
    fn to_sdk(&self) -> Credentials {
        let session_token = self.session_token.as_ref().map(|token| token.expose_secret().to_owned());
        Credentials::new(
            self.access_key_id.clone(),
            self.secret_access_key.expose_secret(),
            session_token,
            None,
            "environment",
        )
    }
}

#[cfg(test)]
#[path = "mod_tests.rs"]
mod tests;
