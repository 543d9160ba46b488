use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;

use super::StoredHead;
use crate::store::StoreError;

fn item(attributes: &[(&str, AttributeValue)]) -> HashMap<String, AttributeValue> {
    attributes.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect()
}

#[test]
fn a_tombstone_needs_only_its_time() {
    let erased = StoredHead::from_item(item(&[
        ("v", AttributeValue::N("1".to_owned())),
        ("z", AttributeValue::N("5".to_owned())),
    ]));
    assert!(matches!(erased, Ok(StoredHead::Erased { .. })), "{erased:?}");
    let broken = StoredHead::from_item(item(&[
        ("v", AttributeValue::N("1".to_owned())),
        ("PK", AttributeValue::S("T#a#C#x".to_owned())),
    ]));
    assert!(matches!(broken, Err(StoreError::Corrupt(_))), "{broken:?}");
}
