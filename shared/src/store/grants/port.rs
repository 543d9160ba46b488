//! The port itself.

use async_trait::async_trait;

use super::{Grant, GrantId, GrantPage};
use crate::domain::{TenantId, Timestamp};
use crate::store::StoreError;

/// Keeps grants. A grant has no effect from the time of its expiry on, whether or not it has been deleted.
#[async_trait]
pub trait GrantStore: Send + Sync {
    /// Stores a grant.
    ///
    /// # Errors
    /// Transient ones only; the call may be repeated.
    async fn put(&self, grant: &Grant) -> Result<(), StoreError>;

    /// Returns a page of the tenant's grants that hold at `now`.
    ///
    /// # Errors
    /// Transient ones only.
    async fn list(
        &self,
        tenant: &TenantId,
        after: Option<GrantId>,
        limit: usize,
        now: Timestamp,
    ) -> Result<GrantPage, StoreError>;

    /// Deletes a grant of the tenant.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] if the tenant has no such grant.
    async fn delete(&self, tenant: &TenantId, id: GrantId) -> Result<(), StoreError>;
}
