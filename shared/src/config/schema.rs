//! The JSON Schema of `openclaw.yaml`, generated from the types, for editors and reviews. Functions do not link it.

use serde_json::{Map, Value};

use super::file::ConfigFile;

/// Returns the schema as it is committed. `kinds` are the schemas of the keys of actions, by the names of their kinds.
#[must_use]
pub fn json_schema(kinds: &[(&'static str, Value)]) -> Value {
    let mut schema = schemars::schema_for!(ConfigFile).to_value();
    add_kinds(&mut schema, kinds);
    simplify(&mut schema);
    schema.sort_all_objects();
    schema
}

/// Adds the keys of all kinds to those that every action has.
fn add_kinds(schema: &mut Value, kinds: &[(&'static str, Value)]) {
    for (_, kind) in kinds {
        for (name, definition) in kind.get("$defs").and_then(Value::as_object).into_iter().flatten() {
            if let Some(definitions) = schema.get_mut("$defs").and_then(Value::as_object_mut) {
                definitions.entry(name).or_insert_with(|| definition.clone());
            }
        }
    }
    let Some(action) = schema.pointer_mut("/$defs/ActionSection").and_then(Value::as_object_mut) else { return };
    action.insert("additionalProperties".to_owned(), Value::Bool(false));
    let Some(properties) = action.get_mut("properties").and_then(Value::as_object_mut) else { return };
    let names = kinds.iter().map(|(name, _)| Value::from(*name)).collect();
    if let Some(kind) = properties.get_mut("type").and_then(Value::as_object_mut) {
        kind.insert("enum".to_owned(), Value::Array(names));
    }
    for (_, kind) in kinds {
        for (key, property) in kind.get("properties").and_then(Value::as_object).into_iter().flatten() {
            properties.entry(key).or_insert_with(|| property.clone());
        }
    }
}

/// Removes `null` alternatives, which only say that a key may be left out, and turns lists of constants into enums, so that
/// an editor's message names the fault that people made.
fn simplify(schema: &mut Value) {
    match schema {
        Value::Object(map) => {
            // Inner schemas first, so that an alternative is simple before it is merged into its parent.
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
            // The parent's description is about the key, the alternative's only about its type.
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
