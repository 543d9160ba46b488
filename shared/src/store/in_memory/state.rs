//! What the reference implementation keeps.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::audit::InMemoryOutbox;
use crate::domain::{ConversationId, RunId, TenantId, Timestamp, UserId};
use crate::store::conversations::{Head, StoredMessage, TurnCommit};
use crate::store::idempotency::{IdempotencyKey, ReplayPointer};

/// Keeps conversations and idempotency keys in this process. Only idempotency keys expire.
#[derive(Debug, Default)]
pub struct InMemoryStore {
    state: Mutex<State>,
    /// Receives the audit entries of turns.
    pub(super) outbox: Arc<InMemoryOutbox>,
}

#[derive(Debug, Default)]
pub(super) struct State {
    pub(super) conversations: HashMap<(TenantId, ConversationId), StoredConversation>,
    pub(super) claims: HashMap<IdempotencyKey, StoredClaim>,
    /// Committed turns by run and attempt, which identify a transaction.
    pub(super) committed: HashMap<(RunId, u32), TurnCommit>,
}

#[derive(Debug)]
pub(super) struct StoredConversation {
    pub(super) owner: UserId,
    pub(super) head: Head,
    pub(super) messages: BTreeMap<u64, StoredMessage>,
    /// The run of the last turn.
    pub(super) run: RunId,
    pub(super) erased_at: Option<Timestamp>,
}

#[derive(Debug)]
pub(super) struct StoredClaim {
    pub(super) body_digest: String,
    pub(super) run: RunId,
    pub(super) running_until: Timestamp,
    pub(super) expires_at: Timestamp,
    pub(super) done: Option<ReplayPointer>,
}

impl InMemoryStore {
    /// Creates an empty store.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Returns the outbox that receives the audit entries of turns.
    #[must_use]
    pub fn audit(&self) -> Arc<InMemoryOutbox> {
        Arc::clone(&self.outbox)
    }

    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        // A test that panics poisons the lock, but no call leaves the state half changed.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
