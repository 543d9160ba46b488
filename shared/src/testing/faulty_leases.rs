//! A store of leases that can be down, and counts calls.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use async_trait::async_trait;

use crate::domain::Timestamp;
use crate::store::{Acquired, Lease, LeaseStore, Quota, StoreError};

/// Wraps a store of leases and fails while it is set down.
#[derive(Debug)]
pub struct FaultyLeases<S> {
    inner: S,
    is_down: AtomicBool,
    calls: AtomicUsize,
}

impl<S> FaultyLeases<S> {
    /// Creates a store that behaves as `inner` does, until it is set down.
    pub const fn new(inner: S) -> Self {
        Self { inner, is_down: AtomicBool::new(false), calls: AtomicUsize::new(0) }
    }

    /// Makes all calls from now on fail, or none.
    pub fn set_down(&self, is_down: bool) {
        self.is_down.store(is_down, Ordering::SeqCst);
    }

    /// Returns the number of calls so far, failed ones included.
    pub fn calls(&self) -> usize {
        self.calls.load(Ordering::SeqCst)
    }

    fn up(&self) -> Result<&S, StoreError> {
        self.calls.fetch_add(1, Ordering::SeqCst);
        if self.is_down.load(Ordering::SeqCst) {
            Err(StoreError::Unavailable("an injected fault"))
        } else {
            Ok(&self.inner)
        }
    }
}

#[async_trait]
impl<S: LeaseStore> LeaseStore for FaultyLeases<S> {
    async fn acquire(&self, lease: &Lease, quotas: &[Quota], now: Timestamp) -> Result<Acquired, StoreError> {
        self.up()?.acquire(lease, quotas, now).await
    }

    async fn release(&self, lease: &Lease, quotas: &[Quota]) -> Result<(), StoreError> {
        self.up()?.release(lease, quotas).await
    }
}
