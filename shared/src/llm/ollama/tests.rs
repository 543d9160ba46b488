use wiremock::matchers::{header, header_exists, method, path};
use wiremock::{Mock, MockServer, ResponseTemplate};

use super::*;
use crate::llm::fold;
use crate::llm::test_support::*;

fn client(base_url: &str, key: bool) -> OllamaClient {
    let mut settings = settings(base_url);
    settings.api_key = settings.api_key.filter(|_| key);
    OllamaClient::new(&context(RotatingSecrets::new(&["the-key"])), &settings, ModelId::new("llama3.2"), Some(8192))
        .unwrap()
}

#[tokio::test]
async fn generate_equals_the_folded_stream() {
    let server = MockServer::start().await;
    let request_mock =
        || Mock::given(method("POST")).and(path("/api/chat")).and(header("authorization", "Bearer the-key"));
    request_mock()
        .and(header("accept", "application/x-ndjson"))
        .respond_with(ResponseTemplate::new(200).set_body_string(include_str!("golden/tools.ndjson")))
        .mount(&server)
        .await;
    request_mock()
        .and(header("accept", "application/json"))
        .respond_with(ResponseTemplate::new(200).set_body_string(include_str!("golden/tools.response.json")))
        .mount(&server)
        .await;
    let client = client(&server.uri(), true);
    let whole = client.generate(tools_prompt(), None, max_tokens(64)).await.unwrap();
    let stream = client.stream(&request(tools_prompt(), None, 64)).await.unwrap();
    assert_eq!(fold(stream, client.get_metadata().model.clone()).await.unwrap(), whole);
}

#[tokio::test]
async fn models_are_listed_without_a_key_header() {
    let server = MockServer::start().await;
    let tags = r#"{"models":[{"name":"llama3.2:latest","model":"llama3.2:latest","details":{"family":"llama"},"capabilities":["completion","tools"]}]}"#;
    Mock::given(header_exists("authorization")).respond_with(ResponseTemplate::new(400)).mount(&server).await;
    let list = ResponseTemplate::new(200).set_body_string(tags);
    Mock::given(method("GET")).and(path("/api/tags")).respond_with(list).mount(&server).await;
    let models = client(&server.uri(), false).list_models().await.unwrap();
    assert_eq!((models[0].id.as_str(), models[0].capabilities.clone()), ("llama3.2:latest", vec!["tools".to_owned()]));
}

#[tokio::test]
async fn an_unknown_model_is_rejected_without_its_free_text() {
    let server = MockServer::start().await;
    let error = ResponseTemplate::new(404).set_body_string(r#"{"error":"model \"llama3.2\" not found"}"#);
    Mock::given(path("/api/chat")).respond_with(error).mount(&server).await;
    let error = client(&server.uri(), false).generate(plain_prompt(), None, max_tokens(64)).await;
    assert!(matches!(error, Err(LlmError::Rejected { status: 404, code: None, .. })), "{error:?}");
}
