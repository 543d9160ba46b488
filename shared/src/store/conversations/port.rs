//! The port itself.

use async_trait::async_trait;

use super::conversation::{ConversationKey, Head};
use super::reading::{ConversationPage, ListRequest, Loaded, Transcript, Window};
use super::turn::TurnCommit;
use crate::domain::{ConversationId, TenantId, Timestamp, UserId};
use crate::store::error::StoreError;

/// Stores conversations.
#[async_trait]
pub trait ConversationStore: Send + Sync {
    /// Loads the head and the newest messages, strongly consistent, with one request if they fit a page.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] if the conversation does not exist, belongs to another user or was erased.
    async fn load(&self, key: &ConversationKey, window: Window) -> Result<Loaded, StoreError>;

    /// Stores a turn in one transaction. Run and attempt identify the transaction: after [`StoreError::Throttled`] or
    /// [`StoreError::Unavailable`], commit the same turn again unchanged, its time included. Returns the head too if
    /// the run's turn is already stored behind the same base.
    ///
    /// # Errors
    /// [`StoreError::Contention`] carries the head that the other turn left; [`StoreError::NotFound`] means that the
    /// conversation was erased meanwhile.
    async fn commit(&self, turn: &TurnCommit) -> Result<Head, StoreError>;

    /// Lists the owner's conversations, newest first. Eventually consistent.
    ///
    /// # Errors
    /// Transient ones only.
    async fn list(&self, request: &ListRequest) -> Result<ConversationPage, StoreError>;

    /// Returns a page of messages after a sequence number (0 for the start), oldest first: at most `limit` messages and
    /// `limit_bytes` of text, but at least one message if there is one.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] as for [`Self::load`].
    async fn transcript(
        &self,
        key: &ConversationKey,
        after: u64,
        limit: usize,
        limit_bytes: usize,
    ) -> Result<Transcript, StoreError>;

    /// Makes the conversation unreadable at once. Succeeds if its owner has erased it before.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] as for [`Self::load`].
    async fn erase(&self, key: &ConversationKey, now: Timestamp) -> Result<(), StoreError>;

    /// Deletes items of an erased conversation, one page a call; returns `true` when nothing is left to delete. Items
    /// that are never purged disappear when their time to live ends.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] if the conversation was not erased; otherwise transient ones only.
    async fn purge(&self, key: &ConversationKey) -> Result<bool, StoreError>;

    /// Lists erased conversations of an owner of which something is left to delete, some of them at a time. Eventually
    /// consistent.
    ///
    /// # Errors
    /// Transient ones only.
    async fn unpurged(&self, tenant: &TenantId, owner: &UserId) -> Result<Vec<ConversationId>, StoreError>;

    /// Checks that the store can be reached, for the deep health check.
    ///
    /// # Errors
    /// Whatever the store answers.
    async fn check(&self) -> Result<(), StoreError>;
}
