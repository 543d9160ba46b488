//! Reading and writing attribute values.

use std::collections::{BTreeSet, HashMap};

use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::AttributeValue;
use uuid::Uuid;

use super::keys;
use crate::domain::Timestamp;
use crate::store::StoreError;

/// An item as the SDK has it.
pub(super) type Item = HashMap<String, AttributeValue>;

pub(super) fn text(value: impl Into<String>) -> AttributeValue {
    AttributeValue::S(value.into())
}

pub(super) fn number(value: u64) -> AttributeValue {
    AttributeValue::N(value.to_string())
}

pub(super) fn uuid(value: Uuid) -> AttributeValue {
    AttributeValue::B(Blob::new(value.into_bytes()))
}

/// The whole key of an item.
pub(super) fn key(partition: String, sort: impl Into<String>) -> Item {
    HashMap::from([(keys::PARTITION.to_owned(), text(partition)), (keys::SORT.to_owned(), text(sort))])
}

/// An item that is read attribute by attribute; what is not asked for is ignored, so that a newer version may add.
#[derive(Debug)]
pub(super) struct Reader(Item);

impl Reader {
    /// Starts on an item of one of these revisions.
    pub(super) fn new(item: Item, revision_name: &str, known: u64) -> Result<Self, StoreError> {
        let reader = Self(item);
        match reader.number(revision_name)? {
            Some(revision) if revision <= known => Ok(reader),
            Some(_) => Err(StoreError::Corrupt("an item is of a newer revision")),
            None => Err(StoreError::Corrupt("an item has no revision")),
        }
    }

    /// Starts on a map within an item, which has no revision of its own.
    pub(super) const fn part_of(members: Item) -> Self {
        Self(members)
    }

    pub(super) fn text(&mut self, name: &str) -> Result<Option<String>, StoreError> {
        match self.0.remove(name) {
            None => Ok(None),
            Some(AttributeValue::S(value)) => Ok(Some(value)),
            Some(_) => Err(StoreError::Corrupt("an attribute is no text")),
        }
    }

    pub(super) fn number(&self, name: &str) -> Result<Option<u64>, StoreError> {
        match self.0.get(name) {
            None => Ok(None),
            Some(AttributeValue::N(value)) => {
                value.parse().map(Some).map_err(|_| StoreError::Corrupt("an attribute is no whole number"))
            }
            Some(_) => Err(StoreError::Corrupt("an attribute is no number")),
        }
    }

    /// A set of texts; empty where there is none, since DynamoDB has no empty sets.
    pub(super) fn texts(&mut self, name: &str) -> Result<BTreeSet<String>, StoreError> {
        match self.0.remove(name) {
            None => Ok(BTreeSet::new()),
            Some(AttributeValue::Ss(values)) => Ok(values.into_iter().collect()),
            Some(_) => Err(StoreError::Corrupt("an attribute is no set of texts")),
        }
    }

    pub(super) fn time(&self, name: &str) -> Result<Option<Timestamp>, StoreError> {
        Ok(self.number(name)?.map(Timestamp::from_millis))
    }

    pub(super) fn uuid(&self, name: &str) -> Result<Option<Uuid>, StoreError> {
        match self.0.get(name) {
            None => Ok(None),
            Some(AttributeValue::B(value)) => {
                Uuid::from_slice(value.as_ref()).map(Some).map_err(|_| StoreError::Corrupt("an attribute is no UUID"))
            }
            Some(_) => Err(StoreError::Corrupt("an attribute is not binary")),
        }
    }
}

/// What must be there.
pub(super) fn required<T>(value: Option<T>) -> Result<T, StoreError> {
    value.ok_or(StoreError::Corrupt("an attribute is missing"))
}

/// The sort key of an item; empty where it has none.
pub(super) fn sort_key(item: &Item) -> &str {
    match item.get(keys::SORT) {
        Some(AttributeValue::S(value)) => value,
        _ => "",
    }
}
