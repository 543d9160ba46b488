//! Validating values by JSON Schema.

use jsonschema::{PatternOptions, Validator};
use serde_json::Value;

/// Checks one value by the schema of an argument.
///
/// # Errors
/// The first fault, without the value.
pub(super) fn check_value(schema: &Value, value: &Value) -> Result<(), String> {
    let Some(validator) = validator(schema) else { return Err("the schema cannot be used".to_owned()) };
    validator.validate(value).map_err(|error| error.masked_with("the value").to_string())
}

/// Builds a validator; `None` for a schema that cannot be used.
pub(super) fn validator(schema: &Value) -> Option<Validator> {
    jsonschema::draft202012::options()
        .should_validate_formats(true)
        // Without backtracking, so that no argument makes a pattern slow.
        .with_pattern_options(PatternOptions::regex())
        .build(schema)
        .ok()
}
