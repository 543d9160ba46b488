//! The outbox: where entries are durable before `archive` has stored them.

use async_trait::async_trait;

use super::entry::AuditEntry;
use crate::domain::{Timestamp, sha256_hex};

/// The number of chains. Entries of a conversation are in one of them, in their order.
pub const SHARDS: u8 = 8;

/// The bytes of entries that an item holds. DynamoDB's limit for an item is 400 KB.
const MAX_ITEM_BYTES: usize = 300_000;

/// What the outbox stores at once. Storing the same item again changes nothing.
#[derive(Clone, PartialEq, Eq, derive_more::Debug)]
pub struct AuditItem {
    /// The chain, below [`SHARDS`].
    pub shard: u8,
    /// The id of the first entry.
    pub id: String,
    /// The entries, as a JSON array.
    #[debug("[{} bytes]", entries.len())]
    pub entries: String,
    /// When the item was made.
    pub at: Timestamp,
}

/// Why entries could not be stored. Nothing may run then.
#[derive(Debug, thiserror::Error)]
pub enum AuditError {
    /// The outbox is throttled or cannot be reached; try again.
    #[error("the audit cannot be reached")]
    Unavailable,
    /// The outbox refuses the item, which an operator must mend.
    #[error("the audit refuses an entry: {0}")]
    Refused(String),
}

/// Stores entries until they are archived.
#[async_trait]
pub trait AuditOutbox: Send + Sync {
    /// Stores an item durably, with one request.
    ///
    /// # Errors
    /// [`AuditError`]; whether the item is stored is then unknown, and it may be stored again unchanged.
    async fn append(&self, item: &AuditItem) -> Result<(), AuditError>;
}

/// Returns the chain of a conversation, or of whatever else `key` names.
#[must_use]
pub fn shard_of(key: &str) -> u8 {
    let digest = sha256_hex(key.as_bytes());
    u8::from_str_radix(&digest[..2], 16).unwrap_or_default() % SHARDS
}

/// Packs entries of one chain into as few items as possible, in their order.
///
/// # Errors
/// [`AuditError::Refused`] if an entry cannot be written.
pub fn pack(shard: u8, entries: &[AuditEntry], at: Timestamp) -> Result<Vec<AuditItem>, AuditError> {
    let mut items: Vec<AuditItem> = Vec::new();
    for entry in entries {
        let text = serde_json::to_string(entry).map_err(|error| AuditError::Refused(error.to_string()))?;
        match items.last_mut() {
            Some(last) if last.entries.len() + text.len() < MAX_ITEM_BYTES => {
                last.entries.insert(last.entries.len() - 1, ',');
                last.entries.insert_str(last.entries.len() - 1, &text);
            }
            _ => items.push(AuditItem { shard, id: entry.id.clone(), entries: format!("[{text}]"), at }),
        }
    }
    Ok(items)
}

#[cfg(test)]
#[path = "outbox_tests.rs"]
mod tests;
