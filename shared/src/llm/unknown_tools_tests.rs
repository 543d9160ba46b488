//! Tool calls with names that no tool can have: of every provider whose stream is text, whole and streamed.

use std::sync::Arc;

use serde_json::{Value, json};
use wiremock::matchers::{body_partial_json, method};
use wiremock::{Mock, MockServer, ResponseTemplate};

use super::test_support::*;
use super::*;
use crate::domain::{Generation, ModelId, Prompt};

/// A client of the server at this address.
type Client = fn(&str) -> Arc<dyn LLMClient>;

fn context_and_settings(uri: &str) -> (HttpContext, ProviderSettings) {
    (context(RotatingSecrets::new(&["the-key"])), settings(uri))
}

fn openai(uri: &str) -> Arc<dyn LLMClient> {
    let (context, settings) = context_and_settings(uri);
    Arc::new(OpenAiClient::new(&context, &settings, ModelId::new("m")).unwrap())
}

fn anthropic(uri: &str) -> Arc<dyn LLMClient> {
    let (context, settings) = context_and_settings(uri);
    Arc::new(AnthropicClient::new(&context, &settings, ModelId::new("m")).unwrap())
}

fn ollama(uri: &str) -> Arc<dyn LLMClient> {
    let (context, settings) = context_and_settings(uri);
    Arc::new(OllamaClient::new(&context, &settings, ModelId::new("m"), None).unwrap())
}

const PROVIDERS: [(Client, &str, &str); 3] = [
    (openai, include_str!("openai/golden/tools.response.json"), include_str!("openai/golden/tools.sse")),
    (anthropic, include_str!("anthropic/golden/tools.response.json"), include_str!("anthropic/golden/tools.sse")),
    (ollama, include_str!("ollama/golden/tools.response.json"), include_str!("ollama/golden/tools.ndjson")),
];

fn names(generation: &Generation) -> Vec<&str> {
    generation.message.tool_calls().map(|call| call.name.as_str()).collect()
}

#[tokio::test]
async fn a_name_that_no_tool_can_have_is_replaced() {
    for (client, whole, streamed) in PROVIDERS {
        for name in [&"n".repeat(65), &"é".repeat(40), "get weather", "get.weather", "\\u0000", ""] {
            let [whole, streamed] = [whole, streamed].map(|text| text.replace("get_weather", name));
            let server = MockServer::start().await;
            let answer = |is_streamed: bool, text: String| {
                Mock::given(method("POST"))
                    .and(body_partial_json(json!({ "stream": is_streamed })))
                    .respond_with(ResponseTemplate::new(200).set_body_string(text))
            };
            answer(true, streamed).mount(&server).await;
            answer(false, whole).mount(&server).await;
            let client = client(&server.uri());
            let generation = client.generate(plain_prompt(), None, max_tokens(64)).await.unwrap();
            assert_eq!(names(&generation), ["unknown", "get_time"], "{name:?}");
            let stream = client.stream(&request(plain_prompt(), None, 64)).await.unwrap();
            let folded = fold(stream, client.get_metadata().model.clone()).await.unwrap();
            assert_eq!(folded, generation, "{name:?}");
            let Prompt { mut messages, .. } = plain_prompt();
            messages.push(generation.message);
            client.generate(Prompt { messages, ..Prompt::default() }, None, max_tokens(64)).await.unwrap();
            let sent: Value = server.received_requests().await.unwrap().last().unwrap().body_json().unwrap();
            assert!(sent.to_string().contains(r#""name":"unknown""#), "{sent}");
        }
    }
}
