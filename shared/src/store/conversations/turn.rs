//! A turn to commit, and how it changes its conversation: the same for every adapter. Pure.

use super::conversation::{ConversationKey, Head, Version};
use crate::audit::AuditItem;
use crate::domain::{AgentName, Message, RunId, Timestamp};
use crate::store::idempotency::IdempotencyReceipt;

/// The state of the conversation that a turn is appended to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Base {
    /// The turn creates the conversation.
    New,
    /// The head that was read, or the one that a competing turn left.
    After(Head),
}

/// One turn, stored entirely or not at all.
#[derive(Clone, PartialEq, Eq, derive_more::Debug)]
pub struct TurnCommit {
    /// The conversation and its owner.
    pub key: ConversationKey,
    /// The run that made the turn.
    pub run: RunId,
    /// Counts the bases tried, from 0. Run and attempt identify the transaction, so that an answer lost on the wire
    /// cannot store a turn twice.
    pub attempt: u32,
    /// The agent.
    pub agent: AgentName,
    /// The title, used if the turn creates the conversation.
    #[debug("[{} bytes]", title.len())]
    pub title: String,
    /// What the turn is appended to.
    pub base: Base,
    /// The turn's messages, in order.
    pub messages: Vec<Message>,
    /// The time of the turn.
    pub now: Timestamp,
    /// When the turn's items may be deleted.
    pub expires_at: Timestamp,
    /// See [`Head::millibytes_per_token`].
    pub millibytes_per_token: Option<u32>,
    /// Completes an idempotency key in the same transaction.
    pub receipt: Option<IdempotencyReceipt>,
    /// The audit entries that close the run, stored in the same transaction.
    pub audit: Vec<AuditItem>,
}

impl TurnCommit {
    /// Returns the head as this turn leaves it.
    #[must_use]
    pub fn head_after(&self) -> Head {
        let added = self.messages.len() as u64;
        match &self.base {
            Base::New => Head {
                conversation: self.key.conversation,
                version: Version(1),
                next_sequence: added.saturating_add(1),
                agent: self.agent.clone(),
                title: self.title.clone(),
                created_at: self.now,
                updated_at: self.now,
                millibytes_per_token: self.millibytes_per_token,
            },
            Base::After(head) => Head {
                version: Version(head.version.0.saturating_add(1)),
                next_sequence: head.next_sequence.saturating_add(added),
                // Clocks of two sandboxes differ, and a conversation must never move down in the list.
                updated_at: self.now.max(head.updated_at),
                // A turn whose usage says nothing keeps what earlier turns have learned.
                millibytes_per_token: self.millibytes_per_token.or(head.millibytes_per_token),
                ..head.clone()
            },
        }
    }

    /// Returns the sequence number of the turn's first message.
    #[must_use]
    pub const fn first_sequence(&self) -> u64 {
        match &self.base {
            Base::New => 1,
            Base::After(head) => head.next_sequence,
        }
    }

    /// Returns the sequence number of the message that the receipt names as the output; `None` without a receipt.
    #[must_use]
    pub fn output_sequence(&self) -> Option<u64> {
        let receipt = self.receipt.as_ref()?;
        Some(self.first_sequence().saturating_add(receipt.output_index as u64))
    }
}
