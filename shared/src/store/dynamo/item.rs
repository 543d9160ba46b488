//! The stored shapes, one type an item. Names are short because every turn pays for them:
//!
//! | name | on | meaning |
//! |---|---|---|
//! | `v` | all | revision of the shape |
//! | `ttl` | all | seconds since 1970 at which DynamoDB may delete the item |
//! | `r` `c` | message | role (`u` or `a`), time in milliseconds |
//! | `t` or `p` | message | its one text, or its parts as JSON |
//! | `m` | message | how many continuations follow, where there are any |
//! | `x` | continuation | the next piece of the text or JSON |
//! | `n` `q` | head | turns so far, next sequence number |
//! | `a` `h` `c` | head | agent, title, time of the first turn |
//! | `k` | head | thousandths of a byte a token, where known |
//! | `g` | head, claim | the run of the last turn, the run that claims |
//! | `z` | head | when it was erased |
//! | `b` `u` | claim | digest of the body, when the run is over at the latest |
//! | `f` `d` `o` | claim | facts as JSON, conversation, sequence of the output; there when the run is done |
//! | `i` `s` `e` `l` `u` | connection | kind (`u` or `c`), user, tenant and groups of who opened it, end of the token |
//! | `y` | connection | its runs by name, each a map of: `o` order, `d` delivery that has begun it, `u` when it is over at the latest, `x` there when it is called off |
//!
//! The head's owner is its `GSI1PK` and the time of its last turn its `GSI1SK`; erasing removes both.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use uuid::Uuid;

use super::attributes::{Item, Reader, number, required, text, uuid};
use super::keys::{self, Place};
use crate::domain::{ConversationId, Role, Timestamp};
use crate::store::StoreError;

pub(super) const REVISION: &str = "v";
pub(super) const TTL: &str = "ttl";
pub(super) const VERSION: &str = "n";
pub(super) const NEXT_SEQUENCE: &str = "q";
pub(super) const AGENT: &str = "a";
pub(super) const TITLE: &str = "h";
pub(super) const CREATED_AT: &str = "c";
pub(super) const MILLIBYTES: &str = "k";
pub(super) const RUN: &str = "g";
pub(super) const ERASED_AT: &str = "z";
const ROLE: &str = "r";
const TEXT: &str = "t";
const PARTS: &str = "p";
const CONTINUATIONS: &str = "m";
const PIECE: &str = "x";

/// The revision that this version writes; it reads this one and older ones.
pub(super) const CURRENT: u64 = 1;

/// A conversation's head.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct HeadItem {
    pub(super) conversation: ConversationId,
    pub(super) version: u64,
    pub(super) next_sequence: u64,
    pub(super) agent: String,
    pub(super) title: String,
    pub(super) created_at: Timestamp,
    pub(super) updated_at: Timestamp,
    pub(super) millibytes_per_token: Option<u32>,
    pub(super) run: Option<Uuid>,
    /// The owner's partition of the index.
    pub(super) owner: String,
    pub(super) ttl_seconds: u64,
}

/// What is at a head's place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum StoredHead {
    Living(HeadItem),
    Erased { at: Timestamp },
}

/// How a message's content is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// One text.
    Text,
    /// Parts as JSON.
    Parts,
}

/// A message, or the first piece of a long one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct MessageItem {
    pub(super) role: Role,
    pub(super) form: Form,
    pub(super) content: String,
    pub(super) created_at: Timestamp,
    pub(super) continuations: u32,
}

/// One item of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum MessagePart {
    First(MessageItem),
    Continuation(String),
}

pub(super) fn started(partition: String, sort: String, ttl_seconds: u64) -> Item {
    HashMap::from([
        (keys::PARTITION.to_owned(), text(partition)),
        (keys::SORT.to_owned(), text(sort)),
        (REVISION.to_owned(), number(CURRENT)),
        (TTL.to_owned(), number(ttl_seconds)),
    ])
}

pub(super) fn extend<const N: usize>(item: &mut Item, attributes: [(&str, AttributeValue); N]) {
    item.extend(attributes.map(|(name, value)| (name.to_owned(), value)));
}

impl HeadItem {
    pub(super) fn into_item(self, partition: String) -> Item {
        let mut item = started(partition, keys::HEAD.to_owned(), self.ttl_seconds);
        extend(
            &mut item,
            [
                (VERSION, number(self.version)),
                (NEXT_SEQUENCE, number(self.next_sequence)),
                (AGENT, text(self.agent)),
                (TITLE, text(self.title)),
                (CREATED_AT, number(self.created_at.millis())),
                (keys::INDEX_PARTITION, text(self.owner)),
                (keys::INDEX_SORT, text(keys::sortable(self.updated_at))),
            ],
        );
        if let Some(millibytes) = self.millibytes_per_token {
            item.insert(MILLIBYTES.to_owned(), number(millibytes.into()));
        }
        if let Some(run) = self.run {
            item.insert(RUN.to_owned(), uuid(run));
        }
        item
    }
}

impl StoredHead {
    pub(super) fn from_item(item: Item) -> Result<Self, StoreError> {
        let mut reader = Reader::new(item, REVISION, CURRENT)?;
        if let Some(at) = reader.time(ERASED_AT)? {
            return Ok(Self::Erased { at });
        }
        let partition = required(reader.text(keys::PARTITION)?)?;
        let updated_at = required(reader.text(keys::INDEX_SORT)?)?;
        Ok(Self::Living(HeadItem {
            conversation: required(keys::conversation_in(&partition))?,
            version: required(reader.number(VERSION)?)?,
            next_sequence: required(reader.number(NEXT_SEQUENCE)?)?,
            agent: required(reader.text(AGENT)?)?,
            title: required(reader.text(TITLE)?)?,
            created_at: required(reader.time(CREATED_AT)?)?,
            updated_at: required(keys::from_sortable(&updated_at))?,
            millibytes_per_token: reader.number(MILLIBYTES)?.and_then(|value| u32::try_from(value).ok()),
            run: reader.uuid(RUN)?,
            owner: required(reader.text(keys::INDEX_PARTITION)?)?,
            ttl_seconds: required(reader.number(TTL)?)?,
        }))
    }
}

impl MessageItem {
    pub(super) fn into_item(self, partition: String, sequence: u64, ttl_seconds: u64) -> Item {
        let mut item = started(partition, keys::message(Place { sequence, part: 0 }), ttl_seconds);
        let role = match self.role {
            Role::User => "u",
            Role::Assistant => "a",
        };
        let content = match self.form {
            Form::Text => TEXT,
            Form::Parts => PARTS,
        };
        extend(
            &mut item,
            [(ROLE, text(role)), (CREATED_AT, number(self.created_at.millis())), (content, text(self.content))],
        );
        if self.continuations > 0 {
            item.insert(CONTINUATIONS.to_owned(), number(self.continuations.into()));
        }
        item
    }

    fn read(reader: &mut Reader) -> Result<Self, StoreError> {
        let role = match required(reader.text(ROLE)?)?.as_str() {
            "u" => Role::User,
            "a" => Role::Assistant,
            _ => return Err(StoreError::Corrupt("a message's role is unknown")),
        };
        let (form, content) = match reader.text(TEXT)? {
            Some(content) => (Form::Text, content),
            None => (Form::Parts, required(reader.text(PARTS)?)?),
        };
        let continuations = u32::try_from(reader.number(CONTINUATIONS)?.unwrap_or(0))
            .map_err(|_| StoreError::Corrupt("a message has too many continuations"))?;
        Ok(Self { role, form, content, created_at: required(reader.time(CREATED_AT)?)?, continuations })
    }
}

/// A further piece of a long message.
pub(super) fn continuation(partition: String, place: Place, piece: String, ttl_seconds: u64) -> Item {
    let mut item = started(partition, keys::message(place), ttl_seconds);
    item.insert(PIECE.to_owned(), text(piece));
    item
}

impl MessagePart {
    pub(super) fn from_item(item: Item) -> Result<Self, StoreError> {
        let mut reader = Reader::new(item, REVISION, CURRENT)?;
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
#[path = "item_tests.rs"]
mod tests;
