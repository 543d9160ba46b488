//! What all items have in common, and reading them.

use std::collections::{BTreeSet, HashMap};

use aws_sdk_dynamodb::types::AttributeValue;
use uuid::Uuid;

use super::attributes::{PARTITION, REVISION, SORT, TTL};
use super::values::{number, text};
use crate::domain::Timestamp;
use crate::store::error::StoreError;

/// An item as the SDK represents it.
pub(super) type Item = HashMap<String, AttributeValue>;

/// The revision that this version writes; it reads this one and older ones.
pub(super) const CURRENT_REVISION: u64 = 1;

/// Returns the whole key of an item.
pub(super) fn key(partition: String, sort: impl Into<String>) -> Item {
    HashMap::from([(PARTITION.to_owned(), text(partition)), (SORT.to_owned(), text(sort))])
}

/// Returns an item with the attributes that every item has.
pub(super) fn base_item(partition: String, sort: impl Into<String>, ttl_seconds: u64) -> Item {
    let mut item = key(partition, sort);
    extend(&mut item, [(REVISION, number(CURRENT_REVISION)), (TTL, number(ttl_seconds))]);
    item
}

pub(super) fn extend<const N: usize>(item: &mut Item, attributes: [(&str, AttributeValue); N]) {
    item.extend(attributes.map(|(name, value)| (name.to_owned(), value)));
}

/// Returns the sort key of an item; empty if it has none.
pub(super) fn sort_key(item: &Item) -> &str {
    match item.get(SORT) {
        Some(AttributeValue::S(value)) => value,
        _ => "",
    }
}

/// Returns the second at which DynamoDB may delete the item; `None` if it has no time to live that can be read.
pub(super) fn expires_at(item: &Item) -> Option<u64> {
    item.get(TTL)?.as_n().ok()?.parse().ok()
}

/// Fails if an attribute is missing.
pub(super) fn required<T>(value: Option<T>) -> Result<T, StoreError> {
    value.ok_or(StoreError::Corrupt("an attribute is missing"))
}

/// Reads an item attribute by attribute. Ignores attributes that nothing asks for, so that a newer version may add some.
///
/// An item has few attributes, so that going through them costs less than a hash for each that is asked for.
pub(super) struct ItemReader(Vec<(String, AttributeValue)>);

impl ItemReader {
    /// Starts reading an item; fails if its revision is newer than [`CURRENT_REVISION`].
    pub(super) fn new(item: Item) -> Result<Self, StoreError> {
        let reader = Self::map(item);
        // In a newer shape a known name may mean something else, so nothing is guessed.
        match reader.number(REVISION)? {
            Some(revision) if revision <= CURRENT_REVISION => Ok(reader),
            Some(_) => Err(StoreError::Corrupt("an item has a newer revision")),
            None => Err(StoreError::Corrupt("an item has no revision")),
        }
    }

    /// Starts reading a map within an item; maps have no revision of their own.
    pub(super) fn map(members: Item) -> Self {
        Self(members.into_iter().collect())
    }

    fn get(&self, name: &str) -> Option<&AttributeValue> {
        self.0.iter().find(|(other, _)| other == name).map(|(_, value)| value)
    }

    /// Takes an attribute out instead of copying it, since the text of a message may be long.
    fn take(&mut self, name: &str) -> Option<AttributeValue> {
        let index = self.0.iter().position(|(other, _)| other == name)?;
        Some(self.0.swap_remove(index).1)
    }

    pub(super) fn text(&mut self, name: &str) -> Result<Option<String>, StoreError> {
        match self.take(name) {
            None => Ok(None),
            Some(AttributeValue::S(value)) => Ok(Some(value)),
            Some(_) => Err(StoreError::Corrupt("an attribute is not a string")),
        }
    }

    pub(super) fn number(&self, name: &str) -> Result<Option<u64>, StoreError> {
        match self.get(name) {
            None => Ok(None),
            Some(AttributeValue::N(value)) => {
                value.parse().map(Some).map_err(|_| StoreError::Corrupt("an attribute is not a whole number"))
            }
            Some(_) => Err(StoreError::Corrupt("an attribute is not a number")),
        }
    }

    /// Reads a set of strings; returns an empty set if the attribute is missing.
    pub(super) fn texts(&mut self, name: &str) -> Result<BTreeSet<String>, StoreError> {
        match self.take(name) {
            // DynamoDB has no empty sets.
            None => Ok(BTreeSet::new()),
            Some(AttributeValue::Ss(values)) => Ok(values.into_iter().collect()),
            Some(_) => Err(StoreError::Corrupt("an attribute is not a set of strings")),
        }
    }

    pub(super) fn time(&self, name: &str) -> Result<Option<Timestamp>, StoreError> {
        Ok(self.number(name)?.map(Timestamp::from_millis))
    }

    pub(super) fn uuid(&self, name: &str) -> Result<Option<Uuid>, StoreError> {
        match self.get(name) {
            None => Ok(None),
            Some(AttributeValue::B(value)) => Uuid::from_slice(value.as_ref())
                .map(Some)
                .map_err(|_| StoreError::Corrupt("an attribute is not a UUID")),
            Some(_) => Err(StoreError::Corrupt("an attribute is not binary")),
        }
    }
}
