//! The stored shapes of a message and of its continuations.

use crate::domain::{Marks, Role, Timestamp};
use crate::store::dynamo::attributes::{CONTINUATIONS, CREATED_AT, DATA_CLASSES, PARTS, PIECE, ROLE, TAINTED, TEXT};
use crate::store::dynamo::item::{Item, ItemReader, base_item, extend, required};
use crate::store::dynamo::keys::{self, MessagePosition};
use crate::store::dynamo::values::{number, text};
use crate::store::error::StoreError;

const USER_ROLE: &str = "u";
const ASSISTANT_ROLE: &str = "a";

/// How a message's content is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ContentFormat {
    /// One text, as it is.
    Text,
    /// Parts as JSON.
    Parts,
}

/// A message, or the first piece of a long one.
#[derive(Clone, PartialEq, Eq, derive_more::Debug)]
pub(super) struct MessageItem {
    pub(super) role: Role,
    pub(super) format: ContentFormat,
    #[debug("[{} bytes]", content.len())]
    pub(super) content: String,
    pub(super) created_at: Timestamp,
    pub(super) continuations: u32,
    pub(super) marks: Marks,
}

/// One item of a message.
#[derive(Clone, PartialEq, Eq, derive_more::Debug)]
pub(super) enum MessagePart {
    First(MessageItem),
    Continuation(#[debug("[{} bytes]", _0.len())] String),
}

impl MessageItem {
    pub(super) fn into_item(self, partition: String, sequence: u64, ttl_seconds: u64) -> Item {
        let mut item = base_item(partition, keys::message(MessagePosition { sequence, part: 0 }), ttl_seconds);
        let role = match self.role {
            Role::User => USER_ROLE,
            Role::Assistant => ASSISTANT_ROLE,
        };
        let content = match self.format {
            ContentFormat::Text => TEXT,
            ContentFormat::Parts => PARTS,
        };
        extend(
            &mut item,
            [(ROLE, text(role)), (CREATED_AT, number(self.created_at.millis())), (content, text(self.content))],
        );
        // Nearly every message fits one item, and an absent attribute costs nothing.
        if self.continuations > 0 {
            item.insert(CONTINUATIONS.to_owned(), number(self.continuations.into()));
        }
        if self.marks.is_tainted {
            item.insert(TAINTED.to_owned(), number(1));
        }
        if !self.marks.data.is_empty() {
            item.insert(DATA_CLASSES.to_owned(), text(self.marks.data.into_iter().collect::<Vec<_>>().join(" ")));
        }
        item
    }

    fn read(reader: &mut ItemReader) -> Result<Self, StoreError> {
        let role = match required(reader.text(ROLE)?)?.as_str() {
            USER_ROLE => Role::User,
            ASSISTANT_ROLE => Role::Assistant,
            _ => return Err(StoreError::Corrupt("the role of a message is unknown")),
        };
        let (format, content) = match reader.text(TEXT)? {
            Some(content) => (ContentFormat::Text, content),
            None => (ContentFormat::Parts, required(reader.text(PARTS)?)?),
        };
        let continuations = u32::try_from(reader.number(CONTINUATIONS)?.unwrap_or(0))
            .map_err(|_| StoreError::Corrupt("a message has too many continuations"))?;
        // Absent means the caller's own words, and what was written after no others.
        let is_tainted = reader.number(TAINTED)?.is_some();
        let data = reader.text(DATA_CLASSES)?.unwrap_or_default();
        let marks = Marks { is_tainted, data: data.split_whitespace().map(str::to_owned).collect() };
        Ok(Self { role, format, content, created_at: required(reader.time(CREATED_AT)?)?, continuations, marks })
    }
}

/// Makes the item of a further piece of a long message.
pub(super) fn continuation(partition: String, position: MessagePosition, piece: String, ttl_seconds: u64) -> Item {
    let mut item = base_item(partition, keys::message(position), ttl_seconds);
    item.insert(PIECE.to_owned(), text(piece));
    item
}

impl MessagePart {
    pub(super) fn from_item(item: Item) -> Result<Self, StoreError> {
        let mut reader = ItemReader::new(item)?;
        // Only a continuation has this attribute, so its shape needs no other mark.
        match reader.text(PIECE)? {
            Some(piece) => Ok(Self::Continuation(piece)),
            None => MessageItem::read(&mut reader).map(Self::First),
        }
    }

    pub(super) const fn size_bytes(&self) -> usize {
        match self {
            Self::First(message) => message.content.len(),
            Self::Continuation(piece) => piece.len(),
        }
    }
}

#[cfg(test)]
#[path = "message_item_tests.rs"]
mod tests;
