//! Bedrock's client against the local cloud, with a real model behind it.

mod local_cloud;

use std::sync::Arc;

use openclaw::domain::{FinishReason, GenerationRequest, Message, ModelId, Prompt, Role, Timestamp};
use openclaw::llm::bedrock::{BedrockAccess, BedrockClient, BedrockSettings};
use openclaw::llm::{LLMClient, fold};
use openclaw::secrets::{CachingSecretResolver, SecretSources};

struct Standstill;

impl openclaw::domain::Clock for Standstill {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(0)
    }
}

#[expect(clippy::unwrap_used, reason = "a helper of tests")]
fn client() -> BedrockClient {
    let resolver = Arc::new(CachingSecretResolver::new(SecretSources::default(), Arc::new(Standstill)));
    // the model is loaded with the first call
    let limit = std::time::Duration::from_mins(4);
    let settings = BedrockSettings { api_key: None, request_timeout: limit, idle_timeout: limit };
    let access = BedrockAccess::new(local_cloud::context(), resolver, settings);
    BedrockClient::new(Arc::new(access), ModelId::new("anthropic.claude-3-sonnet-20240229-v1:0")).unwrap()
}

fn prompt() -> Prompt {
    Prompt {
        system: Some("Answer in a few words.".to_owned()),
        messages: vec![
            Message::text(Role::User, "My name is Ada."),
            Message::text(Role::Assistant, "Hello Ada."),
            Message::text(Role::User, "Say hello."),
        ],
        tools: Vec::new(),
    }
}

#[tokio::test]
async fn converse_answers_with_text_and_usage() {
    let generation = client().generate(prompt(), None, 24.try_into().unwrap()).await.unwrap();
    let text = generation.message.plain_text();
    assert!(!text.trim().is_empty());
    assert!(!text.contains("[ministack mock"), "the local cloud has no model behind it");
    assert!(generation.usage.input_tokens > 0 && generation.usage.output_tokens > 0, "{:?}", generation.usage);
    assert!(matches!(generation.finish, FinishReason::EndTurn | FinishReason::MaxTokens));
}

#[tokio::test]
async fn converse_stream_folds_to_a_whole_answer() {
    let client = client();
    let request = GenerationRequest { prompt: prompt(), temperature: None, max_tokens: 24.try_into().unwrap() };
    let stream = client.stream(&request).await.unwrap();
    let generation = fold(stream, client.get_metadata().model.clone()).await.unwrap();
    let text = generation.message.plain_text();
    assert!(!text.trim().is_empty());
    assert!(!text.contains("[ministack mock"), "the local cloud has no model behind it");
}

#[tokio::test]
async fn models_are_listed() {
    let models = client().list_models().await.unwrap();
    assert!(models.iter().any(|model| model.id.as_str().starts_with("anthropic.")), "{models:?}");
}
