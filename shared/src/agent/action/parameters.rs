//! The arguments of an action: a JSON Schema in the subset that models, policies and this gateway all understand.

use std::sync::{Arc, OnceLock};

use jsonschema::Validator;
use serde_json::{Map, Value, json};

use super::subset::{self, SchemaFault};
use super::validator::{SchemaChecks, validator};

/// The most faults of one call's arguments that are named.
const MAX_FAULTS: usize = 5;

/// The schema of an action's arguments. Every object in it is closed.
#[derive(Clone, derive_more::Debug)]
pub struct Parameters {
    #[debug("[{} bytes]", schema.to_string().len())]
    schema: Arc<Value>,
    /// Built when it is first needed; `None` if it cannot be built, which refuses all arguments.
    #[debug(skip)]
    validator: Arc<OnceLock<Option<Validator>>>,
}

/// An argument that the schema refuses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArgumentFault {
    /// Its place in the arguments (RFC 6901).
    pub pointer: String,
    /// What is wrong. It never has the value.
    pub detail: String,
}

impl PartialEq for Parameters {
    fn eq(&self, other: &Self) -> bool {
        // The validator follows from the schema.
        self.schema == other.schema
    }
}

impl Parameters {
    /// Reads a schema. An object without `additionalProperties` is closed.
    ///
    /// # Errors
    /// Every [`SchemaFault`] of a schema outside the subset.
    pub fn read(schema: &Value, checks: &dyn SchemaChecks) -> Result<Self, Vec<SchemaFault>> {
        let mut closed = schema.clone();
        let mut faults = subset::check(&mut closed, checks);
        if faults.is_empty() && !checks.is_usable(&closed) {
            faults.push(SchemaFault::whole("a schema that cannot be used", "a JSON Schema (draft 2020-12)"));
        }
        if !faults.is_empty() {
            return Err(faults);
        }
        Ok(Self { schema: Arc::new(closed), validator: Arc::default() })
    }

    /// Returns the schema of an action without arguments.
    #[must_use]
    pub fn none() -> Self {
        Self::of_any_value(std::iter::empty())
    }

    /// Returns arguments of these names, of any value. They stand for those of a schema with faults.
    #[must_use]
    pub fn of_any_value<'a>(names: impl Iterator<Item = &'a str>) -> Self {
        let properties: Value = names.map(|name| (name.to_owned(), json!({}))).collect::<Map<_, _>>().into();
        let schema = json!({ "type": "object", "properties": properties, "additionalProperties": false });
        Self { schema: Arc::new(schema), validator: Arc::default() }
    }

    /// Returns the JSON Schema.
    #[must_use]
    pub fn schema(&self) -> &Value {
        &self.schema
    }

    /// Returns the names of the arguments.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        let properties = self.schema.get("properties").and_then(Value::as_object);
        properties.into_iter().flat_map(|properties| properties.keys().map(String::as_str))
    }

    /// Returns the schema of one argument.
    #[must_use]
    pub fn of(&self, name: &str) -> Option<&Value> {
        self.schema.get("properties")?.get(name)
    }

    /// Returns the names of the arguments that every call must have.
    pub fn required(&self) -> impl Iterator<Item = &str> {
        let required = self.schema.get("required").and_then(Value::as_array);
        required.into_iter().flatten().filter_map(Value::as_str)
    }

    /// Checks arguments.
    ///
    /// # Errors
    /// The first [`ArgumentFault`]s.
    pub fn check(&self, arguments: &Value) -> Result<(), Vec<ArgumentFault>> {
        let Some(validator) = self.validator() else {
            return Err(vec![ArgumentFault { pointer: String::new(), detail: "the schema cannot be used".to_owned() }]);
        };
        let faults: Vec<ArgumentFault> = validator
            .iter_errors(arguments)
            .take(MAX_FAULTS)
            .map(|error| ArgumentFault {
                pointer: error.instance_path().to_string(),
                detail: error.masked_with("the value").to_string(),
            })
            .collect();
        if faults.is_empty() { Ok(()) } else { Err(faults) }
    }

    /// Checks the value of one argument, whatever the others are.
    ///
    /// # Errors
    /// What is wrong, without the value.
    pub fn check_one(&self, name: &str, value: &Value, checks: &dyn SchemaChecks) -> Result<(), String> {
        self.of(name).map_or_else(
            || Err("an argument that the action does not have".to_owned()),
            |schema| checks.check_value(schema, value),
        )
    }

    fn validator(&self) -> Option<&Validator> {
        self.validator.get_or_init(|| validator(&self.schema)).as_ref()
    }
}

#[cfg(test)]
#[path = "parameters_tests.rs"]
mod tests;
