//! Keys of the table. What comes from a token is escaped, so that no name can reach into another's partition.

use std::fmt::Write as _;

use crate::domain::{ConnectionId, ConversationId, TenantId, Timestamp, UserId};
use crate::store::{ConversationKey, IdempotencyKey};

pub(super) const PARTITION: &str = "PK";
pub(super) const SORT: &str = "SK";
pub(super) const OWNER_INDEX: &str = "GSI1";
pub(super) const INDEX_PARTITION: &str = "GSI1PK";
pub(super) const INDEX_SORT: &str = "GSI1SK";

/// Sort key of a conversation's head; it sorts behind all messages.
pub(super) const HEAD: &str = "Z#HEAD";
/// Sort key of an idempotency record.
pub(super) const CLAIM: &str = "I";
/// Sort key of a WebSocket connection.
pub(super) const CONNECTION: &str = "W";
/// Where the messages begin.
pub(super) const FIRST_MESSAGE: &str = "M#";

/// Length of a message's sort key without a continuation's number.
const MESSAGE_LENGTH: usize = FIRST_MESSAGE.len() + 10;

/// A message's place, and which of its items this is (0 for the message itself).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    pub(super) sequence: u64,
    pub(super) part: u32,
}

/// `#` parts the names in a key and `%` escapes; both are escaped in a name, and nothing else is.
fn push_escaped(key: &mut String, name: &str) {
    for character in name.chars() {
        match character {
            '%' => key.push_str("%25"),
            '#' => key.push_str("%23"),
            other => key.push(other),
        }
    }
}

fn tenant_prefix(tenant: &TenantId, kind: char) -> String {
    let mut key = String::with_capacity(96);
    key.push_str("T#");
    push_escaped(&mut key, tenant.as_str());
    key.push('#');
    key.push(kind);
    key.push('#');
    key
}

/// `T#<tenant>#C#<conversation>`
pub(super) fn conversation(key: &ConversationKey) -> String {
    conversation_of(&key.tenant, key.conversation)
}

pub(super) fn conversation_of(tenant: &TenantId, conversation: ConversationId) -> String {
    let mut partition = tenant_prefix(tenant, 'C');
    push_display(&mut partition, &conversation);
    partition
}

/// `T#<tenant>#U#<owner>`
pub(super) fn owner(tenant: &TenantId, owner: &UserId) -> String {
    let mut partition = tenant_prefix(tenant, 'U');
    push_escaped(&mut partition, owner.as_str());
    partition
}

/// `T#<tenant>#I#<digest>`
pub(super) fn claim(key: &IdempotencyKey) -> String {
    let mut partition = tenant_prefix(&key.tenant, 'I');
    push_escaped(&mut partition, &key.digest);
    partition
}

/// `W#<connection>`: API Gateway's messages name the connection alone, so its tenant is within.
pub(super) fn connection(id: &ConnectionId) -> String {
    let mut partition = "W#".to_owned();
    push_escaped(&mut partition, id.as_str());
    partition
}

/// `M#<sequence, 10 digits>`, with `#<part, 3 digits>` for a continuation.
pub(super) fn message(place: Place) -> String {
    let Place { sequence, part } = place;
    if part == 0 { format!("M#{sequence:010}") } else { format!("M#{sequence:010}#{part:03}") }
}

/// The place that a sort key names; `None` where it is no message's.
pub(super) fn place(sort_key: &str) -> Option<Place> {
    let (sequence, part) = sort_key.split_at_checked(MESSAGE_LENGTH)?;
    let sequence = sequence.strip_prefix(FIRST_MESSAGE)?.parse().ok()?;
    let part = if part.is_empty() { 0 } else { part.strip_prefix('#')?.parse().ok()? };
    Some(Place { sequence, part })
}

/// Milliseconds, so padded that texts sort as times do.
pub(super) fn sortable(time: Timestamp) -> String {
    format!("{:015}", time.millis())
}

pub(super) fn from_sortable(text: &str) -> Option<Timestamp> {
    text.parse().ok().map(Timestamp::from_millis)
}

/// The conversation that a partition key names.
pub(super) fn conversation_in(partition: &str) -> Option<ConversationId> {
    let (_, id) = partition.rsplit_once('#')?;
    uuid::Uuid::try_parse(id).ok().map(ConversationId::new)
}

fn push_display(key: &mut String, value: &impl std::fmt::Display) {
    // Writing to a String cannot fail.
    let _ = write!(key, "{value}");
}

#[cfg(test)]
#[path = "keys_tests.rs"]
mod tests;
