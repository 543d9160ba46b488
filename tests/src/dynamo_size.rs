//! The size of an item by DynamoDB's rules (Developer Guide, "DynamoDB item sizes and formats").

use serde_json::{Map, Value};

/// Returns the size of an item in DynamoDB's JSON, in bytes: the names and the values of its attributes.
#[must_use]
pub fn item_size(item: &Value) -> usize {
    item.as_object().map_or(0, attributes_size)
}

fn attributes_size(attributes: &Map<String, Value>) -> usize {
    attributes.iter().map(|(name, value)| name.len() + value_size(value)).sum()
}

/// Returns the size of one attribute value, `{"S": "…"}` and the like.
fn value_size(value: &Value) -> usize {
    let Some((kind, content)) = value.as_object().and_then(|object| object.iter().next()) else {
        return 0;
    };
    match (kind.as_str(), content) {
        ("S", Value::String(text)) => text.len(),
        ("N", Value::String(number)) => number_size(number),
        ("B", Value::String(base64)) => decoded_length(base64),
        ("BOOL" | "NULL", _) => 1,
        // A list or map costs 3 bytes, and each of its entries 1 more.
        ("L", Value::Array(entries)) => 3 + entries.iter().map(|entry| 1 + value_size(entry)).sum::<usize>(),
        ("M", Value::Object(entries)) => 3 + entries.len() + attributes_size(entries),
        ("SS", Value::Array(set)) => strings(set).map(str::len).sum(),
        ("NS", Value::Array(set)) => strings(set).map(number_size).sum(),
        ("BS", Value::Array(set)) => strings(set).map(decoded_length).sum(),
        _ => 0,
    }
}

fn strings(set: &[Value]) -> impl Iterator<Item = &str> {
    set.iter().filter_map(Value::as_str)
}

/// Returns the size of a number: a byte for two significant digits, and one more.
fn number_size(number: &str) -> usize {
    let mantissa = number.split(['e', 'E']).next().unwrap_or_default();
    let digits: String = mantissa.chars().filter(char::is_ascii_digit).collect();
    let mut significant = digits.trim_start_matches('0');
    // Zeros at the end count as an exponent, with or without a decimal point.
    significant = significant.trim_end_matches('0');
    significant.len().div_ceil(2) + 1
}

fn decoded_length(base64: &str) -> usize {
    base64.trim_end_matches('=').len() * 3 / 4
}

#[cfg(test)]
mod tests {
    use super::item_size;
    use serde_json::json;

    #[test]
    fn follows_the_developer_guide() {
        let cases = [
            (json!({}), 0),
            (json!({ "name": { "S": "four" } }), 8),
            (json!({ "name": { "S": "ü" } }), 6),
            (json!({ "n": { "N": "0" } }), 2),
            (json!({ "n": { "N": "27" } }), 3),
            (json!({ "n": { "N": "-27.50" } }), 4),
            (json!({ "n": { "N": "1700000000" } }), 3),
            (json!({ "b": { "B": "AAECAw==" } }), 5),
            (json!({ "t": { "BOOL": true }, "z": { "NULL": true } }), 4),
            (json!({ "l": { "L": [] } }), 4),
            (json!({ "l": { "L": [{ "S": "ab" }, { "N": "1" }] } }), 10),
            (json!({ "m": { "M": { "k": { "S": "v" } } } }), 7),
            (json!({ "s": { "SS": ["ab", "c"] } }), 4),
        ];
        for (item, size) in cases {
            assert_eq!(item_size(&item), size, "{item}");
        }
    }
}
