//! One value of a secret that is a JSON object.

use secrecy::{ExposeSecret, SecretString};
use serde_json::{Map, Value};

use super::SecretError;
use crate::domain::SecretRef;

/// Returns the part of the secret's text that the reference names: all of it, or the value of one key. Numbers and
/// booleans are returned as their JSON text.
///
/// # Errors
/// [`SecretError::NotFound`] if the key does not exist, [`SecretError::Unusable`] if the text is not a JSON object or
/// the value is not a scalar.
pub(super) fn pick(reference: &SecretRef, text: SecretString) -> Result<SecretString, SecretError> {
    let SecretRef::Secret { key: Some(key), .. } = reference else { return Ok(text) };
    let unusable = |why| SecretError::Unusable { reference: reference.clone(), why };
    let members: Map<String, Value> =
        serde_json::from_str(text.expose_secret()).map_err(|_error| unusable("it is not a JSON object"))?;
    match members.get(key) {
        Some(Value::String(value)) => Ok(value.as_str().into()),
        Some(value @ (Value::Number(_) | Value::Bool(_))) => Ok(value.to_string().into()),
        Some(Value::Null | Value::Array(_) | Value::Object(_)) => {
            Err(unusable("the key's value is not a string, a number or a boolean"))
        }
        None => Err(SecretError::NotFound { reference: reference.clone() }),
    }
}
