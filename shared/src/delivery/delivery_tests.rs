use serde_json::{Value, json};
use wiremock::matchers::{any, body_json, header, header_regex, method, path};
use wiremock::{Mock, MockServer, ResponseTemplate};

use super::*;
use crate::aws::{AwsService, CallLimits, local_context};

/// A connection id with the special characters that API Gateway uses.
const CONNECTION: &str = "L0SM9cOFvHcCIhw=";

/// A function's ARN with an alias.
const FUNCTION: &str = "arn:aws:lambda:us-east-1:123456789012:function:run:live";

/// An address on which no server listens.
const NOBODY: &str = "http://127.0.0.1:9";

fn sender_at(url: &str, limits: CallLimits) -> ApiGatewaySender {
    let context = local_context(NOBODY).unwrap();
    ApiGatewaySender::new(context.client_at(AwsService::ApiGatewayConnections, url, limits))
}

fn sender(server: &MockServer) -> ApiGatewaySender {
    sender_at(&format!("{}/live", server.uri()), CallLimits::QUICK)
}

fn dispatcher(server: &MockServer, function: &str) -> LambdaDispatcher {
    let context = local_context(&server.uri()).unwrap();
    LambdaDispatcher::new(context.client(AwsService::Lambda, CallLimits::QUICK), function)
}

fn refusal(status: u16, code: &str) -> ResponseTemplate {
    ResponseTemplate::new(status)
        .insert_header("x-amzn-ErrorType", code)
        .set_body_json(json!({ "message": "a secret" }))
}

#[tokio::test]
async fn a_frame_is_posted_to_its_connection_below_the_stage() {
    let server = MockServer::start().await;
    let posted = Mock::given(method("POST")).and(path("/live/@connections/L0SM9cOFvHcCIhw%3D"));
    let signed = header_regex("authorization", "Credential=test/[0-9]{8}/us-east-1/execute-api/aws4_request");
    let posted = posted.and(signed).and(body_json(json!({ "a": 1 })));
    posted.respond_with(ResponseTemplate::new(200)).expect(1).mount(&server).await;
    sender(&server).send(&ConnectionId::new(CONNECTION), r#"{"a":1}"#.to_owned()).await.unwrap();
}

#[tokio::test]
async fn a_closed_connection_is_distinguished_from_a_failure() {
    for (status, code, expected) in [
        (410, "GoneException", SendError::Gone),
        (403, "ForbiddenException", SendError::Failed("status 403, ForbiddenException".to_owned())),
        (413, "PayloadTooLargeException", SendError::Failed("status 413, PayloadTooLargeException".to_owned())),
    ] {
        let server = MockServer::start().await;
        Mock::given(any()).respond_with(refusal(status, code)).expect(1).mount(&server).await;
        let error = sender(&server).send(&ConnectionId::new(CONNECTION), "{}".to_owned()).await.unwrap_err();
        assert_eq!(error, expected);
    }
    let limits = CallLimits { max_attempts: 1, ..CallLimits::QUICK };
    let error = sender_at(NOBODY, limits).send(&ConnectionId::new(CONNECTION), "{}".to_owned()).await.unwrap_err();
    assert_eq!(error, SendError::Failed("no answer".to_owned()));
}

#[tokio::test]
async fn a_busy_api_is_retried() {
    let server = MockServer::start().await;
    Mock::given(any()).respond_with(refusal(500, "InternalServerError")).up_to_n_times(1).mount(&server).await;
    Mock::given(any()).respond_with(ResponseTemplate::new(200)).expect(1).mount(&server).await;
    sender(&server).send(&ConnectionId::new(CONNECTION), "{}".to_owned()).await.unwrap();
}

#[tokio::test]
async fn a_run_is_dispatched_without_waiting_for_its_end() {
    for (function, in_path) in [
        ("run", "run"),
        ("run:live", "run%3Alive"),
        (FUNCTION, "arn%3Aaws%3Alambda%3Aus-east-1%3A123456789012%3Afunction%3Arun%3Alive"),
    ] {
        let server = MockServer::start().await;
        let invoked = Mock::given(method("POST")).and(path(format!("/2015-03-31/functions/{in_path}/invocations")));
        let invoked = invoked.and(header("x-amz-invocation-type", "Event")).and(body_json(json!({ "run": 1 })));
        invoked.respond_with(ResponseTemplate::new(202)).expect(1).mount(&server).await;
        dispatcher(&server, function).dispatch(br#"{"run":1}"#.to_vec()).await.unwrap();
    }
}

#[tokio::test]
async fn a_refused_dispatch_reports_only_its_code() {
    let server = MockServer::start().await;
    Mock::given(any()).respond_with(refusal(404, "ResourceNotFoundException")).mount(&server).await;
    let run: Value = json!({});
    let error = dispatcher(&server, FUNCTION).dispatch(run.to_string().into_bytes()).await.unwrap_err();
    assert_eq!(error, DispatchError("status 404, ResourceNotFoundException".to_owned()));
}
