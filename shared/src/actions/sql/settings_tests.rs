use serde_json::json;

use super::*;
use crate::testing::OneAction;

const CLUSTER: &str = "arn:aws:rds:eu-central-1:123456789012:cluster:orders";
const SECRET: &str = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:orders-AbCdEf";

/// Returns the paths of the faults of good keys of which some are replaced; `null` removes one.
fn faults(changes: &Value) -> Vec<String> {
    action(changes).faults().into_iter().map(|fault| fault.path).collect()
}

fn action(changes: &Value) -> OneAction {
    let mut section = json!({
        "type": "sql", "cluster": CLUSTER, "secret": SECRET, "database": "shop",
        "statement": "select total from orders where id = :id",
        "parameters": { "type": "object", "properties": { "id": { "type": "string" } }, "required": ["id"] },
    });
    for (key, value) in changes.as_object().unwrap() {
        section[key] = value.clone();
    }
    section.as_object_mut().unwrap().retain(|_, value| !value.is_null());
    OneAction::new(&section)
}

#[test]
fn good_keys_have_no_faults() {
    for changes in [
        json!({}),
        json!({ "effect": "read", "engine": "postgresql", "read_only_user": true }),
        json!({ "engine": "mysql", "read_only_user": true }),
        json!({ "cluster": "arn:aws-cn:rds:cn-north-1:123456789012:cluster:orders" }),
        json!({ "statement": "with a as (select 1) select * from a" }),
    ] {
        assert_eq!(faults(&changes), [""; 0], "{changes}");
    }
}

#[test]
fn a_parameter_without_arguments_is_named() {
    let found = action(&json!({ "parameters": null })).faults();
    let found: Vec<_> = found.iter().map(|fault| (&*fault.found, &*fault.allowed)).collect();
    assert_eq!(found, [(":id", "a statement without :name, since the action has no arguments")]);
}

#[test]
fn each_fault_is_at_its_key() {
    for (changes, expected) in [
        (json!({ "cluster": null }), vec!["cluster"]),
        (json!({ "secret": null }), vec!["secret"]),
        (json!({ "database": null }), vec!["database"]),
        (json!({ "statement": null }), vec!["statement"]),
        (json!({ "engine": "oracle" }), vec!["engine"]),
        (json!({ "effect": "write" }), vec!["effect"]),
        (json!({ "cluster": "orders" }), vec!["cluster"]),
        (json!({ "cluster": CLUSTER.replace("cluster:orders", "db:orders") }), vec!["cluster"]),
        (json!({ "cluster": SECRET, "secret": CLUSTER }), vec!["cluster", "secret"]),
        (json!({ "secret": "{{ secrets['orders'] }}" }), vec!["secret"]),
        (json!({ "database": "" }), vec!["database"]),
        (json!({ "database": "d".repeat(65) }), vec!["database"]),
        (json!({ "statement": format!("select '{}'", "x".repeat(65_536)) }), vec!["statement"]),
        (json!({ "statement": "update orders set total = 0" }), vec!["statement"]),
        (json!({ "statement": "select :id, :owner" }), vec!["statement"]),
        (json!({ "engine": "mysql" }), vec!["read_only_user"]),
        (json!({ "engine": "mysql", "read_only_user": false }), vec!["read_only_user"]),
    ] {
        assert_eq!(faults(&changes), expected, "{changes}");
    }
}

#[test]
fn an_unknown_parameter_is_named_with_the_arguments() {
    let fault = action(&json!({ "statement": "select :owner" })).faults().remove(0);
    assert_eq!(
        (fault.found.as_str(), fault.allowed.as_str()),
        (":owner", ":name of one of the action's arguments: id")
    );
}

#[test]
fn cluster_and_secret_are_rights() {
    let expected = ActionRights {
        clusters: [CLUSTER.to_owned()].into(),
        database_secrets: [SECRET.to_owned()].into(),
        ..ActionRights::default()
    };
    assert_eq!(action(&json!({})).rights(), expected);
}
