//! What is asked for when conversations are read, and the answers.

use super::conversation::{Head, StoredMessage};
use crate::domain::{ConversationId, TenantId, Timestamp, UserId};

/// How much of a conversation to load: the newest messages, within both limits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// The maximum number of messages.
    pub messages: usize,
    /// Bytes after which no further page is fetched; the page that exceeds the limit is still returned whole.
    pub size_bytes: usize,
}

/// A conversation as far as it was loaded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Loaded {
    /// The conversation's head, strongly consistent.
    pub head: Head,
    /// The newest messages, oldest first, without gaps.
    pub messages: Vec<StoredMessage>,
}

/// Asks for a page of an owner's conversations.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListRequest {
    /// The tenant.
    pub tenant: TenantId,
    /// The owner.
    pub owner: UserId,
    /// The maximum number of conversations, 1 to 100.
    pub limit: usize,
    /// The end of the previous page; `None` for the first page.
    pub cursor: Option<ListCursor>,
}

/// A position in the list: the last conversation returned.
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
    /// The conversations' heads.
    pub conversations: Vec<Head>,
    /// Where the next page starts; `None` at the end.
    pub next: Option<ListCursor>,
}

/// A page of a conversation's messages, oldest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transcript {
    /// The conversation's head.
    pub head: Head,
    /// The messages.
    pub messages: Vec<StoredMessage>,
    /// The sequence number after which the next page starts; `None` at the end.
    pub next_after: Option<u64>,
}
