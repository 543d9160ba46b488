//! Arguments as Cedar's values, typed by the action's schema.
//!
//! Built value by value and never through Cedar's JSON, where a member `__entity` would be more than a member.

use cedar_policy::RestrictedExpression;
use serde_json::{Map, Number, Value};

/// The deepest nesting of arguments.
const MAX_DEPTH: usize = 16;
/// The most values of one call's arguments.
const MAX_VALUES: usize = 10_000;

/// Arguments that cannot be judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the arguments cannot be judged")]
pub(super) struct Unjudgeable;

/// Converts arguments into a record. Members that the schema does not type are left out.
///
/// # Errors
/// [`Unjudgeable`] for numbers that Cedar cannot hold and for arguments that are too deep or too many.
pub(super) fn record(arguments: &Map<String, Value>, schema: &Value) -> Result<RestrictedExpression, Unjudgeable> {
    members(arguments, schema, &mut Budget { values: MAX_VALUES, depth: MAX_DEPTH })
}

struct Budget {
    values: usize,
    depth: usize,
}

fn members(
    arguments: &Map<String, Value>,
    schema: &Value,
    budget: &mut Budget,
) -> Result<RestrictedExpression, Unjudgeable> {
    let properties = schema.get("properties");
    let mut fields = Vec::with_capacity(arguments.len());
    for (name, value) in arguments {
        let property = properties.and_then(|properties| properties.get(name));
        if let Some(typed) = property.map(|property| typed(value, property, budget)).transpose()?.flatten() {
            fields.push((name.clone(), typed));
        }
    }
    RestrictedExpression::new_record(fields).map_err(|_error| Unjudgeable)
}

fn typed(value: &Value, schema: &Value, budget: &mut Budget) -> Result<Option<RestrictedExpression>, Unjudgeable> {
    budget.values = budget.values.checked_sub(1).ok_or(Unjudgeable)?;
    let kind = schema.get("type").and_then(Value::as_str).unwrap_or_default();
    let typed = match (kind, value) {
        ("string", Value::String(text)) => RestrictedExpression::new_string(text.clone()),
        ("boolean", Value::Bool(value)) => RestrictedExpression::new_bool(*value),
        ("integer", Value::Number(number)) => RestrictedExpression::new_long(long(number).ok_or(Unjudgeable)?),
        ("number", Value::Number(number)) => RestrictedExpression::new_decimal(decimal(&number.to_string())?),
        ("array", Value::Array(items)) => {
            let schema = schema.get("items").unwrap_or(&Value::Null);
            let set = deeper(budget, |budget| {
                items.iter().filter_map(|item| typed(item, schema, budget).transpose()).collect::<Result<Vec<_>, _>>()
            })?;
            RestrictedExpression::new_set(set)
        }
        ("object", Value::Object(fields)) => deeper(budget, |budget| members(fields, schema, budget))?,
        _ => return Ok(None),
    };
    Ok(Some(typed))
}

fn deeper<T>(budget: &mut Budget, work: impl FnOnce(&mut Budget) -> Result<T, Unjudgeable>) -> Result<T, Unjudgeable> {
    budget.depth = budget.depth.checked_sub(1).ok_or(Unjudgeable)?;
    let done = work(budget);
    budget.depth += 1;
    done
}

/// Reads a whole number of 64 bits. JSON Schema counts `5.0` among them (Validation, section 6.1.1).
fn long(number: &Number) -> Option<i64> {
    let written = || number.as_f64().filter(|number| number.fract() == 0.0).map(|number| format!("{number:.0}"));
    number.as_i64().or_else(|| written()?.parse().ok())
}

/// Spells a number as Cedar's decimals are: with one to four digits behind the point.
fn decimal(number: &str) -> Result<String, Unjudgeable> {
    let (whole, fraction) = number.split_once('.').unwrap_or((number, "0"));
    // Cedar holds the number without its point, in 64 bits. A number with an exponent cannot be read here.
    let scaled = format!("{whole}{fraction:0<4}");
    if fraction.len() > 4 || scaled.parse::<i64>().is_err() {
        return Err(Unjudgeable);
    }
    Ok(format!("{whole}.{fraction}"))
}

#[cfg(test)]
#[path = "input_tests.rs"]
mod tests;
