//! What a turn makes of its conversation, the same for every adapter. Pure.

use super::{Base, Head, TurnCommit, Version};

impl TurnCommit {
    /// The head as this turn leaves it.
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
                // Clocks of two sandboxes differ; a list must not show a conversation grow older.
                updated_at: self.now.max(head.updated_at),
                millibytes_per_token: self.millibytes_per_token.or(head.millibytes_per_token),
                ..head.clone()
            },
        }
    }

    /// The sequence number of its first message.
    #[must_use]
    pub const fn first_sequence(&self) -> u64 {
        match &self.base {
            Base::New => 1,
            Base::After(head) => head.next_sequence,
        }
    }

    /// The sequence number of the message that its receipt names as the output; `None` without a receipt.
    #[must_use]
    pub fn output_sequence(&self) -> Option<u64> {
        let receipt = self.receipt.as_ref()?;
        Some(self.first_sequence().saturating_add(receipt.output_index as u64))
    }
}
