//! The port to leases.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;

use crate::domain::Timestamp;
use crate::store::error::StoreError;
use crate::store::leases::{Acquired, Lease, LeaseStore, Quota, Scope};

/// The seconds at which the leases of a scope expire, by their ids.
type Open = BTreeMap<String, u64>;

/// Keeps leases in this process.
#[derive(Debug, Default)]
pub struct InMemoryLeases {
    scopes: Mutex<BTreeMap<Scope, Open>>,
}

impl InMemoryLeases {
    /// Creates a store without leases.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    fn scopes(&self) -> MutexGuard<'_, BTreeMap<Scope, Open>> {
        // A test that panics poisons the lock, but no call leaves the scopes half changed.
        self.scopes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl LeaseStore for InMemoryLeases {
    async fn acquire(&self, lease: &Lease, quotas: &[Quota], now: Timestamp) -> Result<Acquired, StoreError> {
        let mut scopes = self.scopes();
        for quota in quotas {
            let open = scopes.entry(quota.scope.clone()).or_default();
            open.retain(|_, expires_at| *expires_at > now.seconds());
            let is_full = open.len() >= usize::try_from(quota.limit).unwrap_or(usize::MAX);
            if let Some(first) = open.values().min().filter(|_| is_full && !open.contains_key(&lease.id)) {
                let frees_at = Timestamp::from_millis(first.saturating_mul(1000));
                return Ok(Acquired::Exhausted { quota: quota.clone(), frees_at });
            }
        }
        for quota in quotas {
            let open = scopes.entry(quota.scope.clone()).or_default();
            open.insert(lease.id.clone(), lease.expires_at.seconds());
        }
        Ok(Acquired::Granted)
    }

    async fn release(&self, lease: &Lease, quotas: &[Quota]) -> Result<(), StoreError> {
        let mut scopes = self.scopes();
        for quota in quotas {
            scopes.entry(quota.scope.clone()).or_default().remove(&lease.id);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::InMemoryLeases;
    use crate::testing::conformance::leases::run_all;

    #[tokio::test]
    async fn the_reference_passes_its_own_suite() {
        let mut number = 0;
        let fresh = || {
            number += 1;
            uuid::Uuid::from_u128(number)
        };
        run_all(&InMemoryLeases::new(), fresh).await;
    }
}
