//! The environment's overrides of the document: `OPENCLAW__SECTION__KEY` and `LLM_*`.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::env::{Environment, LLM_API_KEY, LLM_MODEL, LLM_PROVIDER, OVERRIDE_PREFIX};
use super::faults::Faults;
use super::structure;

/// A document with its overrides, before its types are checked.
pub(super) struct Document {
    pub(super) value: Value,
    /// The environment variable that set each overridden path.
    pub(super) overridden: BTreeMap<String, String>,
    /// The document's own `llm.provider` where an environment variable names another one.
    pub(super) replaced_provider: Option<String>,
}

/// Applies the environment's overrides to a document.
pub(super) fn apply(value: Value, environment: &Environment, faults: &mut Faults) -> Document {
    let mut document = Document { value, overridden: BTreeMap::new(), replaced_provider: None };
    // Read before the overrides, which may name another provider.
    let before = LlmBefore::of(&document.value);
    for (name, text) in environment.with_prefix(OVERRIDE_PREFIX) {
        let steps: Vec<String> = name.split("__").map(str::to_ascii_lowercase).collect();
        let variable = format!("{OVERRIDE_PREFIX}{name}");
        let known = depth(&document.value, &steps);
        // A number may only lead to an entry that the document has.
        let misses_entry = steps.iter().skip(known).any(|step| step.parse::<usize>().is_ok());
        if !misses_entry && set_scalar(&mut document.value, &steps, text) {
            // A section that only the variable names has its faults reported with the variable, too.
            for length in known + 1..=steps.len() {
                let part = steps.get(..length).unwrap_or_default();
                // Of several variables that add to a section, the first one has created it.
                document.overridden.entry(dotted_steps(part)).or_insert_with(|| variable.clone());
            }
            document.overridden.insert(dotted_steps(&steps), variable);
        } else {
            faults.add(
                dotted_steps(&steps),
                format!("{variable}, which leads through a value that is not a section, or to a list entry that does not exist"),
                "a path of sections to one scalar; a number selects an existing entry of a list",
            );
        }
    }
    // After the general overrides, so that `LLM_…` wins.
    apply_llm(&mut document, environment);
    before.keep_apart(&mut document);
    document
}

/// Applies `LLM_PROVIDER`, `LLM_MODEL` and `LLM_API_KEY`.
fn apply_llm(document: &mut Document, environment: &Environment) {
    for (variable, key) in [(LLM_PROVIDER, "provider"), (LLM_MODEL, "model"), (LLM_API_KEY, "api_key")] {
        if let Some(text) = environment.get(variable) {
            // Its flat form would contradict the new value.
            take(&mut document.value, key);
            set(&mut document.value, &["llm".to_owned(), key.to_owned()], Value::String(text.to_owned()));
            if key == "api_key" {
                // A key in the provider's section comes before `llm.api_key` and would hide this one.
                displace_key(&mut document.value);
            }
            document.overridden.insert(format!("llm.{key}"), variable.to_owned());
        }
    }
}

/// Removes the document's key of the top-level provider, so that the environment's key takes its place.
fn displace_key(value: &mut Value) {
    let Some(provider) = flat_or_nested(value, "provider") else { return };
    if let Some(Value::Object(section)) = value.pointer_mut(&format!("/providers/{provider}")) {
        section.remove("api_key");
    }
}

/// The document's own top-level model, before the overrides.
struct LlmBefore {
    provider: Option<String>,
    model: Option<String>,
    api_key: Option<String>,
}

impl LlmBefore {
    fn of(document: &Value) -> Self {
        let [provider, model, api_key] = ["provider", "model", "api_key"].map(|key| flat_or_nested(document, key));
        Self { provider, model, api_key }
    }

    /// Removes the document's model and key where the environment names another provider, and moves the key to its own
    /// provider's section.
    fn keep_apart(self, document: &mut Document) {
        let now = flat_or_nested(&document.value, "provider");
        let Some(old) = self.provider.filter(|old| now.is_some_and(|now| now != *old)) else { return };
        // A model that an override has set is meant for the new provider.
        if self.model.is_some() && flat_or_nested(&document.value, "model") == self.model {
            take(&mut document.value, "model");
        }
        // A key that an override has set is meant for the new provider as well.
        if let Some(key) = self.api_key.filter(|key| flat_or_nested(&document.value, "api_key").as_ref() == Some(key)) {
            // A key must never reach a provider that it was not meant for.
            take(&mut document.value, "api_key");
            // The section's own key came first before the override, so it stays.
            if document.value.pointer(&format!("/providers/{old}/api_key")).is_none() {
                let own_section = ["providers".to_owned(), old.clone(), "api_key".to_owned()];
                set(&mut document.value, &own_section, Value::String(key));
            }
        }
        document.replaced_provider = Some(old);
    }
}

/// Returns `llm.<key>`, or else its flat form `llm_<key>`.
fn flat_or_nested(value: &Value, key: &str) -> Option<String> {
    let nested = value.get("llm").and_then(|llm| llm.get(key));
    nested.or_else(|| value.get(format!("llm_{key}"))).and_then(Value::as_str).map(str::to_owned)
}

/// Removes `llm.<key>` and its flat form.
fn take(value: &mut Value, key: &str) {
    if let Value::Object(map) = value {
        map.remove(&format!("llm_{key}"));
        if let Some(Value::Object(llm)) = map.get_mut("llm") {
            llm.remove(key);
        }
    }
}

/// Sets a scalar: as a number or a boolean where the file's types accept that, else as text.
fn set_scalar(value: &mut Value, steps: &[String], text: &str) -> bool {
    let scalar = match serde_json::from_str::<Value>(text) {
        // `1234` may be a number or a text, such as a client id; the types decide.
        Ok(typed @ (Value::Bool(_) | Value::Number(_))) if is_accepted(steps, &typed) => typed,
        _ => Value::String(text.to_owned()),
    };
    set(value, steps, scalar)
}

/// Returns whether the file's types accept the scalar at this path.
fn is_accepted(steps: &[String], scalar: &Value) -> bool {
    let alone = steps.iter().rev().fold(scalar.clone(), |inner, step| {
        // The index of an entry does not matter to its type.
        if step.parse::<usize>().is_ok() { json!([inner]) } else { json!({ step.as_str(): inner }) }
    });
    structure::is_accepted(&alone)
}

/// Returns how many of the steps lead to something in the document.
fn depth(value: &Value, steps: &[String]) -> usize {
    let Some((first, rest)) = steps.split_first() else { return 0 };
    let inner = match value {
        Value::Object(map) => map.get(first),
        Value::Array(items) => first.parse::<usize>().ok().and_then(|index| items.get(index)),
        _ => None,
    };
    inner.map_or(0, |inner| 1 + depth(inner, rest))
}

/// Sets a scalar; returns whether the steps lead there through sections and entries alone.
fn set(value: &mut Value, steps: &[String], scalar: Value) -> bool {
    let Some((first, rest)) = steps.split_first() else {
        *value = scalar;
        return true;
    };
    match value {
        Value::Object(map) => {
            let inner = map.entry(first.clone()).or_insert_with(|| Value::Object(Map::new()));
            set(inner, rest, scalar)
        }
        Value::Array(items) => match first.parse::<usize>().ok().and_then(|index| items.get_mut(index)) {
            Some(inner) => set(inner, rest, scalar),
            None => false,
        },
        _ => false,
    }
}

fn dotted_steps(steps: &[String]) -> String {
    structure::dotted(&format!("/{}", steps.join("/")))
}
