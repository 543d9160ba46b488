use serde_json::{Value, json};
use wiremock::matchers::{any, body_json, header, method, path};
use wiremock::{Mock, MockServer, ResponseTemplate};

use super::*;
use crate::aws::{AwsService, CallLimits, local_context};

/// With the characters that API Gateway's names have.
const CONNECTION: &str = "L0SM9cOFvHcCIhw=";

/// Where nothing listens.
const NOBODY: &str = "http://127.0.0.1:9";

fn poster(server: &MockServer) -> ApiGatewayPoster {
    let context = local_context(NOBODY).unwrap();
    let config = context.sdk_config_at(&format!("{}/live", server.uri()), CallLimits::QUICK);
    ApiGatewayPoster::new(aws_sdk_apigatewaymanagement::Client::new(&config))
}

fn starter(server: &MockServer) -> LambdaStarter {
    let config = local_context(&server.uri()).unwrap().sdk_config(AwsService::Lambda, CallLimits::QUICK);
    LambdaStarter::new(aws_sdk_lambda::Client::new(&config), "arn:aws:lambda:us-east-1:123456789012:function:run:live")
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
    posted.and(body_json(json!({ "a": 1 }))).respond_with(ResponseTemplate::new(200)).expect(1).mount(&server).await;
    poster(&server).post(&ConnectionId::new(CONNECTION), r#"{"a":1}"#.to_owned()).await.unwrap();
}

#[tokio::test]
async fn who_is_gone_is_told_from_what_failed() {
    for (status, code, expected) in [
        (410, "GoneException", PostError::Gone),
        (403, "ForbiddenException", PostError::Failed("ForbiddenException".to_owned())),
        (413, "PayloadTooLargeException", PostError::Failed("PayloadTooLargeException".to_owned())),
    ] {
        let server = MockServer::start().await;
        Mock::given(any()).respond_with(refusal(status, code)).expect(1).mount(&server).await;
        let error = poster(&server).post(&ConnectionId::new(CONNECTION), "{}".to_owned()).await.unwrap_err();
        assert_eq!(error, expected);
    }
    let limits = CallLimits { max_attempts: 1, ..CallLimits::QUICK };
    let config = local_context(NOBODY).unwrap().sdk_config_at(NOBODY, limits);
    let unreachable = ApiGatewayPoster::new(aws_sdk_apigatewaymanagement::Client::new(&config));
    let error = unreachable.post(&ConnectionId::new(CONNECTION), "{}".to_owned()).await.unwrap_err();
    assert_eq!(error, PostError::Failed("no answer".to_owned()));
}

#[tokio::test]
async fn a_busy_api_is_asked_again() {
    let server = MockServer::start().await;
    Mock::given(any()).respond_with(refusal(500, "InternalServerError")).up_to_n_times(1).mount(&server).await;
    Mock::given(any()).respond_with(ResponseTemplate::new(200)).expect(1).mount(&server).await;
    poster(&server).post(&ConnectionId::new(CONNECTION), "{}".to_owned()).await.unwrap();
}

#[tokio::test]
async fn an_order_is_handed_over_and_not_waited_for() {
    let server = MockServer::start().await;
    let function = "arn%3Aaws%3Alambda%3Aus-east-1%3A123456789012%3Afunction%3Arun%3Alive";
    let invoked = Mock::given(path(format!("/2015-03-31/functions/{function}/invocations")));
    let invoked = invoked.and(header("x-amz-invocation-type", "Event")).and(body_json(json!({ "order": 1 })));
    invoked.respond_with(ResponseTemplate::new(202)).expect(1).mount(&server).await;
    starter(&server).start(br#"{"order":1}"#.to_vec()).await.unwrap();
}

#[tokio::test]
async fn why_an_order_is_refused_is_told_by_its_code_alone() {
    let server = MockServer::start().await;
    Mock::given(any()).respond_with(refusal(404, "ResourceNotFoundException")).mount(&server).await;
    let order: Value = json!({});
    let error = starter(&server).start(order.to_string().into_bytes()).await.unwrap_err();
    assert_eq!(error, StartRunError("ResourceNotFoundException".to_owned()));
}
