//! Keys of the table. Names that come from a token are escaped, so that none can reach into another partition.

use std::fmt::Write as _;

use crate::domain::{ConnectionId, ConversationId, TenantId, Timestamp, ToolName, UserId, sha256_hex};
use crate::store::conversations::ConversationKey;
use crate::store::idempotency::IdempotencyKey;
use crate::store::leases::{Scope, ScopeKind};

/// Sort key of a conversation's head; it sorts after all messages.
pub(super) const HEAD: &str = "Z#HEAD";
/// Sort key of an idempotency record.
pub(super) const CLAIM: &str = "I";
/// Sort key of a WebSocket connection.
pub(super) const CONNECTION: &str = "W";
/// Sort key of a scope's leases.
pub(super) const LEASES: &str = "L";
/// Prefix of a message's sort key; sorts before all messages.
pub(super) const MESSAGE_PREFIX: &str = "M#";

/// Prefix of a grant's sort key.
const GRANT_PREFIX: &str = "G#";

/// Length of a message's sort key without the number of a continuation.
const MESSAGE_LENGTH: usize = MESSAGE_PREFIX.len() + 10;

/// The position of a message's item: its sequence number, and which of its items this is (0 for the first).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct MessagePosition {
    pub(super) sequence: u64,
    pub(super) part: u32,
}

/// Appends a name. `#` separates the names in a key and `%` escapes, so these two are escaped.
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

/// Returns `T#<tenant>#C#<conversation>`.
pub(super) fn conversation(key: &ConversationKey) -> String {
    conversation_of(&key.tenant, key.conversation)
}

pub(super) fn conversation_of(tenant: &TenantId, conversation: ConversationId) -> String {
    let mut partition = tenant_prefix(tenant, 'C');
    push_display(&mut partition, &conversation);
    partition
}

/// Returns `T#<tenant>#U#<owner>`.
pub(super) fn owner(tenant: &TenantId, owner: &UserId) -> String {
    let mut partition = tenant_prefix(tenant, 'U');
    push_escaped(&mut partition, owner.as_str());
    partition
}

/// Returns `E#<digest of tenant and owner>`.
pub(super) fn erased_owner(tenant: &TenantId, user: &UserId) -> String {
    // A digest, since the owner of an erased conversation is personal data too.
    format!("E#{}", sha256_hex(owner(tenant, user).as_bytes()))
}

/// Returns `T#<tenant>#I#<digest>`.
pub(super) fn claim(key: &IdempotencyKey) -> String {
    let mut partition = tenant_prefix(&key.tenant, 'I');
    push_escaped(&mut partition, &key.digest);
    partition
}

/// Returns `W#<connection>`.
pub(super) fn connection(id: &ConnectionId) -> String {
    // API Gateway's messages name only the connection, so its tenant is an attribute.
    let mut partition = "W#".to_owned();
    push_escaped(&mut partition, id.as_str());
    partition
}

/// Returns `L#<tenant>#R` for the runs of a tenant or `…#W` for its connections, followed by `#U#<user>` and `#A#<agent>`
/// where the scope names them.
pub(super) fn leases(scope: &Scope) -> String {
    let mut partition = "L#".to_owned();
    push_escaped(&mut partition, scope.tenant.as_str());
    partition.push_str(match scope.kind {
        ScopeKind::Runs => "#R",
        ScopeKind::Connections => "#W",
    });
    if let Some(user) = &scope.user {
        partition.push_str("#U#");
        push_escaped(&mut partition, user.as_str());
    }
    if let Some(agent) = &scope.agent {
        partition.push_str("#A#");
        push_escaped(&mut partition, agent.as_str());
    }
    partition
}

/// Returns `T#<tenant>#G`.
pub(super) fn grants(tenant: &TenantId) -> String {
    let mut partition = tenant_prefix(tenant, 'G');
    partition.pop();
    partition
}

/// Returns `G#<id>`.
pub(super) fn grant(id: &str) -> String {
    format!("{GRANT_PREFIX}{id}")
}

/// Returns the id in the sort key of a grant.
pub(super) fn grant_in(sort_key: &str) -> Option<&str> {
    sort_key.strip_prefix(GRANT_PREFIX)
}

/// Returns `T#<tenant>#N#<user>`.
pub(super) fn counters(tenant: &TenantId, user: &UserId) -> String {
    let mut partition = tenant_prefix(tenant, 'N');
    push_escaped(&mut partition, user.as_str());
    partition
}

/// Returns `N#<action>#<day since 1970>`.
pub(super) fn counter(action: &ToolName, day: u64) -> String {
    let mut sort = "N#".to_owned();
    push_escaped(&mut sort, action.as_str());
    let _ = write!(sort, "#{day}");
    sort
}

/// Returns `M#<sequence, 10 digits>`, with `#<part, 3 digits>` for a continuation.
pub(super) fn message(position: MessagePosition) -> String {
    let MessagePosition { sequence, part } = position;
    if part == 0 {
        // Padded, so that keys sort as the numbers do.
        format!("{MESSAGE_PREFIX}{sequence:010}")
    } else {
        // A continuation sorts between its own message and the next one.
        format!("{MESSAGE_PREFIX}{sequence:010}#{part:03}")
    }
}

/// Reads a sort key; returns `None` if it is not the key of a message.
pub(super) fn message_position(sort_key: &str) -> Option<MessagePosition> {
    let (sequence, part) = sort_key.split_at_checked(MESSAGE_LENGTH)?;
    let sequence = sequence.strip_prefix(MESSAGE_PREFIX)?.parse().ok()?;
    let part = if part.is_empty() { 0 } else { part.strip_prefix('#')?.parse().ok()? };
    Some(MessagePosition { sequence, part })
}

/// Writes milliseconds, padded so that the strings sort as the times do.
pub(super) fn sortable(time: Timestamp) -> String {
    format!("{:015}", time.millis())
}

pub(super) fn from_sortable(text: &str) -> Option<Timestamp> {
    text.parse().ok().map(Timestamp::from_millis)
}

/// Returns the conversation that a partition key names.
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
