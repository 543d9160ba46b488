//! The port to credentials: templates filled with their secrets, and renewed when a provider refuses them.

use async_trait::async_trait;
use secrecy::SecretString;

use super::SecretError;
use crate::domain::SecretTemplate;

/// Fills templates with the secrets that they name.
#[async_trait]
pub trait SecretResolver: Send + Sync {
    /// Returns the template's text, from the cache if that is fresh.
    ///
    /// # Errors
    /// [`SecretError`] of the first reference that cannot be read.
    async fn resolve(&self, template: &SecretTemplate) -> Result<SecretString, SecretError>;

    /// Drops cached values and fetches them again, at most once in 30 s per secret. Returns whether a value changed.
    ///
    /// # Errors
    /// [`SecretError`] of the first reference that cannot be read.
    async fn renew(&self, template: &SecretTemplate) -> Result<bool, SecretError>;
}
