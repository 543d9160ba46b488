//! The port itself.

use async_trait::async_trait;

use super::claim::{Claim, ClaimRequest, IdempotencyKey};
use crate::domain::RunId;
use crate::store::error::StoreError;

/// Claims idempotency keys. Committing a turn with a receipt completes a claim.
#[async_trait]
pub trait IdempotencyLedger: Send + Sync {
    /// Claims a key with one request. A run that claims its own key again gets [`Claim::Fresh`] again. A key is free
    /// from the second in which it expires; a claim whose run has ended can be taken over for the same body only.
    ///
    /// # Errors
    /// Transient ones only.
    async fn claim(&self, request: &ClaimRequest) -> Result<Claim, StoreError>;

    /// Releases a claim that was not completed, so that the client may try again at once. Leaves another run's claim
    /// untouched.
    ///
    /// # Errors
    /// Transient ones only; a claim that was not released ends by itself.
    async fn release(&self, key: &IdempotencyKey, run: RunId) -> Result<(), StoreError>;
}
