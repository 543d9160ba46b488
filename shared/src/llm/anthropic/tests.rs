use wiremock::matchers::{header, method, path, query_param, query_param_is_missing};
use wiremock::{Mock, MockServer, ResponseTemplate};

use super::*;
use crate::llm::fold;
use crate::llm::test_support::*;

fn client(base_url: &str) -> AnthropicClient {
    let context = context(RotatingSecrets::new(&["the-key"]));
    AnthropicClient::new(&context, &settings(base_url), ModelId::new("claude-sonnet-4-5")).unwrap()
}

#[tokio::test]
async fn generate_equals_the_folded_stream() {
    let server = MockServer::start().await;
    let request_mock = || {
        Mock::given(method("POST"))
            .and(path("/v1/messages"))
            .and(header("x-api-key", "the-key"))
            .and(header("anthropic-version", "2023-06-01"))
    };
    request_mock()
        .and(header("accept", "text/event-stream"))
        .respond_with(ResponseTemplate::new(200).set_body_string(include_str!("golden/tools.sse")))
        .mount(&server)
        .await;
    request_mock()
        .and(header("accept", "application/json"))
        .respond_with(ResponseTemplate::new(200).set_body_string(include_str!("golden/tools.response.json")))
        .mount(&server)
        .await;
    let client = client(&server.uri());
    let whole = client.generate(tools_prompt(), None, max_tokens(64)).await.unwrap();
    let stream = client.stream(&request(tools_prompt(), None, 64)).await.unwrap();
    assert_eq!(fold(stream, client.get_metadata().model.clone()).await.unwrap(), whole);
}

#[tokio::test]
async fn tokens_are_counted_of_all_that_the_model_reads() {
    let server = MockServer::start().await;
    Mock::given(method("POST"))
        .and(path("/v1/messages/count_tokens"))
        .and(header("x-api-key", "the-key"))
        .respond_with(ResponseTemplate::new(200).set_body_string(r#"{"input_tokens":403}"#))
        .mount(&server)
        .await;
    assert_eq!(client(&server.uri()).count_tokens(&tools_prompt()).await.unwrap(), Some(403));
    let counted: serde_json::Value = server.received_requests().await.unwrap()[0].body_json().unwrap();
    let mut sent = serde_json::to_value(convert::to_wire(
        &ModelId::new("claude-sonnet-4-5"),
        &request(tools_prompt(), temperature(0.5), 64),
        false,
    ))
    .unwrap();
    for only_of_a_generation in ["max_tokens", "temperature", "stream"] {
        sent.as_object_mut().unwrap().remove(only_of_a_generation).unwrap();
    }
    assert_eq!(counted, sent);
}

#[tokio::test]
async fn models_are_listed_page_by_page() {
    let server = MockServer::start().await;
    let first = r#"{"data":[{"type":"model","id":"claude-opus-4-1","display_name":"Claude Opus 4.1"}],"has_more":true,"last_id":"claude-opus-4-1"}"#;
    let last = r#"{"data":[{"type":"model","id":"claude-x"}],"has_more":false,"last_id":"claude-x"}"#;
    let listed = || Mock::given(method("GET")).and(path("/v1/models")).and(query_param("limit", "1000"));
    listed()
        .and(query_param_is_missing("after_id"))
        .respond_with(ResponseTemplate::new(200).set_body_string(first))
        .mount(&server)
        .await;
    listed()
        .and(query_param("after_id", "claude-opus-4-1"))
        .respond_with(ResponseTemplate::new(200).set_body_string(last))
        .mount(&server)
        .await;
    let models = client(&server.uri()).list_models().await.unwrap();
    let ids: Vec<_> = models.iter().map(|model| model.id.as_str()).collect();
    assert_eq!(ids, ["claude-opus-4-1", "claude-x"]);
    assert_eq!(models[0].name.as_deref(), Some("Claude Opus 4.1"));
    assert_eq!(models[0].context_tokens, Some(200_000));
}

#[tokio::test]
async fn an_endless_list_of_models_is_malformed() {
    let server = MockServer::start().await;
    let page = r#"{"data":[],"has_more":true,"last_id":"again"}"#;
    Mock::given(path("/v1/models")).respond_with(ResponseTemplate::new(200).set_body_string(page)).mount(&server).await;
    assert!(matches!(client(&server.uri()).list_models().await, Err(LlmError::Malformed(_))));
}
