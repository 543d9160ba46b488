use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;

use super::{MessagePart, StoredHead};
use crate::store::StoreError;

fn item(attributes: &[(&str, AttributeValue)]) -> HashMap<String, AttributeValue> {
    attributes.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect()
}

fn text(value: &str) -> AttributeValue {
    AttributeValue::S(value.to_owned())
}

fn number(value: &str) -> AttributeValue {
    AttributeValue::N(value.to_owned())
}

#[test]
fn what_is_not_written_here_is_corrupt() {
    let message = [("v", number("1")), ("r", text("u")), ("c", number("1")), ("t", text("x"))];
    assert!(MessagePart::from_item(item(&message)).is_ok());
    let faults = [
        ("v", number("2")),
        ("v", text("1")),
        ("r", text("system")),
        ("r", number("1")),
        ("c", number("-1")),
        ("c", number("1.5")),
        ("t", number("1")),
        ("m", number("99999999999")),
    ];
    for fault in faults {
        let mut broken = item(&message);
        broken.insert(fault.0.to_owned(), fault.1.clone());
        assert!(matches!(MessagePart::from_item(broken), Err(StoreError::Corrupt(_))), "{fault:?}");
    }
    for (missing, _) in &message {
        let mut broken = item(&message);
        broken.remove(*missing);
        assert!(matches!(MessagePart::from_item(broken), Err(StoreError::Corrupt(_))), "without {missing}");
    }
}

#[test]
fn a_tombstone_needs_nothing_but_its_time() {
    let erased = StoredHead::from_item(item(&[("v", number("1")), ("z", number("5"))]));
    assert!(matches!(erased, Ok(StoredHead::Erased { .. })), "{erased:?}");
    let broken = StoredHead::from_item(item(&[("v", number("1")), ("PK", text("T#a#C#x"))]));
    assert!(matches!(broken, Err(StoreError::Corrupt(_))), "{broken:?}");
}
