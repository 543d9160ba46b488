//! What all parts of a function share, built once.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use secrecy::SecretString;

use super::{SystemClock, SystemRandom};
use crate::auth::TokenVerifier;
use crate::aws::{AwsContext, AwsCredentials, AwsService, AwsSettings, HttpsError, https_client};
use crate::config::env::{
    AWS_ACCESS_KEY_ID, AWS_ENDPOINT_URL, AWS_ENDPOINT_URL_PREFIX, AWS_REGION, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN,
    InvalidVariable, SECRETS_PREFIX,
};
use crate::config::{AuthenticationConfig, ConfigError, Environment, UrlFault};
use crate::domain::{Clock, Provider, Random};
use crate::secrets::{
    CachingSecretResolver, EnvironmentSource, ParameterStoreSource, SecretError, SecretResolver, SecretSources,
    SecretsManagerSource,
};

/// The limit of a door without configuration.
pub(super) const DEFAULT_LIMIT: Duration = Duration::from_mins(1);

/// Why a function does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The configuration is refused.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The configuration cannot be read.
    #[error("the configuration cannot be read from {location}: {why}")]
    ConfigUnreadable {
        /// Where it should be.
        location: String,
        /// What is in the way.
        why: String,
    },
    /// A variable holds what it must not.
    #[error(transparent)]
    Variable(#[from] InvalidVariable),
    /// A variable that Lambda sets is missing.
    #[error("the environment variable {0} is not set")]
    MissingVariable(&'static str),
    /// There is no HTTPS client.
    #[error(transparent)]
    Https(#[from] HttpsError),
    /// A templated address cannot be filled in.
    #[error("providers.{provider}.base_url cannot be filled in")]
    Secret {
        /// Whose address.
        provider: Provider,
        /// Why.
        source: SecretError,
    },
    /// A filled-in address is refused.
    #[error("providers.{provider}.base_url, filled in, is refused: allowed is {fault}")]
    BaseUrl {
        /// Whose address.
        provider: Provider,
        /// What is allowed.
        fault: UrlFault,
    },
    /// A provider's settings are refused.
    #[error("providers.{provider} is refused: {why}")]
    Provider {
        /// Whose settings.
        provider: Provider,
        /// Why.
        why: String,
    },
}

/// What all parts of a function share.
pub struct Shared {
    /// The environment as it was at the start.
    pub environment: Environment,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Ids and jitter.
    pub random: Arc<dyn Random>,
    /// The one HTTPS client.
    pub https: reqwest::Client,
    /// What AWS clients are made from.
    pub aws: AwsContext,
    /// Secrets.
    pub resolver: Arc<dyn SecretResolver>,
    /// Parameters, for the configuration's own document.
    pub parameters: Arc<ParameterStoreSource>,
    /// The verifier and what it was built from. It outlives a new configuration with the same authentication, so that
    /// good keys are not forgotten.
    verifier: Mutex<Option<(AuthenticationConfig, Arc<dyn TokenVerifier>)>>,
}

impl Shared {
    /// Builds it; does no I/O.
    ///
    /// # Errors
    /// [`StartError`] when the environment lacks what Lambda sets.
    pub fn new(environment: Environment) -> Result<Self, StartError> {
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let random: Arc<dyn Random> = Arc::new(SystemRandom);
        let https = https_client(None)?;
        let settings = aws_settings(&environment)?;
        let aws = AwsContext::new(settings, https.clone(), Arc::clone(&clock), Arc::clone(&random));
        let parameters = Arc::new(ParameterStoreSource::new(&aws));
        let variables =
            environment.variables().iter().map(|(name, value)| (name.clone(), SecretString::from(value.clone())));
        let sources = SecretSources {
            secrets_manager: Some(Arc::new(SecretsManagerSource::new(
                aws.clone(),
                environment.get(SECRETS_PREFIX).unwrap_or_default(),
            ))),
            parameter_store: Some(Arc::clone(&parameters) as _),
            environment: Some(Arc::new(EnvironmentSource::new(variables.collect()))),
        };
        let resolver: Arc<dyn SecretResolver> = Arc::new(CachingSecretResolver::new(sources, Arc::clone(&clock)));
        Ok(Self { environment, clock, random, https, aws, resolver, parameters, verifier: Mutex::default() })
    }

    /// The verifier of these settings: the one there is, or a new one.
    pub(super) fn verifier(
        &self,
        settings: &AuthenticationConfig,
        build: impl FnOnce() -> Arc<dyn TokenVerifier>,
    ) -> Arc<dyn TokenVerifier> {
        let mut kept = self.verifier.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, verifier)) = kept.as_ref().filter(|(of, _)| of == settings) {
            return Arc::clone(verifier);
        }
        let verifier = build();
        *kept = Some((settings.clone(), Arc::clone(&verifier)));
        verifier
    }
}

fn aws_settings(environment: &Environment) -> Result<AwsSettings, StartError> {
    let required =
        |name: &'static str| environment.get(name).map(str::to_owned).ok_or(StartError::MissingVariable(name));
    let services = [
        ("BEDROCK", AwsService::Bedrock),
        ("BEDROCK_RUNTIME", AwsService::BedrockRuntime),
        ("DYNAMODB", AwsService::DynamoDb),
        ("LAMBDA", AwsService::Lambda),
        ("SECRETS_MANAGER", AwsService::SecretsManager),
        ("SSM", AwsService::Ssm),
    ];
    let own = services.into_iter().filter_map(|(name, service)| {
        let endpoint = environment.get(&format!("{AWS_ENDPOINT_URL_PREFIX}{name}"))?;
        Some((service, endpoint.to_owned()))
    });
    Ok(AwsSettings {
        region: required(AWS_REGION)?,
        credentials: AwsCredentials {
            access_key_id: required(AWS_ACCESS_KEY_ID)?,
            secret_access_key: SecretString::from(required(AWS_SECRET_ACCESS_KEY)?),
            session_token: environment.get(AWS_SESSION_TOKEN).map(SecretString::from),
        },
        endpoint_url: environment.get(AWS_ENDPOINT_URL).map(str::to_owned),
        service_endpoints: own.collect::<BTreeMap<_, _>>(),
    })
}
