//! The port to grants.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;

use crate::domain::{TenantId, Timestamp};
use crate::store::error::StoreError;
use crate::store::grants::{Grant, GrantId, GrantPage, GrantStore};

/// Keeps grants in this process.
#[derive(Debug, Default)]
pub struct InMemoryGrants(Mutex<BTreeMap<(TenantId, GrantId), Grant>>);

#[async_trait]
impl GrantStore for InMemoryGrants {
    async fn put(&self, grant: &Grant) -> Result<(), StoreError> {
        let mut grants = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        grants.insert((grant.tenant.clone(), grant.id), grant.clone());
        Ok(())
    }

    async fn list(
        &self,
        tenant: &TenantId,
        after: Option<GrantId>,
        limit: usize,
        now: Timestamp,
    ) -> Result<GrantPage, StoreError> {
        let grants = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let own = grants.values().filter(|grant| grant.tenant == *tenant && after.is_none_or(|after| grant.id > after));
        let mut valid = own.filter(|grant| grant.expires_at > now).cloned();
        let page: Vec<Grant> = valid.by_ref().take(limit).collect();
        let next = if valid.next().is_some() { page.last().map(|last| last.id) } else { None };
        Ok(GrantPage { grants: page, next })
    }

    async fn delete(&self, tenant: &TenantId, id: GrantId) -> Result<(), StoreError> {
        let mut grants = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        grants.remove(&(tenant.clone(), id)).map(drop).ok_or(StoreError::NotFound)
    }
}
