use serde_json::json;

use super::*;
use crate::testing::OneAction;

/// Returns the keys of a good action with some replaced; `null` removes one.
fn section(changes: &Value) -> Value {
    let mut section = json!({
        "type": "dynamodb", "table": "orders", "key": { "id": "{{ arguments.id }}" },
        "parameters": { "type": "object", "properties": { "id": { "type": "string" } }, "required": ["id"] },
    });
    for (key, value) in changes.as_object().unwrap() {
        section[key] = value.clone();
    }
    section.as_object_mut().unwrap().retain(|_, value| !value.is_null());
    section
}

/// Returns the paths of the faults.
fn faults(changes: &Value) -> Vec<String> {
    OneAction::new(&section(changes)).faults().into_iter().map(|fault| fault.path).collect()
}

#[test]
fn good_keys_have_no_faults() {
    for changes in [
        json!({}),
        json!({ "operation": "get", "effect": "read" }),
        json!({ "table": "arn:aws:dynamodb:eu-central-1:123456789012:table/orders" }),
        json!({ "key": { "pk": "{{ caller.tenant }}", "sk": 7 } }),
        json!({ "operation": "query", "index": "by-owner", "limit": 100 }),
        json!({ "operation": "query", "limit": 1, "key": { "pk": "order#{{ arguments.id }}" } }),
    ] {
        assert_eq!(faults(&changes), [""; 0], "{changes}");
    }
}

#[test]
fn each_fault_is_at_its_key() {
    for (changes, expected) in [
        (json!({ "table": null }), vec!["table"]),
        (json!({ "key": null }), vec!["key"]),
        (json!({ "operation": "put" }), vec!["operation"]),
        (json!({ "effect": "write" }), vec!["effect"]),
        (json!({ "table": "{{ arguments.id }}" }), vec!["table"]),
        (json!({ "table": "ab" }), vec!["table"]),
        (json!({ "table": "arn:aws:dynamodb:eu-central-1:123456789012:table/orders/index/x" }), vec!["table"]),
        (json!({ "table": "openclaw" }), vec!["table"]),
        (json!({ "table": "arn:aws:dynamodb:eu-central-1:123456789012:table/openclaw-audit" }), vec!["table"]),
        (json!({ "table": "arn:aws:s3:eu-central-1:123456789012:table/orders" }), vec!["table"]),
        (json!({ "key": {} }), vec!["key"]),
        (json!({ "key": { "a": "1", "b": "2", "c": "3" } }), vec!["key"]),
        (json!({ "key": { "id": true, "sort": "" } }), vec!["key.id", "key.sort"]),
        (json!({ "key": { "id": "{{ states.find.output }}" } }), vec!["key.id"]),
        (json!({ "key": { "id": "{{ arguments.number }}" } }), vec!["key.id"]),
        (json!({ "index": "by-owner", "limit": 5 }), vec!["index", "limit"]),
        (json!({ "operation": "query", "index": "by owner", "limit": 101 }), vec!["limit", "index"]),
        (json!({ "operation": "query", "limit": 0 }), vec!["limit"]),
        (json!({ "operation": "query", "limit": "5" }), vec!["limit"]),
    ] {
        assert_eq!(faults(&changes), expected, "{changes}");
    }
}

#[test]
fn the_table_is_a_right() {
    let rights = OneAction::new(&section(&json!({}))).rights();
    assert_eq!(rights, ActionRights { tables: ["orders".to_owned()].into(), ..ActionRights::default() });
}
