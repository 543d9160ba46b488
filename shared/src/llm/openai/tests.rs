use wiremock::matchers::{header, method, path};
use wiremock::{Mock, MockServer, ResponseTemplate};

use super::*;
use crate::llm::fold;
use crate::llm::test_support::*;

#[tokio::test]
async fn generate_equals_the_folded_stream() {
    let server = MockServer::start().await;
    let request_mock = || {
        Mock::given(method("POST"))
            .and(path("/openai/v1/chat/completions"))
            .and(header("authorization", "Bearer the-key"))
    };
    request_mock()
        .and(header("accept", "text/event-stream"))
        .respond_with(ResponseTemplate::new(200).set_body_string(include_str!("golden/text.sse")))
        .mount(&server)
        .await;
    request_mock()
        .and(header("accept", "application/json"))
        .respond_with(ResponseTemplate::new(200).set_body_string(include_str!("golden/text.response.json")))
        .mount(&server)
        .await;
    for base in ["/openai/v1", "/openai/v1/"] {
        let settings = settings(&format!("{}{base}", server.uri()));
        let context = context(RotatingSecrets::new(&["the-key"]));
        let client = OpenAiClient::new(&context, &settings, ModelId::new("smollm2")).unwrap();
        let whole = client.generate(plain_prompt(), None, max_tokens(64)).await.unwrap();
        assert_eq!(whole.message.plain_text(), "Café über naïve.");
        let stream = client.stream(&request(plain_prompt(), None, 64)).await.unwrap();
        assert_eq!(fold(stream, client.get_metadata().model.clone()).await.unwrap(), whole);
    }
}

#[tokio::test]
async fn a_recorded_list_of_models_is_converted() {
    let server = MockServer::start().await;
    let list = ResponseTemplate::new(200).set_body_string(include_str!("golden/models.json"));
    Mock::given(method("GET")).and(path("/models")).respond_with(list).mount(&server).await;
    let context = context(RotatingSecrets::new(&["the-key"]));
    let client = OpenAiClient::new(&context, &settings(&server.uri()), ModelId::new("smollm2")).unwrap();
    let models = client.list_models().await.unwrap();
    assert_eq!(models.len(), 1);
    assert_eq!((models[0].id.as_str(), models[0].context_tokens), ("smollm2", Some(8192)));
}
