//! DynamoDB's values as plain JSON, and JSON as the values of keys.

use std::collections::HashMap;

use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::AttributeValue;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Number, Value};

use crate::actions::ActionError;

/// Returns an item as a JSON object.
pub(super) fn item_to_json(item: HashMap<String, AttributeValue>) -> Value {
    Value::Object(item.into_iter().map(|(name, value)| (name, to_json(value))).collect::<Map<_, _>>())
}

/// Returns a value as plain JSON: sets become lists, binary values base64.
fn to_json(value: AttributeValue) -> Value {
    match value {
        AttributeValue::S(text) => Value::String(text),
        AttributeValue::N(number) => number_to_json(number),
        AttributeValue::Bool(flag) => Value::Bool(flag),
        AttributeValue::B(bytes) => bytes_to_json(&bytes),
        AttributeValue::L(items) => Value::Array(items.into_iter().map(to_json).collect()),
        AttributeValue::M(members) => item_to_json(members),
        AttributeValue::Ss(texts) => Value::Array(texts.into_iter().map(Value::String).collect()),
        AttributeValue::Ns(numbers) => Value::Array(numbers.into_iter().map(number_to_json).collect()),
        AttributeValue::Bs(blobs) => Value::Array(blobs.iter().map(bytes_to_json).collect()),
        // `NULL`, and types that the API may have in future.
        _ => Value::Null,
    }
}

fn bytes_to_json(bytes: &Blob) -> Value {
    Value::String(STANDARD.encode(bytes.as_ref()))
}

/// Returns a number as JSON's. DynamoDB keeps 38 digits; a number that would lose some becomes a text.
fn number_to_json(text: String) -> Value {
    if let Ok(whole) = text.parse::<i64>() {
        return Value::from(whole);
    }
    if let Ok(whole) = text.parse::<u64>() {
        return Value::from(whole);
    }
    let number = text.parse::<f64>().ok().and_then(Number::from_f64);
    match number {
        Some(number) if is_same_number(&number.to_string(), &text) => Value::Number(number),
        _ => Value::String(text),
    }
}

/// Returns whether two decimal numbers are equal, digit by digit.
fn is_same_number(one: &str, other: &str) -> bool {
    let one = Decimal::parse(one);
    one.is_some() && one == Decimal::parse(other)
}

/// A decimal number without zeros at its ends: 0.`digits` × 10^`exponent`.
#[derive(PartialEq, Eq)]
struct Decimal {
    is_negative: bool,
    digits: String,
    exponent: i64,
}

impl Decimal {
    fn parse(text: &str) -> Option<Self> {
        let (is_negative, text) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text.strip_prefix('+').unwrap_or(text)),
        };
        let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let all = format!("{whole}{fraction}");
        if all.is_empty() || !all.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let digits = all.trim_start_matches('0');
        if digits.is_empty() {
            return Some(Self { is_negative: false, digits: String::new(), exponent: 0 });
        }
        let leading_zeros = i64::try_from(all.len() - digits.len()).ok()?;
        let point = i64::try_from(whole.len()).ok()?;
        let exponent = exponent.parse::<i64>().ok()?.checked_add(point - leading_zeros)?;
        Some(Self { is_negative, digits: digits.trim_end_matches('0').to_owned(), exponent })
    }
}

/// Returns the value of a key's attribute, by the type that it has in JSON.
///
/// # Errors
/// [`ActionError::Refused`] for what is neither a number nor a text of at least one character.
pub(super) fn key_value(name: &str, value: Value) -> Result<AttributeValue, ActionError> {
    match value {
        Value::String(text) if text.is_empty() => {
            Err(ActionError::Refused(format!("the value of the key's attribute {name} is empty")))
        }
        Value::String(text) => Ok(AttributeValue::S(text)),
        Value::Number(number) => Ok(AttributeValue::N(number.to_string())),
        _ => {
            Err(ActionError::Refused(format!("the value of the key's attribute {name} is neither a text nor a number")))
        }
    }
}

#[cfg(test)]
#[path = "convert_tests.rs"]
mod tests;
