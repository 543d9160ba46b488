//! A conversation and its messages as the store knows them.

use crate::domain::{AgentName, ConversationId, Message, TenantId, Timestamp, UserId};

/// Names a conversation together with its owner.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ConversationKey {
    /// The tenant; part of every key.
    pub tenant: TenantId,
    /// The owner; other users' conversations are not found.
    pub owner: UserId,
    /// The conversation.
    pub conversation: ConversationId,
}

/// Counts the turns committed to a conversation, for optimistic locking.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version(pub u64);

/// A conversation without its messages.
#[derive(Clone, PartialEq, Eq, derive_more::Debug)]
pub struct Head {
    /// The conversation.
    pub conversation: ConversationId,
    /// The number of turns so far.
    pub version: Version,
    /// The sequence number of the next message, from 1.
    pub next_sequence: u64,
    /// The agent that the conversation belongs to.
    pub agent: AgentName,
    /// One line for lists.
    #[debug("[{} bytes]", title.len())]
    pub title: String,
    /// The time of the first turn.
    pub created_at: Timestamp,
    /// The time of the last turn.
    pub updated_at: Timestamp,
    /// How many bytes of prompt made one token in the last turn, in thousandths; corrects the window's estimate.
    pub millibytes_per_token: Option<u32>,
}

/// A message with its sequence number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredMessage {
    /// The message's number in its conversation, from 1, without gaps.
    pub sequence: u64,
    /// When the message was stored.
    pub created_at: Timestamp,
    /// The message.
    pub message: Message,
}
