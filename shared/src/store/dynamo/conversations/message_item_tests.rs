use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;

use super::MessagePart;
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
fn a_message_of_another_shape_is_corrupt() {
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
