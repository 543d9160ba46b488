//! Why a function cannot start.

use crate::actions::BuildError;
use crate::aws::HttpsError;
use crate::config::env::InvalidVariable;
use crate::config::{ConfigError, UrlFault};
use crate::domain::Provider;
use crate::secrets::{SecretError, StoredDocumentError};

/// Why a function cannot start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The configuration is refused.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The configuration cannot be read.
    #[error("the configuration cannot be read from {location}: {why}")]
    ConfigUnreadable {
        /// The location.
        location: String,
        /// The reason.
        why: String,
    },
    /// The bundle in Parameter Store cannot be read.
    #[error("the configuration cannot be read from Parameter Store: {0}")]
    StoredConfig(#[from] StoredDocumentError),
    /// An environment variable has an invalid value.
    #[error(transparent)]
    Variable(#[from] InvalidVariable),
    /// An environment variable that is required is missing.
    #[error("the environment variable {0} is not set")]
    MissingVariable(&'static str),
    /// The HTTPS client cannot be built.
    #[error(transparent)]
    Https(#[from] HttpsError),
    /// A template in an address cannot be resolved.
    #[error("providers.{provider}.base_url cannot be resolved")]
    Secret {
        /// The provider.
        provider: Provider,
        /// The reason.
        source: SecretError,
    },
    /// A resolved address is refused.
    #[error("providers.{provider}.base_url is refused once it is resolved; allowed: {fault}")]
    BaseUrl {
        /// The provider.
        provider: Provider,
        /// What is allowed.
        fault: UrlFault,
    },
    /// An action cannot be built.
    #[error(transparent)]
    Action(#[from] BuildError),
    /// A provider's settings are refused.
    #[error("providers.{provider} is refused: {why}")]
    Provider {
        /// The provider.
        provider: Provider,
        /// The reason.
        why: String,
    },
}
