//! Attribute values.

use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::AttributeValue;
use uuid::Uuid;

pub(super) fn text(value: impl Into<String>) -> AttributeValue {
    AttributeValue::S(value.into())
}

pub(super) fn number(value: u64) -> AttributeValue {
    AttributeValue::N(value.to_string())
}

pub(super) fn uuid(value: Uuid) -> AttributeValue {
    // 16 bytes, where text would take 36.
    AttributeValue::B(Blob::new(value.into_bytes()))
}
