//! What the providers list.

use std::collections::BTreeMap;
use std::sync::Arc;

use openclaw::domain::Provider;
use openclaw::llm::LLMClient;
use openclaw::testing::ScriptedModel;
use serde_json::json;

use crate::world::World;

#[tokio::test]
async fn the_models_of_the_callers_providers_are_listed() {
    let world = World::new();
    let answer = world.get("alice", "/v1/models").await;
    let model = |provider: &str| json!({"provider": provider, "id": "one", "context_tokens": 4096});
    assert_eq!((answer.status, answer.body), (200, json!({"models": [model("anthropic"), model("ollama")]})));
}

fn clients(list: [(Provider, bool); 2]) -> BTreeMap<Provider, Arc<dyn LLMClient>> {
    let client = |(provider, answers): (Provider, bool)| {
        (provider, ScriptedModel::listing(provider, answers.then(Vec::new)) as Arc<dyn LLMClient>)
    };
    list.map(client).into()
}

#[tokio::test]
async fn a_provider_that_fails_does_not_hide_the_others() {
    let mut world = World::new();
    let good = world.agents.ports.providers.remove(&Provider::Anthropic).unwrap();
    world.agents.ports.providers = clients([(Provider::Anthropic, true), (Provider::Ollama, false)]);
    world.agents.ports.providers.insert(Provider::Anthropic, good);
    let answer = world.get("alice", "/v1/models").await;
    assert_eq!((answer.status, answer.body["models"].as_array().unwrap().len()), (200, 1));
    let detail = "the provider cannot be reached: scripted";
    assert_eq!(answer.body["unavailable"], json!([{"provider": "ollama", "detail": detail}]));
}

#[tokio::test]
async fn where_all_fail_it_is_said_which() {
    let mut world = World::new();
    world.agents.ports.providers = clients([(Provider::Anthropic, false), (Provider::Ollama, false)]);
    let answer = world.get("alice", "/v1/models").await;
    let detail = answer.is_problem(503, "unavailable");
    assert!(detail.contains("anthropic: ") && detail.contains("ollama: "), "{detail}");
    assert_eq!(answer.header("retry-after"), Some("1"));
}
