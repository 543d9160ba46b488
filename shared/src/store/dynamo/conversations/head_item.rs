//! The stored shape of a conversation's head.

use uuid::Uuid;

use crate::domain::{AgentName, ConversationId, Timestamp};
use crate::store::conversations::{Head, TurnCommit, Version};
use crate::store::dynamo::attributes::{
    AGENT, CREATED_AT, ERASED_AT, INDEX_PARTITION, INDEX_SORT, MILLIBYTES_PER_TOKEN, NEXT_SEQUENCE, PARTITION, RUN,
    TITLE, VERSION,
};
use crate::store::dynamo::item::{Item, ItemReader, base_item, extend, required};
use crate::store::dynamo::keys;
use crate::store::dynamo::values::{number, text, uuid};
use crate::store::error::StoreError;

/// The head of a conversation.
#[derive(Clone, PartialEq, Eq, derive_more::Debug)]
pub(super) struct HeadItem {
    pub(super) conversation: ConversationId,
    pub(super) version: u64,
    pub(super) next_sequence: u64,
    pub(super) agent: String,
    #[debug("[{} bytes]", title.len())]
    pub(super) title: String,
    pub(super) created_at: Timestamp,
    pub(super) updated_at: Timestamp,
    pub(super) millibytes_per_token: Option<u32>,
    pub(super) run: Option<Uuid>,
    /// The owner's partition of the index.
    pub(super) owner: String,
}

/// An item with a head's key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum StoredHead {
    Active(HeadItem),
    /// Erased; `owner` is the digest of [`keys::erased_owner`], which tombstones of earlier versions lack.
    Erased {
        owner: Option<String>,
    },
}

impl HeadItem {
    /// Makes the stored head of a new conversation.
    pub(super) fn new(turn: &TurnCommit, head: &Head) -> Self {
        Self {
            conversation: head.conversation,
            version: head.version.0,
            next_sequence: head.next_sequence,
            agent: head.agent.as_str().to_owned(),
            title: head.title.clone(),
            created_at: head.created_at,
            updated_at: head.updated_at,
            millibytes_per_token: head.millibytes_per_token,
            run: Some(turn.run.uuid()),
            owner: keys::owner(&turn.key.tenant, &turn.key.owner),
        }
    }

    pub(super) fn into_item(self, partition: String, ttl_seconds: u64) -> Item {
        let mut item = base_item(partition, keys::HEAD, ttl_seconds);
        extend(
            &mut item,
            [
                (VERSION, number(self.version)),
                (NEXT_SEQUENCE, number(self.next_sequence)),
                (AGENT, text(self.agent)),
                (TITLE, text(self.title)),
                (CREATED_AT, number(self.created_at.millis())),
                (INDEX_PARTITION, text(self.owner)),
                (INDEX_SORT, text(keys::sortable(self.updated_at))),
            ],
        );
        if let Some(millibytes) = self.millibytes_per_token {
            item.insert(MILLIBYTES_PER_TOKEN.to_owned(), number(millibytes.into()));
        }
        if let Some(run) = self.run {
            item.insert(RUN.to_owned(), uuid(run));
        }
        item
    }

    pub(super) fn into_head(self) -> Result<Head, StoreError> {
        let agent: AgentName =
            self.agent.parse().map_err(|_| StoreError::Corrupt("the name of a conversation's agent is invalid"))?;
        Ok(Head {
            conversation: self.conversation,
            version: Version(self.version),
            next_sequence: self.next_sequence,
            agent,
            title: self.title,
            created_at: self.created_at,
            updated_at: self.updated_at,
            millibytes_per_token: self.millibytes_per_token,
        })
    }
}

impl StoredHead {
    pub(super) fn from_item(item: Item) -> Result<Self, StoreError> {
        let mut reader = ItemReader::new(item)?;
        // First, because a tombstone has lost the owner and the title that are required below.
        if reader.time(ERASED_AT)?.is_some() {
            return Ok(Self::Erased { owner: reader.text(INDEX_PARTITION)? });
        }
        let partition = required(reader.text(PARTITION)?)?;
        let updated_at = required(reader.text(INDEX_SORT)?)?;
        Ok(Self::Active(HeadItem {
            conversation: required(keys::conversation_in(&partition))?,
            version: required(reader.number(VERSION)?)?,
            next_sequence: required(reader.number(NEXT_SEQUENCE)?)?,
            agent: required(reader.text(AGENT)?)?,
            title: required(reader.text(TITLE)?)?,
            created_at: required(reader.time(CREATED_AT)?)?,
            updated_at: required(keys::from_sortable(&updated_at))?,
            // A ratio that does not fit counts as unknown, since it only corrects an estimate.
            millibytes_per_token: reader.number(MILLIBYTES_PER_TOKEN)?.and_then(|value| u32::try_from(value).ok()),
            run: reader.uuid(RUN)?,
            owner: required(reader.text(INDEX_PARTITION)?)?,
        }))
    }
}

#[cfg(test)]
#[path = "head_item_tests.rs"]
mod tests;
