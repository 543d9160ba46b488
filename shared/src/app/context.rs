//! What all parts of a function share, built once for each sandbox.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use secrecy::SecretString;

use super::{StartError, SystemClock, SystemRandom};
use crate::auth::TokenVerifier;
use crate::aws::{AwsContext, AwsCredentials, AwsService, AwsSettings, https_client};
use crate::config::env::{
    AWS_ACCESS_KEY_ID, AWS_ENDPOINT_URL, AWS_ENDPOINT_URL_PREFIX, AWS_REGION, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN,
    DIGEST_SECRET, SECRETS_PREFIX,
};
use crate::config::{AuthenticationConfig, Environment};
use crate::domain::{Clock, Random, SecretTemplate};
use crate::secrets::{
    CachingSecretResolver, DigestKeys, EnvironmentSource, ParameterStoreSource, SecretResolver, SecretSources,
    SecretsManagerSource,
};
use crate::telemetry::LineLimit;

/// What all parts of a function share.
pub struct AppContext {
    /// The environment as it was at the start.
    pub environment: Environment,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Ids and jitter.
    pub random: Arc<dyn Random>,
    /// The one HTTPS client.
    pub https: reqwest::Client,
    /// Builds clients of AWS services.
    pub aws: AwsContext,
    /// Resolves references to secrets.
    pub resolver: Arc<dyn SecretResolver>,
    /// The key with which log lines name callers.
    pub digest_keys: Arc<DigestKeys>,
    /// Limits log lines. It is kept when a new configuration is in use.
    pub line_limit: Arc<LineLimit>,
    /// Parameter Store, for the configuration itself.
    pub parameters: Arc<ParameterStoreSource>,
    /// The verifier and its settings. It is kept when a new configuration has the same settings, so that its key set
    /// stays cached.
    verifier: Mutex<Option<(AuthenticationConfig, Arc<dyn TokenVerifier>)>>,
}

impl AppContext {
    /// Builds the context; does no I/O.
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
        let digest_keys = Arc::new(digest_keys(&environment, &aws, &clock));
        Ok(Self {
            environment,
            clock,
            random,
            https,
            aws,
            resolver,
            parameters,
            digest_keys,
            line_limit: Arc::default(),
            verifier: Mutex::default(),
        })
    }

    /// Returns an environment variable that the function requires.
    pub(super) fn required(&self, name: &'static str) -> Result<&str, StartError> {
        self.environment.get(name).ok_or(StartError::MissingVariable(name))
    }

    /// Returns the verifier of these settings: the present one, or a new one.
    pub(super) fn verifier(
        &self,
        settings: &AuthenticationConfig,
        build: impl FnOnce() -> Arc<dyn TokenVerifier>,
    ) -> Arc<dyn TokenVerifier> {
        // Built while the lock is held, so that two callers never build two.
        let mut kept = self.verifier.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, verifier)) = kept.as_ref().filter(|(of, _)| of == settings) {
            return Arc::clone(verifier);
        }
        let verifier = build();
        *kept = Some((settings.clone(), Arc::clone(&verifier)));
        verifier
    }
}

/// Builds the source of the digests' key. Its secret is named whole, unlike those of the configuration.
fn digest_keys(environment: &Environment, aws: &AwsContext, clock: &Arc<dyn Clock>) -> DigestKeys {
    let Some(name) = environment.get(DIGEST_SECRET) else { return DigestKeys::none(Arc::clone(clock)) };
    let sources = SecretSources {
        secrets_manager: Some(Arc::new(SecretsManagerSource::new(aws.clone(), ""))),
        ..SecretSources::default()
    };
    let resolver = Arc::new(CachingSecretResolver::new(sources, Arc::clone(clock)));
    DigestKeys::new(resolver, SecretTemplate::secret(name), Arc::clone(clock))
}

/// Reads the settings of AWS clients from the environment.
fn aws_settings(environment: &Environment) -> Result<AwsSettings, StartError> {
    let required =
        |name: &'static str| environment.get(name).map(str::to_owned).ok_or(StartError::MissingVariable(name));
    let services = [
        ("BEDROCK", AwsService::Bedrock),
        ("BEDROCK_RUNTIME", AwsService::BedrockRuntime),
        ("DYNAMODB", AwsService::DynamoDb),
        ("LAMBDA", AwsService::Lambda),
        ("RDS_DATA", AwsService::RdsData),
        ("S3", AwsService::S3),
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
