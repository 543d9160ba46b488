//! The Cedar schema of a configuration's actions, for the check of policies. Functions judge without it.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Map, Value, json};

use crate::agent::{ActionDefinition, ActionEffect};
use crate::domain::ToolName;

/// The actions of a configuration.
pub type Actions = BTreeMap<ToolName, Arc<ActionDefinition>>;

/// Returns the schema in Cedar's JSON form.
#[must_use]
pub fn cedar_schema(actions: &Actions) -> Value {
    let group = |parents: &[&str]| action(parents, &call_context(&record(Map::new()), &record(Map::new())));
    let plain = || {
        action(
            &[],
            &record(Map::from_iter([attribute("now", extension("datetime")), attribute("grants", set("String"))])),
        )
    };
    let mut all = Map::from_iter([
        ("call_action".to_owned(), group(&[])),
        ("read".to_owned(), group(&["call_action"])),
        ("write".to_owned(), group(&["call_action"])),
        ("invoke_agent".to_owned(), plain()),
        ("approve_call".to_owned(), plain()),
        ("manage_grants".to_owned(), plain()),
    ]);
    for definition in actions.values() {
        let effect = match definition.effect {
            ActionEffect::Read => "read",
            ActionEffect::Write => "write",
        };
        let schema = definition.parameters.schema();
        let origins =
            definition.parameters.names().map(|name| (name.to_owned(), optional(json!({ "type": "String" }))));
        let context = call_context(&typed(schema), &record(origins.collect()));
        all.insert(definition.name.to_string(), action(&[effect], &context));
    }
    json!({
        "OpenClaw": {
            "entityTypes": {
                "User": { "memberOfTypes": ["Group", "Tenant"] }, "Group": {}, "Tenant": {}, "Agent": {},
            },
            "actions": all,
        },
    })
}

fn action(parents: &[&str], context: &Value) -> Value {
    let parents: Vec<Value> = parents.iter().map(|parent| json!({ "id": parent })).collect();
    json!({
        "memberOf": parents,
        "appliesTo": { "principalTypes": ["User"], "resourceTypes": ["Agent"], "context": context },
    })
}

fn call_context(input: &Value, origin: &Value) -> Value {
    let text = || json!({ "type": "String" });
    let flag = || json!({ "type": "Boolean" });
    let number = || json!({ "type": "Long" });
    record(Map::from_iter([
        attribute("input", input.clone()),
        attribute("origin", origin.clone()),
        attribute("authority", set("String")),
        attribute("proposed_by", text()),
        attribute("tainted", flag()),
        attribute("planned", flag()),
        attribute("data", set("String")),
        attribute("accepts", set("String")),
        attribute("called", set("String")),
        attribute("step", number()),
        attribute("now", extension("datetime")),
        attribute("grants", set("String")),
        attribute("opinion", text()),
        attribute("count", record(Map::from_iter([attribute("hour", number()), attribute("day", number())]))),
    ]))
}

/// Returns the Cedar type of a JSON Schema in the subset.
fn typed(schema: &Value) -> Value {
    match schema.get("type").and_then(Value::as_str).unwrap_or_default() {
        "integer" => json!({ "type": "Long" }),
        "number" => extension("decimal"),
        "boolean" => json!({ "type": "Boolean" }),
        "array" => json!({ "type": "Set", "element": typed(schema.get("items").unwrap_or(&Value::Null)) }),
        "object" => {
            let required: Vec<&str> = schema
                .get("required")
                .and_then(Value::as_array)
                .into_iter()
                .flatten()
                .filter_map(Value::as_str)
                .collect();
            let properties = schema.get("properties").and_then(Value::as_object);
            let attributes = properties.into_iter().flatten().map(|(name, property)| {
                let typed = typed(property);
                (name.clone(), if required.contains(&name.as_str()) { typed } else { optional(typed) })
            });
            record(attributes.collect())
        }
        _ => json!({ "type": "String" }),
    }
}

fn attribute(name: &str, kind: Value) -> (String, Value) {
    (name.to_owned(), kind)
}

fn record(attributes: Map<String, Value>) -> Value {
    let attributes = Value::Object(attributes);
    let kind = Value::from("Record");
    Value::Object(Map::from_iter([attribute("type", kind), attribute("attributes", attributes)]))
}

fn optional(mut kind: Value) -> Value {
    if let Some(kind) = kind.as_object_mut() {
        kind.insert("required".to_owned(), Value::Bool(false));
    }
    kind
}

fn set(element: &str) -> Value {
    json!({ "type": "Set", "element": { "type": element } })
}

fn extension(name: &str) -> Value {
    json!({ "type": "Extension", "name": name })
}
