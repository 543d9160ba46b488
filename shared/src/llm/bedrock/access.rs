//! The credentials of calls to Bedrock: the role's, or a Bedrock API key, which may be renewed.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use aws_credential_types::Token;
use aws_credential_types::provider::token::SharedTokenProvider;
use aws_smithy_runtime_api::client::auth::http::HTTP_BEARER_AUTH_SCHEME_ID;
use aws_types::SdkConfig;
use secrecy::{ExposeSecret, SecretString};

use crate::aws::{AwsClient, AwsContext, AwsService, CallLimits};
use crate::domain::SecretTemplate;
use crate::llm::LlmError;
use crate::llm::stream_timeouts::StreamTimeouts;
use crate::secrets::{SecretError, SecretResolver};

/// The credentials and time-outs of calls to Bedrock.
#[derive(Debug, Clone)]
pub struct BedrockSettings {
    /// A Bedrock API key, sent as a bearer token. Without one the role's credentials sign each request.
    pub api_key: Option<SecretTemplate>,
    /// The longest wait for a whole response, or for the first event of a streamed one; per attempt.
    pub request_timeout: Duration,
    /// The longest silence within a streamed response, from the model's first text on.
    pub idle_timeout: Duration,
}

impl Default for BedrockSettings {
    /// Returns the role's credentials, 60 s for a response, 30 s of silence.
    fn default() -> Self {
        Self { api_key: None, request_timeout: Duration::from_mins(1), idle_timeout: Duration::from_secs(30) }
    }
}

/// The SDK's client, which all clients of Bedrock's models share. It is built with the first call and again when the
/// key changes. The SDK does not retry.
pub struct BedrockAccess {
    context: AwsContext,
    resolver: Arc<dyn SecretResolver>,
    settings: BedrockSettings,
    runtime: Mutex<Option<Keyed>>,
}

struct Keyed {
    key: Option<SecretString>,
    client: aws_sdk_bedrockruntime::Client,
}

impl BedrockAccess {
    /// Creates the access in the context's region.
    #[must_use]
    pub fn new(context: AwsContext, resolver: Arc<dyn SecretResolver>, settings: BedrockSettings) -> Self {
        Self { context, resolver, settings, runtime: Mutex::new(None) }
    }

    /// Starts the time of a streamed response.
    pub(super) fn stream_timeouts(&self) -> StreamTimeouts {
        StreamTimeouts::start(self.settings.request_timeout, self.settings.idle_timeout)
    }

    /// Makes a call, and a second one if the first is refused and renewing the key has changed it.
    pub(super) async fn with_runtime<T, F>(
        &self,
        call: impl Fn(aws_sdk_bedrockruntime::Client) -> F + Send + Sync,
    ) -> Result<T, LlmError>
    where
        F: Future<Output = Result<T, LlmError>> + Send,
        T: Send,
    {
        match call(self.runtime().await?).await {
            // Once only: a key that is refused after its renewal is wrong.
            Err(LlmError::Unauthorized { .. }) if self.renewed().await => call(self.runtime().await?).await,
            outcome => outcome,
        }
    }

    /// Makes a call as [`Self::with_runtime`] does, of the control plane.
    pub(super) async fn with_control<T, F>(&self, call: impl Fn(AwsClient) -> F + Send + Sync) -> Result<T, LlmError>
    where
        F: Future<Output = Result<T, LlmError>> + Send,
        T: Send,
    {
        match call(self.control().await?).await {
            Err(LlmError::Unauthorized { .. }) if self.renewed().await => call(self.control().await?).await,
            outcome => outcome,
        }
    }

    async fn runtime(&self) -> Result<aws_sdk_bedrockruntime::Client, SecretError> {
        // The key is fetched before the lock is taken, since no lock is held across an await.
        let key = self.key().await?;
        let mut runtime = self.runtime.lock().unwrap_or_else(PoisonError::into_inner);
        // An SDK client holds its token, so a new key needs a new client.
        if let Some(keyed) = runtime.as_ref().filter(|keyed| same(keyed.key.as_ref(), key.as_ref())) {
            return Ok(keyed.client.clone());
        }
        let config = self.sdk_config(key.as_ref());
        let client = aws_sdk_bedrockruntime::Client::new(&config);
        *runtime = Some(Keyed { key, client: client.clone() });
        Ok(client)
    }

    async fn control(&self) -> Result<AwsClient, SecretError> {
        // Built for each call, which costs next to nothing; only the SDK's client is worth keeping.
        let client = self.context.client(AwsService::Bedrock, self.limits());
        Ok(match self.key().await? {
            Some(key) => client.with_bearer(key),
            None => client,
        })
    }

    const fn limits(&self) -> CallLimits {
        // `Retrying` counts and bounds the attempts; the SDK's own would multiply them.
        CallLimits { max_attempts: 1, attempt_timeout: self.settings.request_timeout }
    }

    async fn key(&self) -> Result<Option<SecretString>, SecretError> {
        match &self.settings.api_key {
            Some(template) => self.resolver.resolve(template).await.map(Some),
            None => Ok(None),
        }
    }

    /// Returns whether renewing the key has changed it.
    async fn renewed(&self) -> bool {
        match &self.settings.api_key {
            // A failed renewal counts as unchanged, since the provider's refusal is the better error.
            Some(template) => self.resolver.renew(template).await.unwrap_or(false),
            None => false,
        }
    }

    fn sdk_config(&self, key: Option<&SecretString>) -> SdkConfig {
        let config = self.context.sdk_config(AwsService::BedrockRuntime, self.limits());
        let Some(key) = key else { return config };
        let mut builder = config
            .into_builder()
            .token_provider(SharedTokenProvider::new(Token::new(key.expose_secret(), None)))
            .auth_scheme_preference([HTTP_BEARER_AUTH_SCHEME_ID]);
        // with a key, requests must never be signed by the role instead
        builder.set_credentials_provider(None);
        builder.build()
    }
}

fn same(one: Option<&SecretString>, other: Option<&SecretString>) -> bool {
    // Both keys are the gateway's own, so the comparison need not take constant time.
    one.map(ExposeSecret::expose_secret) == other.map(ExposeSecret::expose_secret)
}
