//! The port to conversation memory: conversations, the ledger of idempotency keys that commits with them, and WebSocket
//! connections.
//!
//! Must not know agents' phases.

mod connections;
mod dynamo;
mod idempotency;
#[cfg(any(test, feature = "testing"))]
mod in_memory;
#[cfg(any(test, feature = "testing"))]
mod in_memory_connections;
mod title;
mod turn;
mod window;

use async_trait::async_trait;

pub use connections::{Acceptance, Beginning, Connection, ConnectionRegistry, MAX_RUNS, RunHandle, RunStatus};
pub use dynamo::DynamoStore;
pub use idempotency::{Claim, ClaimRequest, IdempotencyKey, IdempotencyLedger, IdempotencyReceipt, ReplayPointer};
#[cfg(any(test, feature = "testing"))]
pub use in_memory::InMemoryStore;
#[cfg(any(test, feature = "testing"))]
pub use in_memory_connections::InMemoryConnections;
pub use title::title;
pub use window::{PromptTooLarge, WindowLimits, corrected_millibytes_per_token};

use crate::domain::{AgentName, ConversationId, Message, RunId, TenantId, Timestamp, UserId};

/// Whose conversation.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ConversationKey {
    /// The tenant; part of every key.
    pub tenant: TenantId,
    /// The owner; another user's conversation is not found.
    pub owner: UserId,
    /// The conversation.
    pub conversation: ConversationId,
}

/// Counts the turns committed to a conversation, for optimistic locking.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version(pub u64);

/// What is known of a conversation without its messages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// The conversation.
    pub conversation: ConversationId,
    /// Turns so far.
    pub version: Version,
    /// The sequence number of the next message, from 1.
    pub next_sequence: u64,
    /// The agent that it belongs to.
    pub agent: AgentName,
    /// A line for lists.
    pub title: String,
    /// First turn.
    pub created_at: Timestamp,
    /// Last turn.
    pub updated_at: Timestamp,
    /// How many bytes of prompt made one token at the last turn, in thousandths; corrects the window's estimate.
    pub millibytes_per_token: Option<u32>,
}

/// A message in its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredMessage {
    /// Its place, from 1, without gaps.
    pub sequence: u64,
    /// When it was stored.
    pub created_at: Timestamp,
    /// The message.
    pub message: Message,
}

/// How much to load: the newest messages, within both bounds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// Messages at most.
    pub messages: usize,
    /// Bytes after which no further page is fetched; a page that passes it is still given whole.
    pub size_bytes: usize,
}

/// A conversation as far as it was loaded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Loaded {
    /// Its head, strongly consistent.
    pub head: Head,
    /// The newest messages, oldest first, without gaps.
    pub messages: Vec<StoredMessage>,
}

/// What a turn is appended to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Base {
    /// A conversation that this turn creates.
    New,
    /// The head that was read, or the winner's.
    After(Head),
}

/// One turn: all or nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TurnCommit {
    /// Whose conversation.
    pub key: ConversationKey,
    /// The run that made the turn.
    pub run: RunId,
    /// Counts the bases tried, from 0. Run and attempt identify the transaction, so that an answer lost on the wire
    /// cannot double a turn.
    pub attempt: u32,
    /// The agent.
    pub agent: AgentName,
    /// The title, used when the turn creates the conversation.
    pub title: String,
    /// What it is appended to.
    pub base: Base,
    /// The turn's messages, in order.
    pub messages: Vec<Message>,
    /// The time of the turn.
    pub now: Timestamp,
    /// When its items may be forgotten.
    pub expires_at: Timestamp,
    /// See [`Head::millibytes_per_token`].
    pub millibytes_per_token: Option<u32>,
    /// Marks an idempotency key as done in the same transaction.
    pub receipt: Option<IdempotencyReceipt>,
}

/// Who lists, and where to go on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListRequest {
    /// The tenant.
    pub tenant: TenantId,
    /// The owner.
    pub owner: UserId,
    /// Entries at most, 1 to 100.
    pub limit: usize,
    /// Where the page before ended.
    pub cursor: Option<ListCursor>,
}

/// A place in the list: the last entry given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ListCursor {
    /// When that conversation was last updated.
    pub updated_at: Timestamp,
    /// That conversation.
    pub conversation: ConversationId,
}

/// A page of conversations, newest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConversationPage {
    /// The heads.
    pub conversations: Vec<Head>,
    /// Where to go on; none at the end.
    pub next: Option<ListCursor>,
}

/// A page of a transcript, oldest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transcript {
    /// The conversation's head.
    pub head: Head,
    /// The messages.
    pub messages: Vec<StoredMessage>,
    /// The sequence after which to go on; none at the end.
    pub next_after: Option<u64>,
}

/// Why memory did not do as asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// There is no such conversation, it is another's, or it was erased.
    #[error("the conversation is not found")]
    NotFound,
    /// Another turn came first. Nothing was written; append behind `head` as the next attempt, or commit the same turn
    /// again where it is not known.
    #[error("another turn was committed first")]
    Contention {
        /// The winner's head.
        head: Option<Box<Head>>,
    },
    /// The idempotency claim that the commit relies on is no longer this run's. Nothing was written.
    #[error("the idempotency key was claimed by another run")]
    ClaimLost,
    /// The store asks for patience.
    #[error("the store throttles")]
    Throttled,
    /// The store did not answer, or with an error of its own; whether a write happened is not known.
    #[error("the store does not answer: {0}")]
    Unavailable(&'static str),
    /// The store refuses what is asked (permissions, a missing table, an item too large).
    #[error("the store refuses: {0}")]
    Refused(String),
    /// What is stored is not what this version writes.
    #[error("stored data is not readable: {0}")]
    Corrupt(&'static str),
}

impl StoreError {
    /// Whether the same call may succeed a little later.
    #[must_use]
    pub const fn is_transient(&self) -> bool {
        matches!(self, Self::Contention { .. } | Self::Throttled | Self::Unavailable(_))
    }
}

/// Conversations. Keys carry tenant and owner, so that no call can reach another's.
#[async_trait]
pub trait ConversationStore: Send + Sync {
    /// The head and the newest messages, strongly consistent, with one request where they fit a page.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] where it is unknown, another's or erased.
    async fn load(&self, key: &ConversationKey, window: Window) -> Result<Loaded, StoreError>;

    /// Stores a turn in one transaction. The same run and attempt again is the same turn, so after
    /// [`StoreError::Throttled`] or [`StoreError::Unavailable`] it is committed again unchanged: its time included.
    /// A run that stands at this place already is done.
    ///
    /// # Errors
    /// [`StoreError::Contention`] brings the winner's head; [`StoreError::NotFound`] when the conversation was erased
    /// meanwhile.
    async fn commit(&self, turn: &TurnCommit) -> Result<Head, StoreError>;

    /// The owner's conversations, newest first. Eventually consistent.
    ///
    /// # Errors
    /// Transient ones only.
    async fn list(&self, request: &ListRequest) -> Result<ConversationPage, StoreError>;

    /// A page of messages after a sequence number (0 for the start), oldest first: at most `limit` messages and
    /// `limit_bytes` of text, but at least one where there is one.
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

    /// Makes the conversation unreadable at once. The same conversation and time again is the same erasure.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] as for [`Self::load`].
    async fn erase(&self, key: &ConversationKey, now: Timestamp) -> Result<(), StoreError>;

    /// Deletes items of an erased conversation, a page at a time; `true` when nothing is left to delete. What is never
    /// purged goes when its time to live ends.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] where the conversation is not erased; else transient ones only.
    async fn purge(&self, key: &ConversationKey) -> Result<bool, StoreError>;

    /// Whether the store can be reached, for the deep health check.
    ///
    /// # Errors
    /// As the store gives them.
    async fn check(&self) -> Result<(), StoreError>;
}
