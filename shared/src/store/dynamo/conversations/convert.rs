//! Converts messages between the domain and their items. Pure.

use super::message_item::{ContentFormat, MessageItem, MessagePart, continuation};
use super::parts;
use crate::domain::{Content, Message, Timestamp};
use crate::store::conversations::StoredMessage;
use crate::store::dynamo::item::{Item, sort_key};
use crate::store::dynamo::keys::{self, MessagePosition};
use crate::store::error::StoreError;

/// The maximum content of one item, which is limited to 400 KB with its names and keys (Developer Guide, "Quotas").
pub(super) const PIECE_BYTES: usize = 350 * 1024;

/// Makes the items of one message, in the order of their keys.
pub(super) fn to_items(
    partition: &str,
    sequence: u64,
    message: &Message,
    now: Timestamp,
    ttl_seconds: u64,
) -> Result<Vec<Item>, StoreError> {
    // Nearly every message is one text. As plain text it costs no bytes for JSON.
    let (format, content) = match message.content.as_slice() {
        [Content::Text(text)] => (ContentFormat::Text, text.clone()),
        parts => (ContentFormat::Parts, parts::to_json(parts)?),
    };
    let mut pieces = pieces(content).into_iter();
    let content = pieces.next().unwrap_or_default();
    let continuations = u32::try_from(pieces.len()).unwrap_or(u32::MAX);
    let marks = message.marks.clone();
    let first = MessageItem { role: message.role, format, content, created_at: now, continuations, marks };
    let mut items = vec![first.into_item(partition.to_owned(), sequence, ttl_seconds)];
    items.extend((1..).zip(pieces).map(|(part, piece)| {
        continuation(partition.to_owned(), MessagePosition { sequence, part }, piece, ttl_seconds)
    }));
    Ok(items)
}

/// Cuts content between characters, into pieces that fit an item.
fn pieces(mut content: String) -> Vec<String> {
    // Hardly any message needs a second piece.
    let mut pieces = Vec::with_capacity(1);
    while content.len() > PIECE_BYTES {
        let rest = content.split_off(content.floor_char_boundary(PIECE_BYTES));
        pieces.push(std::mem::replace(&mut content, rest));
    }
    pieces.push(content);
    pieces
}

/// Collects the items of messages, in any order.
#[derive(Debug, Default)]
pub(super) struct MessageParts {
    parts: Vec<(MessagePosition, MessagePart)>,
    size_bytes: usize,
    messages: usize,
}

impl MessageParts {
    /// Adds an item; ignores items that are not part of a message.
    pub(super) fn push(&mut self, item: Item) -> Result<(), StoreError> {
        // The head, and items that later versions may add, are in the same partition.
        let Some(position) = keys::message_position(sort_key(&item)) else {
            return Ok(());
        };
        let part = MessagePart::from_item(item)?;
        self.size_bytes = self.size_bytes.saturating_add(part.size_bytes());
        self.messages += usize::from(position.part == 0);
        self.parts.push((position, part));
        Ok(())
    }

    /// Returns the size of the content so far.
    pub(super) const fn size_bytes(&self) -> usize {
        self.size_bytes
    }

    /// Returns the number of messages with a first item so far; when reading backwards, all of these are complete.
    pub(super) const fn messages(&self) -> usize {
        self.messages
    }

    /// Returns whether at least one message is complete.
    pub(super) fn has_complete_message(&self) -> bool {
        let has = |wanted: MessagePosition| self.parts.iter().any(|(position, _)| *position == wanted);
        self.parts.iter().any(|(position, part)| match part {
            // Items are read in the order of their keys, so the last piece proves those before it.
            MessagePart::First(message) => has(MessagePosition { part: message.continuations, ..*position }),
            MessagePart::Continuation(_) => false,
        })
    }

    /// Returns the complete messages, oldest first. Leaves out a message that lacks a piece: either its other pieces were
    /// not read, or its time to live has ended.
    pub(super) fn assemble(mut self) -> Result<Vec<StoredMessage>, StoreError> {
        // A window is read backwards.
        self.parts.sort_unstable_by_key(|(position, _)| *position);
        let mut messages = Vec::with_capacity(self.messages);
        let mut open: Option<(u64, MessageItem, u32)> = None;
        for (position, part) in self.parts {
            open = match (part, open.take()) {
                // A first item ends the message before it, even if that one lacks pieces.
                (MessagePart::First(message), _) => Some((position.sequence, message, 0)),
                (MessagePart::Continuation(piece), Some((sequence, mut message, seen)))
                    if (position.sequence, position.part) == (sequence, seen + 1) =>
                {
                    message.content.push_str(&piece);
                    Some((sequence, message, position.part))
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
    let content = match item.format {
        ContentFormat::Text => vec![Content::Text(item.content)],
        ContentFormat::Parts => parts::from_json(&item.content)?,
    };
    let message = Message::new(item.role, content).with_marks(item.marks);
    Ok(StoredMessage { sequence, created_at: item.created_at, message })
}

/// Returns the newest messages without a gap, at most `limit`: leaves out those before a missing message.
pub(super) fn newest_unbroken(mut messages: Vec<StoredMessage>, limit: usize) -> Vec<StoredMessage> {
    let mut start = messages.len().saturating_sub(limit);
    let tail = messages.get(start..).unwrap_or_default();
    // DynamoDB deletes expired items in no certain order, so an older message may outlive a newer one.
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
