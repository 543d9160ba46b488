//! The port to secrets: sources, a cache in front of them, and credentials that can be renewed.
//!
//! Must not know the callers that need the secret.

mod cache;
mod digest_key;
mod entry;
mod environment;
mod json_key;
mod parameter_store;
mod resolver;
mod secrets_manager;
mod stored_document;

use async_trait::async_trait;
use secrecy::SecretString;

pub use cache::{CachingSecretResolver, SecretSources};
pub use digest_key::{DigestKey, DigestKeys, DigestPurpose, idempotency_digest};
pub use environment::EnvironmentSource;
pub use parameter_store::ParameterStoreSource;
pub use resolver::SecretResolver;
pub use secrets_manager::SecretsManagerSource;
pub use stored_document::{ReadParameters, StoredDocument, StoredDocumentError, read_changed_document, read_document};

use crate::domain::SecretRef;

/// The reason why a secret cannot be read. Never contains its value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SecretError {
    /// There is no such secret, parameter, variable or JSON key.
    #[error("{reference} does not exist")]
    NotFound {
        /// The secret that was requested.
        reference: SecretRef,
    },
    /// The role may not read it.
    #[error("{reference} may not be read by this function's role")]
    Forbidden {
        /// The secret that was requested.
        reference: SecretRef,
    },
    /// It exists but has no usable text (binary, not a JSON object, not a string).
    #[error("{reference} is unusable: {why}")]
    Unusable {
        /// The secret that was requested.
        reference: SecretRef,
        /// The fault.
        why: &'static str,
    },
    /// The service did not answer, or answered with an error of its own.
    #[error("{reference} cannot be read: the service does not answer")]
    Unavailable {
        /// The secret that was requested.
        reference: SecretRef,
    },
}

impl SecretError {
    /// Returns whether another attempt may succeed.
    #[must_use]
    pub const fn is_transient(&self) -> bool {
        matches!(self, Self::Unavailable { .. })
    }
}

/// A source of secrets.
#[async_trait]
pub trait SecretSource: Send + Sync {
    /// Fetches the current value. Callers pass only references of the source's own kind.
    ///
    /// # Errors
    /// [`SecretError`].
    async fn fetch(&self, reference: &SecretRef) -> Result<SecretString, SecretError>;
}
