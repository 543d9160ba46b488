//! What the stream of the outbox delivers.

use super::entry::{AuditEntry, EntryKind};

/// An item of the outbox, as its stream delivers it.
#[derive(Clone, PartialEq, Eq, derive_more::Debug)]
pub struct OutboxRecord {
    /// The chain.
    pub shard: u8,
    /// The item's id.
    pub id: String,
    /// The entries, as a JSON array; `None` if the item has none that can be read.
    #[debug("[hidden]")]
    pub entries: Option<String>,
}

/// A record with its entries.
#[derive(Debug)]
pub(super) struct Record {
    /// The item's id.
    pub(super) id: String,
    /// The entries; one that says so if the record cannot be read.
    pub(super) entries: Vec<AuditEntry>,
    /// Whether the record could be read.
    pub(super) is_readable: bool,
}

impl Record {
    /// Reads a record.
    pub(super) fn read(record: OutboxRecord) -> Self {
        let OutboxRecord { id, entries, .. } = record;
        match entries.as_deref().and_then(|text| serde_json::from_str(text).ok()) {
            Some(entries) => Self { id, entries, is_readable: true },
            None => {
                Self { entries: vec![AuditEntry::blank(EntryKind::Unreadable, id.clone())], id, is_readable: false }
            }
        }
    }
}
