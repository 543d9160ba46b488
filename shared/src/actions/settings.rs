//! Reading the keys of a kind.

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::agent::{Parameters, TemplatedValue, check_call_name};
use crate::config::SettingFault;

/// Reads the keys of a kind that are among `keys`; others have faults of their own.
///
/// # Errors
/// The first fault, with its path within the action.
pub(super) fn read<T: DeserializeOwned>(settings: &Map<String, Value>, keys: &[&str]) -> Result<T, SettingFault> {
    let known = settings.iter().filter(|(key, _)| keys.contains(&key.as_str()));
    let known: Map<String, Value> = known.map(|(key, value)| (key.clone(), value.clone())).collect();
    serde_path_to_error::deserialize(&Value::Object(known)).map_err(|error| {
        let path = error.path().to_string();
        let text = error.into_inner().to_string();
        // The text of `serde` may quote the value before `expected`.
        let allowed = match text.rsplit_once("expected ") {
            Some((_, expected)) => expected.to_owned(),
            None if text.starts_with("missing field") => "this key".to_owned(),
            None => "another value".to_owned(),
        };
        let missing = text.strip_prefix("missing field `").and_then(|rest| rest.split('`').next());
        match missing {
            Some(name) if path == "." || path == "?" => {
                SettingFault::new(name, "nothing", "a value; the key is required")
            }
            Some(name) => SettingFault::new(format!("{path}.{name}"), "nothing", "a value; the key is required"),
            None => SettingFault::new(path, "a value of another type", allowed),
        }
    })
}

/// Parses the templates in the value of a key, and checks the names that they read.
///
/// # Errors
/// The faults, with their paths within the action.
pub(super) fn templated(
    path: &str,
    value: &Value,
    parameters: &Parameters,
) -> Result<TemplatedValue, Vec<SettingFault>> {
    let parsed = TemplatedValue::parse(value)
        .map_err(|(below, fault)| vec![SettingFault::new(format!("{path}{below}"), fault.to_string(), "a template")])?;
    let names: Vec<&str> = parameters.names().collect();
    let mut faults = Vec::new();
    for (below, template) in parsed.templates() {
        for name in template.names() {
            // A kind that passes fixed `args` to its templates names them here.
            if let Err(allowed) = check_call_name(name, names.iter().copied(), &[]) {
                faults.push(SettingFault::new(format!("{path}{below}"), format!("\"{name}\""), allowed));
            }
        }
    }
    if faults.is_empty() { Ok(parsed) } else { Err(faults) }
}
