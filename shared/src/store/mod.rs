//! The ports to stored state: conversations, idempotency keys, WebSocket connections, leases, grants and counters.
//!
//! `dynamo` and `in_memory` implement all of them. Must not know the phases of agents.

mod connections;
mod conversations;
mod counters;
mod dynamo;
mod error;
mod grants;
mod idempotency;
#[cfg(any(test, feature = "testing"))]
mod in_memory;
mod leases;

pub use connections::{Acceptance, Connection, ConnectionRegistry, MAX_RUNS, RunHandle, RunStart, RunStatus};
pub use conversations::{
    Base, ConversationKey, ConversationPage, ConversationStore, Head, ListCursor, ListRequest, Loaded, StoredMessage,
    Transcript, TurnCommit, Version, Window, title,
};
pub use counters::{CallCount, CallCounter, CounterKey};
pub use dynamo::{DynamoAudit, DynamoStore, outbox_record};
pub use error::StoreError;
pub use grants::{Grant, GrantHolder, GrantId, GrantPage, GrantStore};
pub use idempotency::{Claim, ClaimRequest, IdempotencyKey, IdempotencyLedger, IdempotencyReceipt, ReplayPointer};
#[cfg(any(test, feature = "testing"))]
pub use in_memory::{InMemoryConnections, InMemoryCounters, InMemoryGrants, InMemoryLeases, InMemoryStore};
pub use leases::{Acquired, Lease, LeaseStore, Quota, Scope, ScopeKind};
