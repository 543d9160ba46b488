//! The port to credentials: templates filled with their secrets, and renewed when a provider refuses them.

use async_trait::async_trait;
use secrecy::SecretString;

use super::SecretError;
use crate::domain::SecretTemplate;

/// Fills templates with the secrets that they name.
#[async_trait]
pub trait SecretResolver: Send + Sync {
    /// The template's text, from the cache where that is fresh.
    ///
    /// # Errors
    /// [`SecretError`] of the first reference that cannot be had.
    async fn resolve(&self, template: &SecretTemplate) -> Result<SecretString, SecretError>;

    /// Drops cached values and fetches again, at most once in 30 s per secret; true when the value changed.
    ///
    /// # Errors
    /// [`SecretError`] of the first reference that cannot be had.
    async fn renew(&self, template: &SecretTemplate) -> Result<bool, SecretError>;
}
