//! From text and environment to one document: YAML read, `OPENCLAW__SECTION__KEY` and `LLM_*` laid over it.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::env::{Environment, LLM_API_KEY, LLM_MODEL, LLM_PROVIDER, OVERRIDE_PREFIX};
use super::faults::Faults;
use super::structure;

/// A configuration before its types are checked.
pub(super) struct Document {
    pub(super) value: Value,
    /// Which environment variable set which path.
    pub(super) overridden: BTreeMap<String, String>,
    /// `llm.provider` as the file has it, where an environment variable names another one.
    pub(super) replaced_provider: Option<String>,
}

/// Reads YAML. `null` counts as left out.
pub(super) fn read_yaml(text: &str, faults: &mut Faults) -> Value {
    if text.trim().is_empty() {
        return Value::Object(Map::new());
    }
    // YAML 1.2: `no` and `on` are text.
    let options = serde_saphyr::options! { strict_booleans: true };
    match serde_saphyr::from_str_with_options::<Value>(text, options) {
        Ok(mut value) if value.is_object() || value.is_null() => {
            drop_nulls(&mut value);
            if value.is_null() { Value::Object(Map::new()) } else { value }
        }
        Ok(_) => {
            faults.add("", "something other than a mapping", "a mapping of the sections");
            Value::Object(Map::new())
        }
        Err(error) => {
            // The parser's own text may quote the file, and with it a key.
            let place = error
                .location()
                .map_or_else(String::new, |at| format!(" at line {}, column {}", at.line(), at.column()));
            faults.add("", format!("text that is not YAML, or a key given twice{place}"), "YAML 1.2");
            Value::Object(Map::new())
        }
    }
}

fn drop_nulls(value: &mut Value) {
    match value {
        Value::Object(map) => {
            map.retain(|_, inner| !inner.is_null());
            map.values_mut().for_each(drop_nulls);
        }
        Value::Array(items) => items.iter_mut().for_each(drop_nulls),
        _ => {}
    }
}

/// Lays the environment over the file.
pub(super) fn lay_over(value: Value, environment: &Environment, faults: &mut Faults) -> Document {
    let mut document = Document { value, overridden: BTreeMap::new(), replaced_provider: None };
    let before = LlmBefore::of(&document.value);
    for (name, text) in environment.with_prefix(OVERRIDE_PREFIX) {
        let steps: Vec<String> = name.split("__").map(str::to_ascii_lowercase).collect();
        let variable = format!("{OVERRIDE_PREFIX}{name}");
        let known = depth(&document.value, &steps);
        let leads_into_no_list = steps.iter().skip(known).any(|step| step.parse::<usize>().is_ok());
        if !leads_into_no_list && set_scalar(&mut document.value, &steps, text) {
            // A section that only the variable names is the variable's too.
            for length in known + 1..=steps.len() {
                let part = steps.get(..length).unwrap_or_default();
                document.overridden.entry(dotted_steps(part)).or_insert_with(|| variable.clone());
            }
            document.overridden.insert(dotted_steps(&steps), variable);
        } else {
            faults.add(
                dotted_steps(&steps),
                format!("{variable}, which leads through a value that is no section, or into a list that is not there"),
                "a path of sections to one scalar; a number leads into a list of the file",
            );
        }
    }
    lay_llm_over(&mut document, environment);
    before.keep_apart(&mut document);
    document
}

/// `LLM_PROVIDER` and its like.
fn lay_llm_over(document: &mut Document, environment: &Environment) {
    for (variable, key) in [(LLM_PROVIDER, "provider"), (LLM_MODEL, "model"), (LLM_API_KEY, "api_key")] {
        if let Some(text) = environment.get(variable) {
            take(&mut document.value, key);
            set(&mut document.value, &["llm".to_owned(), key.to_owned()], Value::String(text.to_owned()));
            if key == "api_key" {
                displace_key(&mut document.value);
            }
            document.overridden.insert(format!("llm.{key}"), variable.to_owned());
        }
    }
}

/// Takes the file's key of the top-level provider out, so that the environment's comes in its place.
fn displace_key(value: &mut Value) {
    let Some(provider) = flat_or_nested(value, "provider") else { return };
    if let Some(Value::Object(section)) = value.pointer_mut(&format!("/providers/{provider}")) {
        section.remove("api_key");
    }
}

/// The file's model, before the environment names another provider.
struct LlmBefore {
    provider: Option<String>,
    model: Option<String>,
    api_key: Option<String>,
}

impl LlmBefore {
    fn of(file: &Value) -> Self {
        let [provider, model, api_key] = ["provider", "model", "api_key"].map(|key| flat_or_nested(file, key));
        Self { provider, model, api_key }
    }

    /// Does not carry another provider's model and key over: a key must never reach a provider that it was not meant
    /// for. The key goes home to its provider's section.
    fn keep_apart(self, document: &mut Document) {
        let now = flat_or_nested(&document.value, "provider");
        let Some(old) = self.provider.filter(|old| now.is_some_and(|now| now != *old)) else { return };
        if self.model.is_some() && flat_or_nested(&document.value, "model") == self.model {
            take(&mut document.value, "model");
        }
        if let Some(key) = self.api_key.filter(|key| flat_or_nested(&document.value, "api_key").as_ref() == Some(key)) {
            take(&mut document.value, "api_key");
            if document.value.pointer(&format!("/providers/{old}/api_key")).is_none() {
                let home = ["providers".to_owned(), old.clone(), "api_key".to_owned()];
                set(&mut document.value, &home, Value::String(key));
            }
        }
        document.replaced_provider = Some(old);
    }
}

fn flat_or_nested(value: &Value, key: &str) -> Option<String> {
    let nested = value.get("llm").and_then(|llm| llm.get(key));
    nested.or_else(|| value.get(format!("llm_{key}"))).and_then(Value::as_str).map(str::to_owned)
}

fn take(value: &mut Value, key: &str) {
    if let Value::Object(map) = value {
        map.remove(&format!("llm_{key}"));
        if let Some(Value::Object(llm)) = map.get_mut("llm") {
            llm.remove(key);
        }
    }
}

/// Sets a scalar in the form that fits there: text where text is taken, else a number or a boolean.
fn set_scalar(value: &mut Value, steps: &[String], text: &str) -> bool {
    let scalar = match serde_json::from_str::<Value>(text) {
        Ok(typed @ (Value::Bool(_) | Value::Number(_))) if is_taken(steps, &typed) => typed,
        _ => Value::String(text.to_owned()),
    };
    set(value, steps, scalar)
}

/// Whether a file that holds nothing else would take the scalar there.
fn is_taken(steps: &[String], scalar: &Value) -> bool {
    let alone = steps.iter().rev().fold(scalar.clone(), |inner, step| {
        if step.parse::<usize>().is_ok() { json!([inner]) } else { json!({ step.as_str(): inner }) }
    });
    structure::is_taken(&alone)
}

/// How many of the steps the document has.
fn depth(value: &Value, steps: &[String]) -> usize {
    let Some((first, rest)) = steps.split_first() else { return 0 };
    let inner = match value {
        Value::Object(map) => map.get(first),
        Value::Array(items) => first.parse::<usize>().ok().and_then(|index| items.get(index)),
        _ => None,
    };
    inner.map_or(0, |inner| 1 + depth(inner, rest))
}

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
