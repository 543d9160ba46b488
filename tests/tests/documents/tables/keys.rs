//! The table of the configuration's keys, made from its JSON Schema.

use serde_json::{Map, Value};

use super::{markdown, split_default};

/// Keys whose section is described under another key.
const DESCRIBED_ELSEWHERE: [&str; 2] = ["agent", "agents[].llm"];
/// Keys that stand for all four providers.
const PROVIDERS: (&str, &str) = ("providers.bedrock", "providers.<name>");

/// Returns the table: a row for each key that holds a value.
pub(crate) fn table(schema: &Value) -> String {
    let mut rows = Vec::new();
    add_properties(&mut rows, schema, schema, "");
    markdown(["key", "value", "default", "meaning"], rows)
}

fn add_properties(rows: &mut Vec<[String; 4]>, schema: &Value, section: &Value, prefix: &str) {
    let none = Map::new();
    for (name, property) in section["properties"].as_object().unwrap_or(&none) {
        add(rows, schema, property, &format!("{prefix}{name}"));
    }
}

fn add(rows: &mut Vec<[String; 4]>, schema: &Value, property: &Value, path: &str) {
    if path.starts_with("providers.") && !path.starts_with("providers.<name>") && path != PROVIDERS.0 {
        return;
    }
    let path = if path == PROVIDERS.0 { PROVIDERS.1 } else { path };
    let resolved = resolve(schema, property);
    if !DESCRIBED_ELSEWHERE.contains(&path) {
        if resolved["properties"].is_object() {
            return add_properties(rows, schema, resolved, &format!("{path}."));
        }
        let items = resolve(schema, &resolved["items"]);
        if items["properties"].is_object() {
            rows.push(row(schema, property, path));
            return add_properties(rows, schema, items, &format!("{path}[]."));
        }
        let named = resolve(schema, &resolved["additionalProperties"]);
        if named["properties"].is_object() {
            rows.push(row(schema, property, path));
            return add_properties(rows, schema, named, &format!("{path}.<id>."));
        }
    }
    rows.push(row(schema, property, path));
}

fn row(schema: &Value, property: &Value, path: &str) -> [String; 4] {
    let description = property["description"].as_str().unwrap_or_default().replace('\n', " ");
    let (meaning, default) = split_default(&description);
    [format!("`{path}`"), value_of(schema, property), default, meaning]
}

/// Returns what a key holds: its type and range, or the values that it may have.
fn value_of(schema: &Value, property: &Value) -> String {
    let resolved = resolve(schema, property);
    if let Some(values) = resolved["enum"].as_array() {
        return values
            .iter()
            .filter_map(Value::as_str)
            .map(|value| format!("`{value}`"))
            .collect::<Vec<_>>()
            .join(", ");
    }
    match resolved["type"].as_str() {
        Some("boolean") => "`true`, `false`".to_owned(),
        Some("integer" | "number") => range(resolved),
        Some("string") => "text".to_owned(),
        Some("array") => format!("list of {}", value_of(schema, &resolved["items"])),
        Some("object") if resolved["additionalProperties"].get("type").is_some() => "mapping of text".to_owned(),
        _ => "sections".to_owned(),
    }
}

fn range(number: &Value) -> String {
    let bound = |name: &str| number[name].as_f64().map(|bound| bound.to_string());
    match (bound("minimum"), bound("maximum")) {
        (Some(least), Some(most)) => format!("{least} to {most}"),
        (Some(least), None) => format!("from {least}"),
        _ => "number".to_owned(),
    }
}

/// Returns the definition that a property refers to, or the property itself.
fn resolve<'a>(schema: &'a Value, property: &'a Value) -> &'a Value {
    let reference = property["$ref"].as_str().and_then(|reference| reference.strip_prefix('#'));
    reference.and_then(|pointer| schema.pointer(pointer)).unwrap_or(property)
}
