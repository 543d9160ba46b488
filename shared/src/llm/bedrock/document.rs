//! Converts between JSON values and the SDK's documents.

use aws_smithy_types::{Document, Number};
use serde_json::Value;

/// Converts a JSON value.
pub(super) fn to_document(value: &Value) -> Document {
    match value {
        Value::Null => Document::Null,
        Value::Bool(truth) => Document::Bool(*truth),
        Value::Number(number) => Document::Number(to_number(number)),
        Value::String(text) => Document::String(text.clone()),
        Value::Array(items) => Document::Array(items.iter().map(to_document).collect()),
        Value::Object(members) => {
            Document::Object(members.iter().map(|(name, member)| (name.clone(), to_document(member))).collect())
        }
    }
}

fn to_number(number: &serde_json::Number) -> Number {
    // Whole numbers stay whole, because large ones would lose digits as floats.
    match (number.as_u64(), number.as_i64()) {
        (Some(positive), _) => Number::PosInt(positive),
        (None, Some(negative)) => Number::NegInt(negative),
        (None, None) => Number::Float(number.as_f64().unwrap_or_default()),
    }
}

/// Converts a document. A number that JSON lacks becomes null.
pub(super) fn to_value(document: Document) -> Value {
    match document {
        Document::Null => Value::Null,
        Document::Bool(truth) => Value::Bool(truth),
        Document::Number(Number::PosInt(number)) => number.into(),
        Document::Number(Number::NegInt(number)) => number.into(),
        // `serde_json` makes null of NaN and of infinity.
        Document::Number(Number::Float(number)) => number.into(),
        Document::String(text) => Value::String(text),
        Document::Array(items) => items.into_iter().map(to_value).collect(),
        Document::Object(members) => members.into_iter().map(|(name, member)| (name, to_value(member))).collect(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn any_json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<u64>().prop_map(Value::from),
            prop::num::f64::NORMAL.prop_map(Value::from),
            ".*".prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 32, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                prop::collection::btree_map(".*", inner, 0..4)
                    .prop_map(|members| members.into_iter().collect::<Value>()),
            ]
        })
    }

    proptest! {
        #[test]
        fn a_value_survives_the_round_trip(value in any_json()) {
            prop_assert_eq!(to_value(to_document(&value)), value);
        }
    }

    #[test]
    fn a_number_that_json_lacks_becomes_null() {
        assert_eq!(to_value(Document::Number(Number::Float(f64::NAN))), json!(null));
    }
}
