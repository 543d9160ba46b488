//! Entries and records for tests of this room.

use super::entry::{AuditEntry, AuditTexts, EntryKind};
use super::record::OutboxRecord;
use crate::domain::Timestamp;

/// Noon of 2026-05-01, in milliseconds.
pub(super) const NOON: u64 = 1_777_636_800_000;

/// The milliseconds of a day.
pub(super) const DAY: u64 = 24 * 3600 * 1000;

pub(super) fn at(millis: u64) -> Timestamp {
    Timestamp::from_millis(millis)
}

pub(super) fn entry(id: &str, agent: Option<&str>) -> AuditEntry {
    let text = serde_json::json!({
        "time": "2026-05-01T12:00:00.000Z", "id": id, "kind": "invocation", "request_id": "r", "tenant": "acme",
        "subject": "s", "agent": agent, "conversation": "c1", "status": "succeeded"
    });
    serde_json::from_value(text).unwrap()
}

pub(super) fn with_texts(id: &str) -> AuditEntry {
    AuditEntry { texts: Some(AuditTexts::new(Some("in"), Some("out"))), ..entry(id, Some("a")) }
}

pub(super) fn erasure(id: &str) -> AuditEntry {
    AuditEntry { kind: EntryKind::Erasure, agent: None, ..entry(id, None) }
}

pub(super) fn record(shard: u8, entries: &[AuditEntry]) -> OutboxRecord {
    let text = serde_json::to_string(entries).unwrap();
    OutboxRecord { shard, id: entries[0].id.clone(), entries: Some(text) }
}
