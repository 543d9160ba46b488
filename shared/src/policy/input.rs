//! Arguments as Cedar's values, typed by the action's schema.
//!
//! Built value by value and never through Cedar's JSON, where a member `__entity` would be more than a member.

use cedar_policy::RestrictedExpression;
use serde_json::{Map, Value};

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
        ("integer", Value::Number(number)) => RestrictedExpression::new_long(number.as_i64().ok_or(Unjudgeable)?),
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

/// Spells a number as Cedar's decimals are: with one to four digits behind the point.
fn decimal(number: &str) -> Result<String, Unjudgeable> {
    let (whole, fraction) = number.split_once('.').unwrap_or((number, "0"));
    let is_digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let digits = whole.strip_prefix('-').unwrap_or(whole);
    // Without an exponent, and within what 64 bits hold with four digits behind the point.
    if !is_digits(digits) || !is_digits(fraction) || fraction.len() > 4 || digits.len() > 14 {
        return Err(Unjudgeable);
    }
    Ok(format!("{whole}.{fraction}"))
}
