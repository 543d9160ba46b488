//! The port's operations, each in the file of its own kind.

use async_trait::async_trait;

use super::{commit, erase, read};
use crate::domain::{ConversationId, TenantId, Timestamp, UserId};
use crate::store::conversations::{
    ConversationKey, ConversationPage, ConversationStore, Head, ListRequest, Loaded, Transcript, TurnCommit, Window,
};
use crate::store::dynamo::store::DynamoStore;
use crate::store::error::StoreError;

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

    async fn unpurged(&self, tenant: &TenantId, owner: &UserId) -> Result<Vec<ConversationId>, StoreError> {
        erase::unpurged(self, tenant, owner).await
    }

    async fn check(&self) -> Result<(), StoreError> {
        read::check(self).await
    }
}
