//! Finds what a request lacks of the metadata that a template reads.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use minijinja::value::{Enumerator, Object, Value};

use super::scope::Scope;

/// The caller's metadata, with an empty text for each key that the request lacks.
#[derive(derive_more::Debug)]
#[debug("Completed")]
struct Completed {
    given: BTreeMap<String, String>,
    /// The one key that stays undefined.
    lacking: Option<String>,
}

impl Object for Completed {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        let key = key.as_str()?;
        let text = self.given.get(key).map(String::as_str);
        text.or_else(|| (self.lacking.as_deref() != Some(key)).then_some("")).map(Value::from)
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Values(self.given.keys().map(|key| Value::from(key.as_str())).collect())
    }
}

/// Returns the place in the request's body (RFC 6901) of the metadata without which a template has no value; `None` if it
/// lacks something else. `is_undefined` evaluates the template over other values.
pub(super) fn missing_input(
    names: &BTreeSet<String>,
    scope: &Scope<'_>,
    is_undefined: impl Fn(Value) -> bool,
) -> Option<String> {
    let missing: Vec<&str> = names.iter().filter_map(|name| missing_key(name, &scope.input.metadata)).collect();
    let is_undefined_without = |lacking: Option<&str>| {
        let completed = Completed { given: scope.input.metadata.clone(), lacking: lacking.map(str::to_owned) };
        is_undefined(scope.values_with(names, || Value::from_object(completed)))
    };
    // A key may have a default, so it is the cause only if the template has a value once the request has it.
    if missing.is_empty() || is_undefined_without(None) {
        return None;
    }
    let cause = missing.iter().find(|key| is_undefined_without(Some(key))).or_else(|| missing.first())?;
    Some(if cause.is_empty() { "/metadata".to_owned() } else { format!("/metadata/{cause}") })
}

/// Returns the key that a name reads, if the metadata lack it. It is empty for a key of other characters, as in
/// `input.metadata['ticket-id']`, because names do not have it.
fn missing_key<'a>(name: &'a str, metadata: &BTreeMap<String, String>) -> Option<&'a str> {
    let rest = name.strip_prefix("input.metadata")?;
    if rest.is_empty() {
        return Some(rest);
    }
    let key = rest.strip_prefix('.')?.split('.').next()?;
    (!metadata.contains_key(key)).then_some(key)
}
