use wiremock::matchers::{any, body_partial_json, path};
use wiremock::{Mock, MockServer, ResponseTemplate};

use super::*;
use crate::aws::local_context;
use crate::testing::OneAction;

const CLUSTER: &str = "arn:aws:rds:eu-central-1:123456789012:cluster:orders";
const SECRET: &str = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:orders-AbCdEf";
const STATEMENT: &str = "select * from orders where owner = :owner and total > :total";

fn action(changes: &Value) -> OneAction {
    let mut section = json!({
        "type": "sql", "cluster": CLUSTER, "secret": SECRET, "database": "shop", "statement": STATEMENT,
        "parameters": { "type": "object", "properties": {
            "owner": { "type": "string" }, "total": { "type": "number" }, "note": { "type": "string" },
        } },
    });
    section.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
    OneAction::new(&section)
}

fn good(body: Value) -> ResponseTemplate {
    ResponseTemplate::new(200).set_body_json(body)
}

fn fault(status: u16, code: &str) -> ResponseTemplate {
    ResponseTemplate::new(status)
        .insert_header("x-amzn-ErrorType", code)
        .set_body_json(json!({ "message": "column a secret does not exist" }))
}

fn rows() -> ResponseTemplate {
    good(json!({ "numberOfRecordsUpdated": 0, "formattedRecords": r#"[{"id":1,"total":"12.50"}]"# }))
}

/// Starts a database that answers the statement so.
async fn database(answer: ResponseTemplate) -> MockServer {
    let server = MockServer::start().await;
    let read_only = json!({ "sql": "SET TRANSACTION READ ONLY" });
    let set = good(json!({ "numberOfRecordsUpdated": 0, "generatedFields": [] }));
    Mock::given(path("/BeginTransaction")).respond_with(good(json!({ "transactionId": "t1" }))).mount(&server).await;
    Mock::given(path("/Execute")).and(body_partial_json(read_only)).respond_with(set).mount(&server).await;
    Mock::given(path("/Execute")).respond_with(answer).mount(&server).await;
    let end = good(json!({ "transactionStatus": "Rollback Complete" }));
    Mock::given(path("/RollbackTransaction")).respond_with(end).mount(&server).await;
    server
}

/// Returns the paths and bodies of the requests that a server has received, in order.
async fn received(server: &MockServer) -> Vec<(String, Value)> {
    let requests = server.received_requests().await.unwrap();
    requests.iter().map(|one| (one.url.path().to_owned(), serde_json::from_slice(&one.body).unwrap())).collect()
}

async fn paths(server: &MockServer) -> Vec<String> {
    received(server).await.into_iter().map(|(path, _)| path).collect()
}

async fn outcome(action: &OneAction, server: &MockServer, arguments: Value) -> Result<Value, ActionError> {
    action.call(&local_context(&server.uri()).unwrap(), &arguments).await
}

#[tokio::test]
async fn postgresql_is_asked_in_a_transaction_that_only_reads_and_is_rolled_back() {
    let server = database(rows()).await;
    let output = outcome(&action(&json!({})), &server, json!({ "owner": "ada", "total": 5, "note": "unused" })).await;
    assert_eq!(output, Ok(json!({ "rows": [{ "id": 1, "total": "12.50" }] })));
    let begin = json!({ "resourceArn": CLUSTER, "secretArn": SECRET, "database": "shop" });
    let read_only = json!({
        "resourceArn": CLUSTER, "secretArn": SECRET, "database": "shop", "sql": "SET TRANSACTION READ ONLY",
        "transactionId": "t1",
    });
    let query = json!({
        "resourceArn": CLUSTER, "secretArn": SECRET, "database": "shop", "sql": STATEMENT, "transactionId": "t1",
        "formatRecordsAs": "JSON", "parameters": [
            { "name": "owner", "value": { "stringValue": "ada" } }, { "name": "total", "value": { "longValue": 5 } },
        ],
    });
    let end = json!({ "resourceArn": CLUSTER, "secretArn": SECRET, "transactionId": "t1" });
    let expected =
        [("/BeginTransaction", begin), ("/Execute", read_only), ("/Execute", query), ("/RollbackTransaction", end)];
    assert_eq!(received(&server).await, expected.map(|(path, body)| (path.to_owned(), body)));
    let request = &server.received_requests().await.unwrap()[0];
    assert_eq!(request.headers["content-type"], "application/json");
    assert!(request.headers["authorization"].to_str().unwrap().contains("/us-east-1/rds-data/aws4_request"));
}

#[tokio::test]
async fn mysql_is_asked_once() {
    let server = database(rows()).await;
    let mysql = action(&json!({ "engine": "mysql", "read_only_user": true }));
    let output = outcome(&mysql, &server, json!({ "owner": "ada" })).await;
    assert_eq!(output, Ok(json!({ "rows": [{ "id": 1, "total": "12.50" }] })));
    let query = json!({
        "resourceArn": CLUSTER, "secretArn": SECRET, "database": "shop", "sql": STATEMENT, "formatRecordsAs": "JSON",
        "parameters": [
            { "name": "owner", "value": { "stringValue": "ada" } }, { "name": "total", "value": { "isNull": true } },
        ],
    });
    assert_eq!(received(&server).await, [("/Execute".to_owned(), query)]);
}

#[tokio::test]
async fn an_argument_never_becomes_a_part_of_the_statement() {
    let server = database(rows()).await;
    let attack = "'; drop table x; --";
    outcome(&action(&json!({})), &server, json!({ "owner": attack })).await.unwrap();
    let sent = received(&server).await;
    let statements: Vec<&Value> = sent.iter().filter_map(|(_, body)| body.get("sql")).collect();
    assert_eq!(statements, ["SET TRANSACTION READ ONLY", STATEMENT]);
    assert_eq!(sent[2].1["parameters"][0], json!({ "name": "owner", "value": { "stringValue": attack } }));
}

#[tokio::test]
async fn the_transaction_ends_after_a_fault_of_the_statement_too() {
    let rejected = |code: &str| ActionError::Rejected { code: code.to_owned(), text: None };
    for (answer, expected) in [
        (fault(400, "BadRequestException"), rejected("BadRequestException")),
        (fault(400, "DatabaseErrorException:http://internal.amazon.com/"), rejected("DatabaseErrorException")),
        (fault(403, "AccessDeniedException"), ActionError::Internal("its role lacks a right")),
        (fault(400, "ThrottlingException"), ActionError::Throttled),
        (good(json!({ "records": [] })), ActionError::Malformed("it has no rows")),
        (good(json!({ "formattedRecords": "[" })), ActionError::Malformed("its rows are not JSON")),
        (ResponseTemplate::new(200).set_body_string("x".repeat(5 << 20)), ActionError::Malformed("it is too large")),
    ] {
        let server = database(answer).await;
        let error = outcome(&action(&json!({})), &server, json!({})).await.unwrap_err();
        assert_eq!(error, expected);
        assert!(!format!("{error:?} {:?}", error.for_model()).contains("secret"));
        assert_eq!(paths(&server).await.last().unwrap(), "/RollbackTransaction");
    }
}

#[tokio::test]
async fn the_transaction_ends_within_the_limit_of_the_action() {
    let server = database(rows().set_delay(Duration::from_secs(30))).await;
    let mut slow = action(&json!({}));
    slow.action.timeout = Duration::from_secs(1);
    assert_eq!(outcome(&slow, &server, json!({})).await, Err(ActionError::TimedOut));
    assert_eq!(paths(&server).await, ["/BeginTransaction", "/Execute", "/Execute", "/RollbackTransaction"]);
}

#[tokio::test]
async fn a_statement_runs_only_once_the_transaction_reads_alone() {
    let server = MockServer::start().await;
    Mock::given(path("/BeginTransaction")).respond_with(good(json!({ "transactionId": "t1" }))).mount(&server).await;
    Mock::given(any()).respond_with(fault(400, "BadRequestException")).mount(&server).await;
    let rejected = ActionError::Rejected { code: "BadRequestException".to_owned(), text: None };
    assert_eq!(outcome(&action(&json!({})), &server, json!({})).await, Err(rejected));
    assert_eq!(paths(&server).await, ["/BeginTransaction", "/Execute", "/RollbackTransaction"]);
}

#[tokio::test]
async fn without_a_transaction_nothing_is_asked() {
    let server = MockServer::start().await;
    Mock::given(any()).respond_with(fault(404, "DatabaseNotFoundException")).mount(&server).await;
    let rejected = ActionError::Rejected { code: "DatabaseNotFoundException".to_owned(), text: None };
    assert_eq!(outcome(&action(&json!({})), &server, json!({})).await, Err(rejected));
    assert_eq!(paths(&server).await, ["/BeginTransaction"]);
}

#[tokio::test]
async fn rows_that_were_read_count_even_if_the_transaction_does_not_end() {
    let server = MockServer::start().await;
    Mock::given(path("/BeginTransaction")).respond_with(good(json!({ "transactionId": "t1" }))).mount(&server).await;
    Mock::given(path("/Execute")).respond_with(rows()).mount(&server).await;
    Mock::given(any()).respond_with(fault(404, "TransactionNotFoundException")).mount(&server).await;
    let output = outcome(&action(&json!({})), &server, json!({})).await;
    assert_eq!(output, Ok(json!({ "rows": [{ "id": 1, "total": "12.50" }] })));
}
