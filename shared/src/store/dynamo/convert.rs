//! Between the domain and the stored shapes. Pure.

use super::attributes::{Item, sort_key};
use super::item::{Form, HeadItem, MessageItem, MessagePart, continuation};
use super::keys::{self, Place};
use super::parts;
use crate::domain::{AgentName, Content, Message, Timestamp};
use crate::store::{Head, StoreError, StoredMessage, TurnCommit, Version};

/// Content in one item: an item ends at 400 KB (Developer Guide, "Quotas"), names and keys included.
pub(super) const PIECE_BYTES: usize = 350 * 1024;

/// The stored head of a new conversation.
pub(super) fn to_head_item(turn: &TurnCommit, head: &Head) -> HeadItem {
    HeadItem {
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
        ttl_seconds: turn.expires_at.seconds(),
    }
}

pub(super) fn from_head_item(item: HeadItem) -> Result<Head, StoreError> {
    let agent: AgentName =
        item.agent.parse().map_err(|_| StoreError::Corrupt("a conversation's agent has no valid name"))?;
    Ok(Head {
        conversation: item.conversation,
        version: Version(item.version),
        next_sequence: item.next_sequence,
        agent,
        title: item.title,
        created_at: item.created_at,
        updated_at: item.updated_at,
        millibytes_per_token: item.millibytes_per_token,
    })
}

/// The items of one message, in the order of their keys.
pub(super) fn to_items(
    partition: &str,
    sequence: u64,
    message: &Message,
    now: Timestamp,
    ttl_seconds: u64,
) -> Result<Vec<Item>, StoreError> {
    let (form, content) = match message.content.as_slice() {
        [Content::Text(text)] => (Form::Text, text.clone()),
        parts => (Form::Parts, parts::to_json(parts)?),
    };
    let mut pieces = pieces(content).into_iter();
    let content = pieces.next().unwrap_or_default();
    let continuations = u32::try_from(pieces.len()).unwrap_or(u32::MAX);
    let first = MessageItem { role: message.role, form, content, created_at: now, continuations };
    let mut items = vec![first.into_item(partition.to_owned(), sequence, ttl_seconds)];
    items.extend(
        (1..)
            .zip(pieces)
            .map(|(part, piece)| continuation(partition.to_owned(), Place { sequence, part }, piece, ttl_seconds)),
    );
    Ok(items)
}

/// Cuts between characters, into pieces that fit an item.
fn pieces(mut content: String) -> Vec<String> {
    let mut pieces = Vec::with_capacity(1);
    while content.len() > PIECE_BYTES {
        let rest = content.split_off(content.floor_char_boundary(PIECE_BYTES));
        pieces.push(std::mem::replace(&mut content, rest));
    }
    pieces.push(content);
    pieces
}

/// The items of messages as they were read, in any order.
#[derive(Debug, Default)]
pub(super) struct MessageParts {
    parts: Vec<(Place, MessagePart)>,
    size_bytes: usize,
    messages: usize,
}

impl MessageParts {
    /// Takes an item; what is no message's is passed over.
    pub(super) fn push(&mut self, item: Item) -> Result<(), StoreError> {
        let Some(place) = keys::place(sort_key(&item)) else {
            return Ok(());
        };
        let part = MessagePart::from_item(item)?;
        self.size_bytes = self.size_bytes.saturating_add(part.size_bytes());
        self.messages += usize::from(place.part == 0);
        self.parts.push((place, part));
        Ok(())
    }

    /// Size of the content so far.
    pub(super) const fn size_bytes(&self) -> usize {
        self.size_bytes
    }

    /// How many messages were begun so far; read backwards, all of these are whole.
    pub(super) const fn messages(&self) -> usize {
        self.messages
    }

    /// Whether one message at least is whole.
    pub(super) fn has_whole(&self) -> bool {
        let has = |wanted: Place| self.parts.iter().any(|(place, _)| *place == wanted);
        self.parts.iter().any(|(place, part)| match part {
            MessagePart::First(message) => has(Place { part: message.continuations, ..*place }),
            MessagePart::Continuation(_) => false,
        })
    }

    /// The messages that are whole, oldest first. One that lacks a piece is left out: either its other pieces were
    /// not asked for, or its time to live has ended.
    pub(super) fn assemble(mut self) -> Result<Vec<StoredMessage>, StoreError> {
        self.parts.sort_unstable_by_key(|(place, _)| *place);
        let mut messages = Vec::with_capacity(self.messages);
        let mut open: Option<(u64, MessageItem, u32)> = None;
        for (place, part) in self.parts {
            open = match (part, open.take()) {
                (MessagePart::First(message), _) => Some((place.sequence, message, 0)),
                (MessagePart::Continuation(piece), Some((sequence, mut message, seen)))
                    if (place.sequence, place.part) == (sequence, seen + 1) =>
                {
                    message.content.push_str(&piece);
                    Some((sequence, message, place.part))
                }
                (MessagePart::Continuation(_), _) => None,
            };
            if let Some((sequence, message, _)) = open.take_if(|(_, message, seen)| message.continuations == *seen) {
                messages.push(from_message_item(sequence, message)?);
            }
        }
        Ok(messages)
    }
}

fn from_message_item(sequence: u64, item: MessageItem) -> Result<StoredMessage, StoreError> {
    let content = match item.form {
        Form::Text => vec![Content::Text(item.content)],
        Form::Parts => parts::from_json(&item.content)?,
    };
    Ok(StoredMessage { sequence, created_at: item.created_at, message: Message { role: item.role, content } })
}

/// The newest messages without a gap, `limit` at most: where one is missing, what is older is left out.
pub(super) fn newest_unbroken(mut messages: Vec<StoredMessage>, limit: usize) -> Vec<StoredMessage> {
    let mut start = messages.len().saturating_sub(limit);
    let tail = messages.get(start..).unwrap_or_default();
    let gap = tail.windows(2).rposition(|pair| match pair {
        [before, after] => before.sequence.saturating_add(1) != after.sequence,
        _ => false,
    });
    start += gap.map_or(0, |index| index + 1);
    messages.split_off(start.min(messages.len()))
}

#[cfg(test)]
#[path = "convert_tests.rs"]
mod tests;
