//! What `archive` remembers of a chain, so that no entry is archived twice.

use std::collections::BTreeSet;

use super::entry::AuditEntry;
use super::ports::ChainHead;
use super::record::Record;

/// How many ids of items and entries a head keeps at least. An entry whose first item was stored although its writer has read
/// an error comes again in another item, seconds or minutes later.
const RECENT_IDS: usize = 200;

/// How many ids of each list a head keeps at most, since DynamoDB's limit for an item is 400 KB.
const MAX_IDS: usize = 4000;

/// What was archived before.
#[derive(Debug, Clone, Default)]
pub(super) struct Memory {
    /// The ids of items that were archived whole and of their entries, the last ones first.
    items: Vec<String>,
    /// The same.
    known_items: BTreeSet<String>,
    /// The ids of entries that were archived, and whose items have not been delivered again.
    ahead: BTreeSet<String>,
}

impl Memory {
    /// Returns what a head remembers.
    pub(super) fn of(head: &ChainHead) -> Self {
        Self {
            items: head.items.clone(),
            known_items: head.items.iter().cloned().collect(),
            ahead: head.ahead.iter().cloned().collect(),
        }
    }

    /// Adds an entry that is archived.
    pub(super) fn stored(&mut self, id: String) {
        self.ahead.insert(id);
    }

    /// Returns whether an entry of a record is archived.
    pub(super) fn knows(&self, record: &Record, entry: &AuditEntry) -> bool {
        let Self { known_items: items, ahead, .. } = self;
        items.contains(&record.id) || items.contains(&entry.id) || ahead.contains(&entry.id)
    }

    /// Returns what is remembered after all records of a batch are archived.
    pub(super) fn after(mut self, records: &[Record]) -> Self {
        // The stream splits a batch whose success it has not seen, so the rest of that batch may follow.
        let is_repeated = records.iter().any(|record| self.known_items.contains(&record.id));
        let ids = records.iter().map(|record| &record.id);
        let ids = ids.chain(records.iter().flat_map(|record| &record.entries).map(|entry| &entry.id));
        let mut delivered = BTreeSet::new();
        let mut items: Vec<String> = ids.filter(|id| delivered.insert(*id)).cloned().collect();
        let kept = if is_repeated { MAX_IDS } else { RECENT_IDS.max(items.len()) };
        items.extend(self.items.into_iter().filter(|id| !delivered.contains(id)));
        items.truncate(kept);
        self.ahead.retain(|id| !delivered.contains(id));
        Self { known_items: items.iter().cloned().collect(), items, ahead: self.ahead }
    }

    /// Writes it to a head.
    pub(super) fn keep_in(self, head: &mut ChainHead) {
        let Self { items, ahead, .. } = self;
        head.items = items.into_iter().take(MAX_IDS).collect();
        head.ahead = ahead.into_iter().take(MAX_IDS).collect();
    }
}
