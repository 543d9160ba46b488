//! Conversation memory in one DynamoDB table.
//!
//! The table has the keys `PK` and `SK`, the index `GSI1` (`GSI1PK`, `GSI1SK`, all attributes), all of them texts, and
//! the time-to-live attribute `ttl`. Requests of an operation: `load` 1 (more where the window is larger than 1 MB),
//! `commit` 1, `list` 1, `transcript` 1 where the page reaches the conversation's end, else 2, `erase` 1, `purge` 1 and
//! 1 more for each 25 items, `claim` 1, `release` 1, `check` 1; each of a connection's 1, but `accept` 3 where a run
//! that is over has to make room.

mod attributes;
mod cancelled;
mod claim_item;
mod commit;
mod connection_item;
mod connections;
mod convert;
mod erase;
mod failure;
mod item;
mod keys;
mod ledger;
mod parts;
mod read;

use std::collections::BTreeSet;

use async_trait::async_trait;
use aws_sdk_dynamodb::Client;
use uuid::Uuid;

use super::{
    Acceptance, Beginning, Claim, ClaimRequest, Connection, ConnectionRegistry, ConversationKey, ConversationPage,
    ConversationStore, Head, IdempotencyKey, IdempotencyLedger, ListRequest, Loaded, RunHandle, RunStatus, StoreError,
    Transcript, TurnCommit, Window,
};
use crate::domain::{ClientRequestId, ConnectionId, RunId, Timestamp};

/// Keeps conversations and idempotency records in DynamoDB. Retries and time-outs are the client's.
#[derive(Debug, Clone)]
pub struct DynamoStore {
    client: Client,
    table: String,
}

impl DynamoStore {
    /// A store over this table. Does no I/O.
    #[must_use]
    pub fn new(client: Client, table: impl Into<String>) -> Self {
        Self { client, table: table.into() }
    }
}

#[async_trait]
impl ConversationStore for DynamoStore {
    async fn load(&self, key: &ConversationKey, window: Window) -> Result<Loaded, StoreError> {
        read::load(self, key, window).await
    }

    async fn commit(&self, turn: &TurnCommit) -> Result<Head, StoreError> {
        commit::commit(self, turn).await
    }

    async fn list(&self, request: &ListRequest) -> Result<ConversationPage, StoreError> {
        read::list(self, request).await
    }

    async fn transcript(
        &self,
        key: &ConversationKey,
        after: u64,
        limit: usize,
        limit_bytes: usize,
    ) -> Result<Transcript, StoreError> {
        read::transcript(self, key, after, limit, limit_bytes).await
    }

    async fn erase(&self, key: &ConversationKey, now: Timestamp) -> Result<(), StoreError> {
        erase::erase(self, key, now).await
    }

    async fn purge(&self, key: &ConversationKey) -> Result<bool, StoreError> {
        erase::purge(self, key).await
    }

    async fn check(&self) -> Result<(), StoreError> {
        read::check(self).await
    }
}

#[async_trait]
impl IdempotencyLedger for DynamoStore {
    async fn claim(&self, request: &ClaimRequest) -> Result<Claim, StoreError> {
        ledger::claim(self, request).await
    }

    async fn release(&self, key: &IdempotencyKey, run: RunId) -> Result<(), StoreError> {
        ledger::release(self, key, run).await
    }
}

#[async_trait]
impl ConnectionRegistry for DynamoStore {
    async fn open(&self, id: &ConnectionId, connection: &Connection, forget_at: Timestamp) -> Result<(), StoreError> {
        connections::open(self, id, connection, forget_at).await
    }

    async fn find(&self, id: &ConnectionId) -> Result<Option<(Connection, BTreeSet<String>)>, StoreError> {
        connections::find(self, id).await
    }

    async fn close(&self, id: &ConnectionId) -> Result<(), StoreError> {
        connections::close(self, id).await
    }

    async fn accept(&self, run: &RunHandle, now: Timestamp, over_at: Timestamp) -> Result<Acceptance, StoreError> {
        connections::accept(self, run, now, over_at).await
    }

    async fn begin(&self, run: &RunHandle, delivery: Uuid) -> Result<Beginning, StoreError> {
        connections::begin(self, run, delivery).await
    }

    async fn cancel(&self, id: &ConnectionId, name: &ClientRequestId) -> Result<bool, StoreError> {
        connections::cancel(self, id, name).await
    }

    async fn standing(&self, run: &RunHandle) -> Result<RunStatus, StoreError> {
        connections::standing(self, run).await
    }

    async fn end(&self, run: &RunHandle) -> Result<(), StoreError> {
        connections::end(self, run).await
    }
}
