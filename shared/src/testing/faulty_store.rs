//! A store that fails on demand.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;

use crate::domain::{ConversationId, RunId, TenantId, Timestamp, UserId};
use crate::store::{
    Claim, ClaimRequest, ConversationKey, ConversationPage, ConversationStore, Head, IdempotencyKey, IdempotencyLedger,
    ListRequest, Loaded, StoreError, Transcript, TurnCommit, Window,
};

/// A fault of one call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The store throttles the call and does nothing.
    Throttle,
    /// The call conflicts with another transaction; the store does nothing.
    Conflict,
    /// The call does not reach the store.
    Unreachable,
    /// The store does what it was asked, but the answer is lost.
    LoseAnswer,
    /// The store rejects the call and does nothing.
    Refuse,
}

/// The operations of the ports.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Operation {
    /// [`ConversationStore::load`]
    Load,
    /// [`ConversationStore::commit`]
    Commit,
    /// [`ConversationStore::list`]
    List,
    /// [`ConversationStore::transcript`]
    Transcript,
    /// [`ConversationStore::erase`]
    Erase,
    /// [`ConversationStore::purge`]
    Purge,
    /// [`ConversationStore::unpurged`]
    Unpurged,
    /// [`ConversationStore::check`]
    Check,
    /// [`IdempotencyLedger::claim`]
    Claim,
    /// [`IdempotencyLedger::release`]
    Release,
}

/// Wraps a store, injects faults and counts calls.
#[derive(Debug)]
pub struct FaultyStore<S> {
    inner: S,
    plan: Mutex<Plan>,
}

#[derive(Debug, Default)]
struct Plan {
    faults: HashMap<Operation, VecDeque<Fault>>,
    calls: HashMap<Operation, usize>,
}

impl<S> FaultyStore<S> {
    /// Creates a store that behaves as `inner` does, until faults are injected.
    pub fn new(inner: S) -> Self {
        Self { inner, plan: Mutex::default() }
    }

    /// Returns the wrapped store, which has no faults.
    pub const fn inner(&self) -> &S {
        &self.inner
    }

    /// Makes the next `times` calls of an operation fail, after the faults that were injected before.
    pub fn inject(&self, operation: Operation, fault: Fault, times: usize) {
        self.plan().faults.entry(operation).or_default().extend(std::iter::repeat_n(fault, times));
    }

    /// Drops the faults of an operation that have not occurred yet.
    pub fn heal(&self, operation: Operation) {
        self.plan().faults.remove(&operation);
    }

    /// Returns how often an operation was called, failed calls included.
    pub fn calls(&self, operation: Operation) -> usize {
        self.plan().calls.get(&operation).copied().unwrap_or_default()
    }

    fn plan(&self) -> MutexGuard<'_, Plan> {
        self.plan.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn call<T: Send>(
        &self,
        operation: Operation,
        call: impl Future<Output = Result<T, StoreError>> + Send,
    ) -> Result<T, StoreError> {
        let fault = {
            let mut plan = self.plan();
            *plan.calls.entry(operation).or_default() += 1;
            plan.faults.get_mut(&operation).and_then(VecDeque::pop_front)
        };
        match fault {
            None => call.await,
            Some(Fault::Throttle) => Err(StoreError::Throttled),
            Some(Fault::Conflict) => Err(StoreError::Contention { head: None }),
            Some(Fault::Unreachable) => Err(StoreError::Unavailable("an injected fault")),
            Some(Fault::Refuse) => Err(StoreError::Refused("an injected fault".to_owned())),
            Some(Fault::LoseAnswer) => {
                let _ = call.await;
                Err(StoreError::Unavailable("an injected fault"))
            }
        }
    }
}

#[async_trait]
impl<S: ConversationStore> ConversationStore for FaultyStore<S> {
    async fn load(&self, key: &ConversationKey, window: Window) -> Result<Loaded, StoreError> {
        self.call(Operation::Load, self.inner.load(key, window)).await
    }

    async fn commit(&self, turn: &TurnCommit) -> Result<Head, StoreError> {
        self.call(Operation::Commit, self.inner.commit(turn)).await
    }

    async fn list(&self, request: &ListRequest) -> Result<ConversationPage, StoreError> {
        self.call(Operation::List, self.inner.list(request)).await
    }

    async fn transcript(
        &self,
        key: &ConversationKey,
        after: u64,
        limit: usize,
        limit_bytes: usize,
    ) -> Result<Transcript, StoreError> {
        self.call(Operation::Transcript, self.inner.transcript(key, after, limit, limit_bytes)).await
    }

    async fn erase(&self, key: &ConversationKey, now: Timestamp) -> Result<(), StoreError> {
        self.call(Operation::Erase, self.inner.erase(key, now)).await
    }

    async fn purge(&self, key: &ConversationKey) -> Result<bool, StoreError> {
        self.call(Operation::Purge, self.inner.purge(key)).await
    }

    async fn unpurged(&self, tenant: &TenantId, owner: &UserId) -> Result<Vec<ConversationId>, StoreError> {
        self.call(Operation::Unpurged, self.inner.unpurged(tenant, owner)).await
    }

    async fn check(&self) -> Result<(), StoreError> {
        self.call(Operation::Check, self.inner.check()).await
    }
}

#[async_trait]
impl<S: IdempotencyLedger> IdempotencyLedger for FaultyStore<S> {
    async fn claim(&self, request: &ClaimRequest) -> Result<Claim, StoreError> {
        self.call(Operation::Claim, self.inner.claim(request)).await
    }

    async fn release(&self, key: &IdempotencyKey, run: RunId) -> Result<(), StoreError> {
        self.call(Operation::Release, self.inner.release(key, run)).await
    }
}

#[cfg(test)]
#[path = "faulty_store_tests.rs"]
mod tests;
