//! The stored shape of a scope's leases: a set of texts, each the second at which a lease expires and the lease's id.
//!
//! DynamoDB adds to a set and removes from it by value, so both can be repeated, and its size is part of conditions.

use std::collections::BTreeSet;

use crate::domain::Timestamp;
use crate::store::dynamo::attributes::LEASES;
use crate::store::dynamo::item::{Item, ItemReader};
use crate::store::error::StoreError;
use crate::store::leases::Lease;

/// Digits of the second; enough until the year 2286.
const DIGITS: usize = 10;

/// Returns the element of a lease.
pub(super) fn element(lease: &Lease) -> String {
    format!("{:010}{}", lease.expires_at.seconds(), lease.id)
}

/// The leases of a scope.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct OpenSet(BTreeSet<String>);

impl OpenSet {
    pub(super) fn from_item(item: Item) -> Result<Self, StoreError> {
        let mut reader = ItemReader::new(item)?;
        reader.texts(LEASES).map(Self)
    }

    /// Returns the elements of leases that have expired.
    pub(super) fn expired(&self, now: Timestamp) -> Result<Vec<String>, StoreError> {
        let mut expired = Vec::new();
        for element in &self.0 {
            if expires_at(element)? <= now.seconds() {
                expired.push(element.clone());
            }
        }
        Ok(expired)
    }

    /// Returns when the first of the leases expires.
    pub(super) fn first_expiry(&self) -> Result<Timestamp, StoreError> {
        // The elements are sorted by their seconds.
        let first = self.0.first().map(|element| expires_at(element)).transpose()?;
        Ok(Timestamp::from_millis(first.unwrap_or_default().saturating_mul(1000)))
    }
}

fn expires_at(element: &str) -> Result<u64, StoreError> {
    let seconds = element.get(..DIGITS).and_then(|digits| digits.parse().ok());
    seconds.ok_or(StoreError::Corrupt("a lease lacks the second at which it expires"))
}

#[cfg(test)]
mod tests {
    use aws_sdk_dynamodb::types::AttributeValue;

    use super::*;
    use crate::store::dynamo::item::base_item;

    fn set(elements: &[&str]) -> OpenSet {
        let mut item = base_item("L#t#R".to_owned(), "L", 1);
        let elements = elements.iter().map(|element| (*element).to_owned()).collect();
        item.insert(LEASES.to_owned(), AttributeValue::Ss(elements));
        OpenSet::from_item(item).unwrap()
    }

    #[test]
    fn elements_sort_by_their_expiry_and_expire() {
        let element = |id: &str, second: u64| {
            element(&Lease { id: id.to_owned(), expires_at: Timestamp::from_millis(second * 1000 + 999) })
        };
        assert_eq!(element("run", 7), "0000000007run");
        let open = set(&[&element("a", 30), &element("b", 7)]);
        assert_eq!(open.first_expiry().unwrap(), Timestamp::from_millis(7000));
        assert_eq!(open.expired(Timestamp::from_millis(6999)).unwrap(), [""; 0]);
        assert_eq!(open.expired(Timestamp::from_millis(7000)).unwrap(), ["0000000007b"]);
    }

    #[test]
    fn an_element_without_a_second_is_corrupt() {
        for element in ["", "1", "00000000x7run"] {
            assert!(matches!(set(&[element]).first_expiry(), Err(StoreError::Corrupt(_))), "{element}");
        }
    }
}
