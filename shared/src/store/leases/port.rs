//! The port itself.

use async_trait::async_trait;

use super::lease::{Acquired, Lease, Quota};
use crate::domain::Timestamp;
use crate::store::error::StoreError;

/// Grants leases. Both calls are idempotent, so a call whose answer was lost may be repeated.
#[async_trait]
pub trait LeaseStore: Send + Sync {
    /// Counts the lease in the scopes of all quotas, or in none. Leases that have expired by `now` do not count.
    ///
    /// # Errors
    /// Transient ones only.
    async fn acquire(&self, lease: &Lease, quotas: &[Quota], now: Timestamp) -> Result<Acquired, StoreError>;

    /// Stops counting the lease in the scopes of these quotas. Succeeds if it does not count there.
    ///
    /// # Errors
    /// Transient ones only; the lease still expires.
    async fn release(&self, lease: &Lease, quotas: &[Quota]) -> Result<(), StoreError>;
}
