use std::time::Duration;

use serde_json::json;
use wiremock::matchers::{any, body_json, header, method};
use wiremock::{Mock, MockServer, ResponseTemplate};

use super::*;
use crate::aws::local_context;
use crate::testing::OneAction;

fn get() -> OneAction {
    OneAction::new(&json!({
        "type": "dynamodb", "table": "tickets", "key": { "tenant": "{{ caller.tenant }}", "number": "{{ arguments.number }}" },
        "parameters": { "type": "object", "properties": { "number": { "type": "integer" } } },
    }))
}

fn query(changes: &Value) -> OneAction {
    let mut section = json!({
        "type": "dynamodb", "operation": "query", "table": "tickets", "key": { "owner": "{{ arguments.owner }}" },
        "parameters": { "type": "object", "properties": { "owner": { "type": "string" } } },
    });
    section.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
    OneAction::new(&section)
}

/// Starts a server that answers one request of this form, and no other.
async fn server(operation: &str, request: Value, answer: Value) -> MockServer {
    let server = MockServer::start().await;
    let target = header("x-amz-target", format!("DynamoDB_20120810.{operation}").as_str());
    let mock = Mock::given(method("POST")).and(target).and(body_json(request));
    mock.respond_with(ResponseTemplate::new(200).set_body_json(answer)).expect(1).mount(&server).await;
    server
}

async fn outcome(action: &OneAction, server: &MockServer, arguments: Value) -> Result<Value, ActionError> {
    action.call(&local_context(&server.uri()).unwrap(), &arguments).await
}

/// Returns the outcome of one call to a server that always answers so.
async fn answered(answer: ResponseTemplate) -> Result<Value, ActionError> {
    let server = MockServer::start().await;
    Mock::given(any()).respond_with(answer).mount(&server).await;
    outcome(&get(), &server, json!({ "number": 7 })).await
}

#[tokio::test]
async fn get_reads_one_item_consistently_by_its_whole_key() {
    let request = json!({
        "TableName": "tickets", "Key": { "tenant": { "S": "acme" }, "number": { "N": "7" } }, "ConsistentRead": true,
    });
    let item = json!({ "Item": { "number": { "N": "7" }, "title": { "S": "Broken" }, "tags": { "SS": ["a"] } } });
    let server = server("GetItem", request, item).await;
    let output = outcome(&get(), &server, json!({ "number": 7 })).await;
    assert_eq!(output, Ok(json!({ "number": 7, "title": "Broken", "tags": ["a"] })));
}

#[tokio::test]
async fn an_item_that_is_missing_is_null() {
    assert_eq!(answered(ResponseTemplate::new(200).set_body_json(json!({}))).await, Ok(Value::Null));
}

#[tokio::test]
async fn query_reads_a_partition() {
    let request = json!({
        "TableName": "tickets", "KeyConditionExpression": "#k0 = :k0", "ExpressionAttributeNames": { "#k0": "owner" },
        "ExpressionAttributeValues": { ":k0": { "S": "o' OR 1=1" } }, "Limit": 25, "ConsistentRead": true,
    });
    let answer = json!({ "Count": 2, "Items": [{ "n": { "N": "1" } }, { "n": { "N": "2" } }], "LastEvaluatedKey": { "n": { "N": "2" } } });
    let server = server("Query", request, answer).await;
    let output = outcome(&query(&json!({})), &server, json!({ "owner": "o' OR 1=1" })).await;
    assert_eq!(output, Ok(json!({ "items": [{ "n": 1 }, { "n": 2 }] })));
}

#[tokio::test]
async fn query_reads_an_index_by_both_parts_of_its_key() {
    let request = json!({
        "TableName": "tickets", "IndexName": "by-owner", "KeyConditionExpression": "#k0 = :k0 AND #k1 = :k1",
        "ExpressionAttributeNames": { "#k0": "owner", "#k1": "year" },
        "ExpressionAttributeValues": { ":k0": { "S": "ada" }, ":k1": { "N": "2024" } }, "Limit": 3, "ConsistentRead": false,
    });
    let server = server("Query", request, json!({ "Items": [] })).await;
    let changes = json!({ "index": "by-owner", "limit": 3, "key": { "owner": "{{ arguments.owner }}", "year": 2024 } });
    let output = outcome(&query(&changes), &server, json!({ "owner": "ada" })).await;
    assert_eq!(output, Ok(json!({ "items": [] })));
}

#[tokio::test]
async fn a_key_that_cannot_be_filled_in_is_not_sent() {
    let server = MockServer::start().await;
    for (action, arguments) in [
        (query(&json!({})), json!({ "owner": "" })),
        (query(&json!({})), json!({})),
        (query(&json!({ "key": { "owner": "{{ input.metadata.owner }}" } })), json!({})),
        (query(&json!({ "key": { "owner": "{{ caller.groups }}" } })), json!({})),
    ] {
        let error = outcome(&action, &server, arguments).await.unwrap_err();
        assert!(matches!(&error, ActionError::Refused(why) if why.contains("owner")), "{error}");
    }
    assert_eq!(server.received_requests().await.unwrap().len(), 0);
}

#[tokio::test]
async fn errors_are_distinguished_by_their_codes() {
    let fault = |status, code: &str| {
        let kind = format!("com.amazonaws.dynamodb.v20120810#{code}");
        ResponseTemplate::new(status).set_body_json(json!({ "__type": kind, "message": "a secret" }))
    };
    let rejected = |code: &str| ActionError::Rejected { code: code.to_owned(), text: None };
    for (status, code, expected) in [
        (400, "ProvisionedThroughputExceededException", ActionError::Throttled),
        (400, "ThrottlingException", ActionError::Throttled),
        (400, "AccessDeniedException", ActionError::Internal("its role lacks a right")),
        (400, "ResourceNotFoundException", rejected("ResourceNotFoundException")),
        (400, "ValidationException", rejected("ValidationException")),
        (500, "InternalServerError", rejected("InternalServerError")),
    ] {
        let error = answered(fault(status, code)).await.unwrap_err();
        assert_eq!(error, expected);
        assert!(!format!("{error:?} {:?}", error.for_model()).contains("secret"));
    }
    let not_json = answered(ResponseTemplate::new(200).set_body_string("{")).await;
    assert_eq!(not_json, Err(ActionError::Malformed("its form is unknown")));
    let nobody = local_context("http://127.0.0.1:9").unwrap();
    assert_eq!(get().call(&nobody, &json!({ "number": 7 })).await, Err(ActionError::Unreachable));
}

#[tokio::test]
async fn a_busy_table_is_read_again_within_the_limit_of_the_action() {
    let server = MockServer::start().await;
    let busy = ResponseTemplate::new(400).set_body_json(json!({ "__type": "ThrottlingException" }));
    Mock::given(any()).respond_with(busy).up_to_n_times(1).expect(1).mount(&server).await;
    Mock::given(any()).respond_with(ResponseTemplate::new(200).set_body_json(json!({}))).expect(1).mount(&server).await;
    assert_eq!(outcome(&get(), &server, json!({ "number": 7 })).await, Ok(Value::Null));
}

#[tokio::test]
async fn silence_ends_with_the_limit_of_the_action() {
    let server = MockServer::start().await;
    let late = ResponseTemplate::new(200).set_body_json(json!({})).set_delay(Duration::from_secs(5));
    Mock::given(any()).respond_with(late).mount(&server).await;
    let mut action = get();
    action.action.timeout = Duration::from_millis(200);
    assert_eq!(outcome(&action, &server, json!({ "number": 7 })).await, Err(ActionError::TimedOut));
}

#[test]
fn the_gateways_own_tables_are_refused() {
    let aws = local_context("http://127.0.0.1:9").unwrap();
    let arn = "arn:aws:dynamodb:eu-central-1:123456789012:table/openclaw";
    for (table, own) in [("openclaw", "openclaw"), (arn, "openclaw"), ("openclaw", arn)] {
        let mut action = query(&json!({ "table": table }));
        action.reserved_tables = [own.to_owned(), "openclaw-audit".to_owned()].into();
        let error = action.build(&aws).err().unwrap();
        assert_eq!(error.to_string(), "the action act cannot be built: its table is one of the gateway's own");
    }
    let mut action = query(&json!({ "table": "openclaw-orders" }));
    action.reserved_tables = ["openclaw".to_owned()].into();
    assert!(action.build(&aws).is_ok());
}
