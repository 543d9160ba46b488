//! Where, as whom and how often AWS is called.

use std::collections::BTreeMap;
use std::time::Duration;

use aws_credential_types::Credentials;
use secrecy::{ExposeSecret, SecretString};

use super::service::AwsService;

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

/// The settings of calls to AWS: region, endpoint and credentials.
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

/// The limits of one call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CallLimits {
    /// The number of attempts in all, at least one, with pauses between them (exponential, with jitter).
    pub max_attempts: u32,
    /// The time limit of one attempt, up to the end of the response or, if it streams, its head.
    pub attempt_timeout: Duration,
}

impl CallLimits {
    /// For services that answer in milliseconds: three attempts of 3 s.
    pub const QUICK: Self = Self { max_attempts: 3, attempt_timeout: Duration::from_secs(3) };

    /// For what may be busy for a while and is bounded by the caller's deadline: ten attempts of 3 s, with waits of up to
    /// 20 s between them.
    pub const PATIENT: Self = Self { max_attempts: 10, ..Self::QUICK };
}

impl AwsCredentials {
    pub(super) fn to_sdk(&self) -> Credentials {
        let session_token = self.session_token.as_ref().map(|token| token.expose_secret().to_owned());
        Credentials::new(
            self.access_key_id.clone(),
            self.secret_access_key.expose_secret(),
            session_token,
            // No expiry: Lambda retires the sandbox before the credentials expire.
            None,
            "environment",
        )
    }
}
