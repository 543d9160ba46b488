//! The models that the providers list.

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

fn clients<const N: usize>(list: [(Provider, bool); N]) -> BTreeMap<Provider, Arc<dyn LLMClient>> {
    let client = |(provider, answers): (Provider, bool)| {
        (provider, ScriptedModel::listing(provider, answers.then(Vec::new)) as Arc<dyn LLMClient>)
    };
    list.map(client).into()
}

#[tokio::test]
async fn a_provider_that_fails_does_not_hide_the_others() {
    let mut world = World::new();
    world.rebuild_agents(|ports| {
        let listing = ports.health.providers.remove(&Provider::Anthropic).unwrap();
        ports.health.providers = clients([(Provider::Ollama, false)]);
        ports.health.providers.insert(Provider::Anthropic, listing);
    });
    let answer = world.get("alice", "/v1/models").await;
    assert_eq!((answer.status, answer.body["models"].as_array().unwrap().len()), (200, 1));
    let detail = "the provider cannot be reached: scripted";
    assert_eq!(answer.body["unavailable"], json!([{"provider": "ollama", "detail": detail}]));
}

#[tokio::test]
async fn if_all_providers_fail_each_is_named() {
    let mut world = World::new();
    world.rebuild_agents(|ports| {
        ports.health.providers = clients([(Provider::Anthropic, false), (Provider::Ollama, false)]);
    });
    let answer = world.get("alice", "/v1/models").await;
    let detail = answer.is_problem(503, "unavailable");
    assert!(detail.contains("anthropic: ") && detail.contains("ollama: "), "{detail}");
    assert_eq!(answer.header("retry-after"), Some("1"));
}
