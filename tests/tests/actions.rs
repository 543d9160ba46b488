//! Actions against the local cloud.

mod local_cloud;

use std::process::Command;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{
    AttributeDefinition, AttributeValue, BillingMode, KeySchemaElement, KeyType, ScalarAttributeType,
};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use openclaw::actions::ActionError;
use openclaw::aws::{AwsRequest, AwsService, CallLimits};
use openclaw::testing::OneAction;
use serde_json::{Value, json};
use uuid::Uuid;

fn fresh_name() -> String {
    #[expect(clippy::disallowed_methods, reason = "tests of one run must not share a name")]
    let id = Uuid::new_v4();
    format!("openclaw-test-{id}")
}

fn client() -> Client {
    Client::new(&local_cloud::context().sdk_config(AwsService::DynamoDb, CallLimits::QUICK))
}

/// Creates a table whose partition key is a text and whose sort key is a number.
#[expect(clippy::unwrap_used, reason = "a helper of tests")]
async fn table_of_orders(client: &Client) -> String {
    let name = fresh_name();
    let attribute =
        |name, kind| AttributeDefinition::builder().attribute_name(name).attribute_type(kind).build().unwrap();
    let key = |name, kind| KeySchemaElement::builder().attribute_name(name).key_type(kind).build().unwrap();
    let table = client.create_table().table_name(&name).billing_mode(BillingMode::PayPerRequest);
    let table = table.attribute_definitions(attribute("owner", ScalarAttributeType::S));
    let table = table.attribute_definitions(attribute("number", ScalarAttributeType::N));
    let table = table.key_schema(key("owner", KeyType::Hash)).key_schema(key("number", KeyType::Range));
    table.send().await.unwrap();
    for number in 1..=3 {
        let item = client.put_item().table_name(&name);
        let item = item.item("owner", AttributeValue::S("alice".to_owned()));
        let item = item.item("number", AttributeValue::N(number.to_string()));
        item.item("total", AttributeValue::N("12.50".to_owned())).send().await.unwrap();
    }
    name
}

fn action(table: &str, keys: Value) -> OneAction {
    let parameters = json!({ "type": "object", "properties": { "number": { "type": "integer" } } });
    let mut section = json!({ "type": "dynamodb", "table": table, "parameters": parameters });
    if let (Some(section), Value::Object(keys)) = (section.as_object_mut(), keys) {
        section.extend(keys);
    }
    OneAction::new(&section)
}

#[tokio::test]
async fn a_dynamodb_action_reads_an_item_and_a_partition() {
    let (aws, client) = (local_cloud::context(), client());
    let table = table_of_orders(&client).await;
    let get = action(&table, json!({ "key": { "owner": "{{ caller.user }}", "number": "{{ arguments.number }}" } }));
    assert_eq!(get.faults(), []);
    let order = |number: u32| json!({ "owner": "alice", "number": number, "total": 12.5 });
    assert_eq!(get.call(&aws, &json!({ "number": 2 })).await, Ok(order(2)));
    assert_eq!(get.call(&aws, &json!({ "number": 4 })).await, Ok(Value::Null));
    let query = action(&table, json!({ "operation": "query", "key": { "owner": "{{ caller.user }}" }, "limit": 2 }));
    assert_eq!(query.call(&aws, &json!({})).await, Ok(json!({ "items": [order(1), order(2)] })));
    let both = action(&table, json!({ "operation": "query", "key": { "owner": "{{ caller.user }}", "number": 3 } }));
    assert_eq!(both.call(&aws, &json!({})).await, Ok(json!({ "items": [order(3)] })));
    client.delete_table().table_name(&table).send().await.unwrap();
}

#[tokio::test]
async fn a_dynamodb_action_reports_a_missing_table_and_a_wrong_key_by_code() {
    let (aws, client) = (local_cloud::context(), client());
    let rejected = |code: &str| Err(ActionError::Rejected { code: code.to_owned(), text: None });
    let missing = action(&fresh_name(), json!({ "key": { "owner": "{{ caller.user }}" } }));
    assert_eq!(missing.call(&aws, &json!({})).await, rejected("ResourceNotFoundException"));
    let table = table_of_orders(&client).await;
    let half = action(&table, json!({ "key": { "owner": "{{ caller.user }}" } }));
    assert_eq!(half.call(&aws, &json!({})).await, rejected("ValidationException"));
    client.delete_table().table_name(&table).send().await.unwrap();
}

/// Returns the example's function as a zip.
#[expect(clippy::unwrap_used, reason = "a helper of tests")]
fn zip_of_translate() -> Vec<u8> {
    let (folder, zip) = (concat!(env!("CARGO_MANIFEST_DIR"), "/../examples/actions/translate"), fresh_name());
    let zip = std::env::temp_dir().join(zip);
    let mut python = Command::new("python3");
    let python = python.args(["-m", "zipfile", "-c"]).arg(&zip).args(["openclaw_action.py", "translate.py"]);
    assert!(python.current_dir(folder).status().unwrap().success());
    let bytes = std::fs::read(&zip).unwrap();
    std::fs::remove_file(&zip).unwrap();
    bytes
}

#[tokio::test]
async fn the_example_translates() {
    let (aws, name) = (local_cloud::context(), fresh_name());
    let client = aws.client(AwsService::Lambda, CallLimits::PATIENT);
    let function = json!({
        "FunctionName": name, "Runtime": "python3.13", "Handler": "translate.handler", "Timeout": 30,
        "Role": "arn:aws:iam::000000000000:role/none", "Code": { "ZipFile": STANDARD.encode(zip_of_translate()) },
    });
    let create = AwsRequest::post(&["2015-03-31", "functions"], function.to_string().into_bytes());
    client.send(&create).await.map(drop).unwrap();
    let parameters = json!({ "type": "object", "properties": { "text": { "type": "string" } } });
    let translate = |args: Value| {
        let args = json!({ "type": "lambda", "function": name, "args": args, "parameters": parameters });
        OneAction::new(&args)
    };
    let text = json!({ "text": "Hello, world! Thanks, Ada." });
    let output = translate(json!({ "target_lang": "es" })).call(&aws, &text).await;
    assert_eq!(output, Ok(json!({ "text": "Hola, mundo! Gracias, Ada.", "language": "es" })));
    let text_of_error =
        |text: &str| ActionError::Rejected { code: "a function error".to_owned(), text: Some(text.to_owned()) };
    let error = translate(json!({ "target_lang": "xx" })).call(&aws, &text).await;
    assert_eq!(error, Err(text_of_error("args.target_lang is not one of de, es, fr")));
    let error = translate(json!({})).call(&aws, &text).await;
    assert_eq!(error, Err(text_of_error("args.target_lang is missing")));
}
