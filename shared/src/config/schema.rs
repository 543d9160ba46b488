//! The JSON Schema of `openclaw.yaml`, generated from the types, and the search for all structural faults with it.
//!
//! `serde` stops at the first fault, so a file that it refuses is held against the schema; files without faults never
//! pay for that.

use jsonschema::error::{TypeKind, ValidationErrorKind};
use jsonschema::{ValidationError, Validator};
use serde_json::{Map, Value};

use super::faults::Faults;
use super::file::ConfigFile;

/// The schema, as it is committed.
#[must_use]
pub fn json_schema() -> Value {
    let mut schema = schemars::schema_for!(ConfigFile).to_value();
    simplify(&mut schema);
    schema
}

/// Takes out what only says that a key may be left out (`null` alternatives), and turns lists of constants into enums:
/// both would hide the fault that people want to see.
fn simplify(schema: &mut Value) {
    match schema {
        Value::Object(map) => {
            map.values_mut().for_each(simplify);
            drop_null_alternative(map);
            constants_to_enum(map);
        }
        Value::Array(items) => items.iter_mut().for_each(simplify),
        _ => {}
    }
}

fn drop_null_alternative(map: &mut Map<String, Value>) {
    if let Some(Value::Array(types)) = map.get_mut("type") {
        types.retain(|kind| kind != "null");
        if let [only] = types.as_slice() {
            let only = only.clone();
            map.insert("type".to_owned(), only);
        }
    }
    let Some(Value::Array(alternatives)) = map.get_mut("anyOf") else { return };
    alternatives.retain(|one| one.get("type").is_none_or(|kind| kind != "null"));
    if let [Value::Object(only)] = alternatives.as_mut_slice() {
        let only = std::mem::take(only);
        map.remove("anyOf");
        for (key, value) in only {
            map.entry(key).or_insert(value);
        }
    }
}

fn constants_to_enum(map: &mut Map<String, Value>) {
    let Some(Value::Array(alternatives)) = map.get("oneOf") else { return };
    let constants: Option<Vec<Value>> = alternatives.iter().map(|one| one.get("const").cloned()).collect();
    if let Some(constants) = constants {
        map.remove("oneOf");
        map.insert("enum".to_owned(), Value::Array(constants));
    }
}

/// Finds every structural fault, and takes the faulty parts out of the document so that the rest can be read.
pub(super) fn find_faults(document: &mut Value, faults: &mut Faults) {
    let schema = json_schema();
    let Ok(validator) = jsonschema::validator_for(&schema) else {
        faults.add("", "a schema that cannot be used", "this is a bug of the gateway");
        return;
    };
    // A part taken out can uncover nothing new below itself, so a few rounds always end.
    for _ in 0..4 {
        let pointers = round(&validator, &schema, document, faults);
        if pointers.is_empty() {
            return;
        }
        for pointer in &pointers {
            remove(document, pointer);
        }
    }
}

fn round(validator: &Validator, schema: &Value, document: &Value, faults: &mut Faults) -> Vec<String> {
    let mut pointers = Vec::new();
    for error in validator.iter_errors(document) {
        let at = error.instance_path().to_string();
        match error.kind() {
            ValidationErrorKind::AdditionalProperties { unexpected } => {
                let allowed = format!("one of {}", known_keys(schema, &error).join(", "));
                for key in unexpected {
                    let pointer = format!("{at}/{}", escape(key));
                    faults.add(dotted(&pointer), "an unknown key", allowed.clone());
                    pointers.push(pointer);
                }
            }
            ValidationErrorKind::Required { property } => {
                let key = property.as_str().unwrap_or_default();
                faults.add(dotted(&format!("{at}/{}", escape(key))), "nothing", "a value, it is required");
                pointers.push(at);
            }
            kind => {
                faults.add(dotted(&at), found(&error), allowed(kind));
                pointers.push(at);
            }
        }
    }
    pointers
}

fn known_keys(schema: &Value, error: &ValidationError<'_>) -> Vec<String> {
    let location = error.schema_path().to_string();
    let parent = location.rsplit_once('/').map_or("", |(parent, _)| parent);
    // The path of an evaluation runs through `$ref`s; follow it step by step.
    let mut here = Some(schema);
    for step in parent.split('/').skip(1) {
        here = here.and_then(|node| follow(schema, node)).and_then(|node| {
            if step == "$ref" {
                Some(node)
            } else {
                node.get(unescape(step)).or_else(|| node.get(step.parse::<usize>().ok()?))
            }
        });
    }
    let properties =
        here.and_then(|node| follow(schema, node)).and_then(|node| node.get("properties")).and_then(Value::as_object);
    properties.map(|map| map.keys().cloned().collect()).unwrap_or_default()
}

fn follow<'a>(schema: &'a Value, node: &'a Value) -> Option<&'a Value> {
    match node.get("$ref").and_then(Value::as_str) {
        Some(reference) => schema.pointer(reference.strip_prefix('#')?),
        None => Some(node),
    }
}

fn allowed(kind: &ValidationErrorKind) -> String {
    match kind {
        ValidationErrorKind::Type { kind: TypeKind::Single(one) } => format!("a value of type {one}"),
        ValidationErrorKind::Type { kind: TypeKind::Multiple(many) } => {
            let names: Vec<String> = many.iter().map(|one| one.to_string()).collect();
            format!("a value of type {}", names.join(" or "))
        }
        ValidationErrorKind::Enum { options } => {
            let options: Vec<String> = options.as_array().into_iter().flatten().map(plain).collect();
            options.join(", ")
        }
        ValidationErrorKind::Minimum { limit } => format!("{limit} or more"),
        ValidationErrorKind::Maximum { limit } => format!("{limit} or less"),
        ValidationErrorKind::Pattern { pattern } => format!("text that matches {pattern}"),
        other => format!("what the schema's {} says", other.keyword()),
    }
}

fn found(error: &ValidationError<'_>) -> String {
    if super::is_sensitive(&dotted(error.instance_path().as_str())) {
        return "a value of another kind".to_owned();
    }
    describe(error.instance())
}

/// A value as a fault shows it: scalars as they are, shortened; the rest by kind.
pub(super) fn describe(value: &Value) -> String {
    match value {
        Value::Null => "nothing".to_owned(),
        Value::Bool(_) | Value::Number(_) => value.to_string(),
        Value::String(text) => format!("\"{}\"", text.chars().take(60).collect::<String>()),
        Value::Array(_) => "a list".to_owned(),
        Value::Object(_) => "a mapping".to_owned(),
    }
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// `/agents/1/llm` as people write it: `agents[1].llm`.
pub(super) fn dotted(pointer: &str) -> String {
    let mut path = String::new();
    for step in pointer.split('/').skip(1).map(unescape) {
        if step.bytes().all(|byte| byte.is_ascii_digit()) && !step.is_empty() {
            path.extend(["[", &step, "]"]);
        } else {
            if !path.is_empty() {
                path.push('.');
            }
            path.push_str(&step);
        }
    }
    path
}

fn escape(step: &str) -> String {
    step.replace('~', "~0").replace('/', "~1")
}

fn unescape(step: &str) -> String {
    step.replace("~1", "/").replace("~0", "~")
}

fn remove(document: &mut Value, pointer: &str) {
    let Some((parent, last)) = pointer.rsplit_once('/') else {
        *document = Value::Object(Map::new());
        return;
    };
    match document.pointer_mut(parent) {
        Some(Value::Object(map)) => drop(map.remove(&unescape(last))),
        // Indices must not move, so that later faults name the right entry.
        Some(Value::Array(items)) => {
            if let Some(item) = last.parse::<usize>().ok().and_then(|index| items.get_mut(index)) {
                *item = Value::Object(Map::new());
            }
        }
        _ => {}
    }
}
