//! Deep health: for operators, every part, and which one fails.

use std::collections::BTreeMap;
use std::sync::Arc;

use openclaw::app::AgentsPorts;
use openclaw::domain::Provider;
use openclaw::llm::ListModels;
use openclaw::testing::ScriptedModel;
use serde_json::json;

use crate::world::{FixedPart, World};

#[tokio::test]
async fn an_operator_sees_every_part_with_its_latency() {
    let world = World::new();
    let answer = world.get("operator", "/v1/health/deep").await;
    assert_eq!((answer.status, answer.text_of("status")), (200, "ok"), "{}", answer.text);
    let names: Vec<&str> =
        answer.body["parts"].as_array().unwrap().iter().map(|part| part["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["store", "secrets", "key set", "provider anthropic", "provider ollama"]);
    assert_eq!(answer.body["parts"][0], json!({"name": "store", "status": "ok", "latency_ms": 0}));
}

#[tokio::test]
async fn other_callers_do_not_see_the_parts() {
    let world = World::new();
    for who in ["alice", "bob", "admin", "mallory"] {
        let answer = world.get(who, "/v1/health/deep").await;
        answer.is_problem(403, "forbidden");
        assert_eq!(answer.body["policy_ids"], json!(["operator-only"]));
    }
}

#[tokio::test]
async fn the_failing_part_is_named_beside_the_others() {
    let mut world = World::new();
    world.rebuild_agents(|AgentsPorts { health, .. }| {
        let failing = Arc::new(FixedPart(Err("it is gone".to_owned())));
        health.parts = vec![("store", failing), ("secrets", Arc::new(FixedPart(Ok(()))))];
        let unreachable = ScriptedModel::listing(Provider::Ollama, None) as Arc<dyn ListModels>;
        health.providers = BTreeMap::from([(Provider::Ollama, unreachable)]);
    });
    let answer = world.get("operator", "/v1/health/deep").await;
    assert_eq!(answer.is_problem(503, "unavailable"), "failing: store, provider ollama");
    assert_eq!(answer.header("retry-after"), Some("1"));
    let parts = &answer.body["parts"];
    assert_eq!(parts[0], json!({"name": "store", "status": "failing", "latency_ms": 0, "detail": "it is gone"}));
    assert_eq!(parts[1]["status"], "ok");
    assert_eq!(parts[2]["detail"], "the provider cannot be reached: scripted");
}
