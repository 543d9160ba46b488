//! Arguments as the typed parameters of a statement.

use serde::Serialize;
use serde_json::{Number, Value};

use crate::actions::ActionError;

/// A parameter of a statement (RDS Data API Reference, `SqlParameter`).
#[derive(Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct SqlParameter {
    name: String,
    value: Field,
    #[serde(skip_serializing_if = "Option::is_none")]
    type_hint: Option<&'static str>,
}

/// The value of a parameter (same reference, "Field").
#[derive(Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
enum Field {
    IsNull(bool),
    BooleanValue(bool),
    LongValue(i64),
    DoubleValue(f64),
    StringValue(String),
}

/// Returns the parameter of this name. An argument that a call leaves out is `null`; a list or a mapping is sent as JSON.
///
/// # Errors
/// [`ActionError::Refused`] for a number that the Data API has no type for.
pub(super) fn parameter(name: &str, argument: Option<&Value>) -> Result<SqlParameter, ActionError> {
    let mut type_hint = None;
    let value = match argument {
        None | Some(Value::Null) => Field::IsNull(true),
        Some(Value::Bool(flag)) => Field::BooleanValue(*flag),
        Some(Value::String(text)) => Field::StringValue(text.clone()),
        Some(Value::Number(number)) => number_field(name, number)?,
        Some(json) => {
            type_hint = Some("JSON");
            Field::StringValue(json.to_string())
        }
    };
    Ok(SqlParameter { name: name.to_owned(), value, type_hint })
}

fn number_field(name: &str, number: &Number) -> Result<Field, ActionError> {
    if let Some(whole) = number.as_i64() {
        return Ok(Field::LongValue(whole));
    }
    // A float would round a larger whole number.
    let float = number.as_f64().filter(|_| !number.is_u64());
    float
        .map(Field::DoubleValue)
        .ok_or_else(|| ActionError::Refused(format!("the number {name} has more than 64 bits")))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn sent(argument: &Value) -> Value {
        serde_json::to_value(parameter("p", Some(argument)).unwrap()).unwrap()
    }

    #[test]
    fn every_type_of_json_has_a_field() {
        for (argument, value) in [
            (json!(null), json!({ "isNull": true })),
            (json!(false), json!({ "booleanValue": false })),
            (json!("'; drop table x; --"), json!({ "stringValue": "'; drop table x; --" })),
            (json!(i64::MIN), json!({ "longValue": i64::MIN })),
            (json!(2.5), json!({ "doubleValue": 2.5 })),
        ] {
            assert_eq!(sent(&argument), json!({ "name": "p", "value": value }));
        }
        let expected = json!({ "name": "p", "value": { "stringValue": r#"["a",1]"# }, "typeHint": "JSON" });
        assert_eq!(sent(&json!(["a", 1])), expected);
        let expected = json!({ "name": "p", "value": { "stringValue": r#"{"a":null}"# }, "typeHint": "JSON" });
        assert_eq!(sent(&json!({ "a": null })), expected);
    }

    #[test]
    fn an_argument_that_is_left_out_is_null() {
        let sent = serde_json::to_value(parameter("p", None).unwrap()).unwrap();
        assert_eq!(sent, json!({ "name": "p", "value": { "isNull": true } }));
    }

    #[test]
    fn a_whole_number_beyond_64_bits_with_a_sign_is_refused() {
        let error = parameter("p", Some(&json!(u64::MAX))).unwrap_err();
        assert_eq!(error, ActionError::Refused("the number p has more than 64 bits".to_owned()));
    }
}
