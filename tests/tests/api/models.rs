//! The models that callers may know of.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use openclaw::api::v1::models::ModelCatalog;
use openclaw::domain::{ModelId, Provider};
use openclaw::llm::{ListModels, ModelInfo};
use openclaw::testing::ScriptedModel;
use serde_json::{Value, json};

use crate::world::World;

type Models = BTreeMap<Provider, Arc<ScriptedModel>>;

/// Returns a world whose providers list one model each, or fail.
fn world<const N: usize>(list: [(Provider, bool); N]) -> (World, Models) {
    let mut world = World::new();
    let models: Models = list
        .map(|(provider, answers)| {
            let listed = ModelInfo {
                provider,
                id: ModelId::new("one"),
                name: None,
                context_tokens: Some(4096),
                capabilities: Vec::new(),
            };
            (provider, ScriptedModel::listing(provider, answers.then(|| vec![listed])))
        })
        .into();
    let clients =
        models.iter().map(|(provider, model)| (*provider, Arc::clone(model) as Arc<dyn ListModels>)).collect();
    let clock = Arc::clone(&world.clock);
    world.rebuild_agents(|ports| ports.catalog = ModelCatalog::new(clients, clock));
    (world, models)
}

fn model(provider: &str) -> Value {
    json!({"provider": provider, "id": "one", "context_tokens": 4096})
}

const BOTH: [(Provider, bool); 2] = [(Provider::Anthropic, true), (Provider::Ollama, true)];

#[tokio::test]
async fn a_user_sees_the_models_of_his_agents_and_no_provider_is_asked() {
    let (world, models) = world([(Provider::Anthropic, false), (Provider::Ollama, false)]);
    let answer = world.get("alice", "/v1/models").await;
    let anthropic = json!({"provider": "anthropic", "id": "scripted"});
    let ollama = json!({"provider": "ollama", "id": "tiny", "context_tokens": 4096});
    assert_eq!((answer.status, answer.body), (200, json!({"models": [anthropic, ollama]})));
    assert_eq!(world.get("mallory", "/v1/models").await.body, json!({"models": []}));
    assert!(models.values().all(|model| model.listings() == 0));
}

#[tokio::test]
async fn an_administrator_sees_all_models_and_each_provider_is_asked_once_in_five_minutes() {
    let (world, models) = world(BOTH);
    for _ in 0..3 {
        let answer = world.get("admin", "/v1/models").await;
        let expected = json!({"models": [model("anthropic"), model("ollama")]});
        assert_eq!((answer.status, answer.body), (200, expected));
    }
    assert!(models.values().all(|model| model.listings() == 1));
    world.clock.advance(Duration::from_secs(299));
    world.get("admin", "/v1/models").await;
    assert!(models.values().all(|model| model.listings() == 1));
    world.clock.advance(Duration::from_secs(1));
    world.get("admin", "/v1/models").await;
    assert!(models.values().all(|model| model.listings() == 2));
}

#[tokio::test]
async fn simultaneous_requests_ask_a_provider_once() {
    let (world, models) = world(BOTH);
    tokio::join!(world.get("admin", "/v1/models"), world.get("admin", "/v1/models"));
    assert!(models.values().all(|model| model.listings() == 1));
}

#[tokio::test]
async fn a_provider_that_fails_does_not_hide_the_others() {
    let (world, models) = world([(Provider::Anthropic, true), (Provider::Ollama, false)]);
    for _ in 0..2 {
        let answer = world.get("admin", "/v1/models").await;
        assert_eq!((answer.status, &answer.body["models"]), (200, &json!([model("anthropic")])));
        let detail = "the provider cannot be reached: scripted";
        assert_eq!(answer.body["unavailable"], json!([{"provider": "ollama", "detail": detail}]));
    }
    assert_eq!(models[&Provider::Ollama].listings(), 1, "a failure is not repeated at once");
    world.clock.advance(Duration::from_secs(30));
    world.get("admin", "/v1/models").await;
    assert_eq!(models.values().map(|model| model.listings()).collect::<Vec<_>>(), [1, 2]);
}

#[tokio::test]
async fn if_all_providers_fail_each_is_named() {
    let (world, _) = world([(Provider::Anthropic, false), (Provider::Ollama, false)]);
    let answer = world.get("admin", "/v1/models").await;
    let detail = answer.is_problem(503, "unavailable");
    assert!(detail.contains("anthropic: ") && detail.contains("ollama: "), "{detail}");
    assert_eq!(answer.header("retry-after"), Some("1"));
}
