//! Schemas of arguments, and the arguments that they refuse.

use serde_json::json;

use super::super::FullSchemaChecks;
use super::*;

fn faults(schema: &Value) -> Vec<String> {
    let Err(faults) = Parameters::read(schema, &FullSchemaChecks) else { return Vec::new() };
    faults.iter().map(|fault| format!("{}: {}", fault.steps.join("."), fault.found)).collect()
}

fn ticket() -> Value {
    json!({
        "type": "object",
        "properties": {
            "id": { "type": "string", "maxLength": 4, "pattern": "^T" },
            "when": { "type": "string", "format": "date" },
            "tags": { "type": "array", "items": { "type": "string" }, "maxItems": 2 },
            "amount": { "type": "number", "minimum": 0, "default": 1.5 },
            "who": { "type": "object", "properties": { "name": { "type": "string" } } },
        },
        "required": ["id"],
    })
}

#[test]
fn objects_are_closed() {
    let parameters = Parameters::read(&ticket(), &FullSchemaChecks).unwrap();
    assert_eq!(parameters.schema()["additionalProperties"], false);
    assert_eq!(parameters.of("who").unwrap()["additionalProperties"], false);
    assert_eq!(parameters.required().collect::<Vec<_>>(), ["id"]);
    assert_eq!(parameters.names().count(), 5);
}

#[test]
fn arguments_are_checked_without_quoting_them() {
    let parameters = Parameters::read(&ticket(), &FullSchemaChecks).unwrap();
    let good = json!({ "id": "T1", "when": "2026-02-28", "tags": ["a"], "amount": 2, "who": { "name": "n" } });
    assert_eq!(parameters.check(&good), Ok(()));
    for (bad, pointer) in [
        (json!({}), ""),
        (json!({ "id": "T1", "more": 1 }), ""),
        (json!({ "id": "Tsecret" }), "/id"),
        (json!({ "id": "secret" }), "/id"),
        (json!({ "id": 1 }), "/id"),
        (json!({ "id": "T1", "when": "secret" }), "/when"),
        (json!({ "id": "T1", "when": "2026-02-30" }), "/when"),
        (json!({ "id": "T1", "tags": ["secret", 2] }), "/tags/1"),
        (json!({ "id": "T1", "tags": ["a", "b", "secret"] }), "/tags"),
        (json!({ "id": "T1", "amount": -1 }), "/amount"),
        (json!({ "id": "T1", "who": { "secret": 1 } }), "/who"),
        (json!("secret"), ""),
    ] {
        let faults = parameters.check(&bad).unwrap_err();
        assert!(faults.iter().any(|fault| fault.pointer == pointer), "{bad}: {faults:?}");
    }
    let faults = parameters.check(&json!({ "id": "T secret", "when": "secret" })).unwrap_err();
    assert!(faults.iter().all(|fault| !fault.detail.contains("secret")), "{faults:?}");
    assert_eq!(Parameters::none().check(&json!({})), Ok(()));
    assert!(Parameters::none().check(&json!({ "a": 1 })).is_err());
}

#[test]
fn a_schema_outside_the_subset_is_refused_with_its_place() {
    for (property, fault) in [
        (json!({ "type": ["string", "null"] }), "properties.p.type: no single type"),
        (json!({}), "properties.p.type: no single type"),
        (json!("string"), "properties.p: something other than a mapping"),
        (json!({ "type": "string", "anyOf": [] }), "properties.p.anyOf: a keyword that is not supported here"),
        (json!({ "type": "string", "minimum": 1 }), "properties.p.minimum: a keyword that is not supported here"),
        (json!({ "type": "array" }), "properties.p.items: nothing"),
        (json!({ "type": "string", "format": "ipv4" }), "properties.p.format: another format"),
        (json!({ "type": "string", "pattern": "(?=a)" }), "properties.p.pattern: a pattern that cannot be used"),
        (json!({ "type": "string", "pattern": "(" }), "properties.p.pattern: a pattern that cannot be used"),
        (json!({ "type": "string", "minLength": 3, "maxLength": 2 }), "properties.p.maxLength: less than minLength"),
        (json!({ "type": "string", "maxLength": -1 }), "properties.p.maxLength: something other than a whole number"),
        (json!({ "type": "string", "default": 1 }), "properties.p.default: a value that the schema refuses"),
        (json!({ "type": "string", "enum": ["a", 1] }), "properties.p.enum[1]: a value of another type"),
        (json!({ "type": "integer", "enum": [1, 2.5] }), "properties.p.enum[1]: a value of another type"),
        (json!({ "type": "boolean", "const": "true" }), "properties.p.const: a value of another type"),
        (
            json!({ "type": "string", "enum": ["a"], "default": "b" }),
            "properties.p.default: a value that the schema refuses",
        ),
        (json!({ "type": "string", "enum": [] }), "properties.p.enum: something other than a list of values"),
        (json!({ "type": "string", "x-authority": 1 }), "properties.p.x-authority: something other than true or false"),
        (
            json!({ "type": "array", "items": { "type": "string", "x-authority": false } }),
            "properties.p.items.x-authority: a mark within an argument",
        ),
        (
            json!({ "type": "object", "additionalProperties": true }),
            "properties.p.additionalProperties: something other than false",
        ),
        (json!({ "type": "object", "required": ["a"] }), "properties.p.required[0]: a name that is not a property"),
    ] {
        assert_eq!(faults(&json!({ "type": "object", "properties": { "p": property } })), [fault], "{property}");
    }
    assert_eq!(faults(&json!({ "type": "string" })), ["type: something other than object"]);
    assert_eq!(faults(&json!(true)), ["type: something other than object"]);
    let deep = (0..12).fold(json!({ "type": "string" }), |inner, _| json!({ "type": "array", "items": inner }));
    assert_eq!(faults(&json!({ "type": "object", "properties": { "p": deep } })).len(), 1);
}
