//! Validating values by JSON Schema.

use jsonschema::{PatternOptions, Validator};
use serde_json::Value;

/// What checks a configuration's schemas, and the values that it gives for them.
pub trait SchemaChecks {
    /// Returns whether calls can be checked by a schema.
    fn is_usable(&self, schema: &Value) -> bool;

    /// Checks one value by a schema.
    ///
    /// # Errors
    /// The first fault, without the value.
    fn check_value(&self, schema: &Value, value: &Value) -> Result<(), String>;
}

/// Checks by the validator that calls are checked with.
#[derive(Debug, Clone, Copy, Default)]
pub struct FullSchemaChecks;

impl SchemaChecks for FullSchemaChecks {
    fn is_usable(&self, schema: &Value) -> bool {
        validator(schema).is_some()
    }

    fn check_value(&self, schema: &Value, value: &Value) -> Result<(), String> {
        let Some(validator) = validator(schema) else { return Err("the schema cannot be used".to_owned()) };
        validator.validate(value).map_err(|error| error.masked_with("the value").to_string())
    }
}

/// Checks nothing, for functions: `openclaw` has checked what they load, and a schema that cannot be used refuses every call.
/// A function that settles no calls links no validator then.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoSchemaChecks;

impl SchemaChecks for NoSchemaChecks {
    fn is_usable(&self, _: &Value) -> bool {
        true
    }

    fn check_value(&self, _: &Value, _: &Value) -> Result<(), String> {
        Ok(())
    }
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
