//! `/v1/agents`, `/v1/models`, `/v1/health/deep`.

use serde_json::Value;

use crate::gateway::Gateway;

const AGENTS: [(&str, &str); 4] =
    [("anthropic", "anthropic"), ("default", "bedrock"), ("ollama", "ollama"), ("openai", "openai")];

fn names(list: &Value) -> Vec<(&str, &str)> {
    let agents = list["agents"].as_array().unwrap();
    agents.iter().map(|agent| (agent["name"].as_str().unwrap(), agent["provider"].as_str().unwrap())).collect()
}

#[tokio::test]
async fn a_member_sees_the_agents_that_she_may_invoke() {
    let list = Gateway::of("alice").get("/v1/agents").await.json(200);
    assert_eq!(names(&list), AGENTS);
    for agent in list["agents"].as_array().unwrap() {
        assert!(agent["model"].as_str().is_some_and(|model| !model.is_empty()), "{agent}");
        assert!(agent["tools"].is_array() && agent["streaming"].is_boolean(), "{agent}");
    }
}

#[tokio::test]
async fn one_agent_is_what_the_list_says_of_it() {
    let alice = Gateway::of("alice");
    let list = alice.get("/v1/agents").await.json(200);
    let mut one = alice.get("/v1/agents/openai").await.json(200);
    let graph = one.as_object_mut().unwrap().remove("graph").unwrap();
    assert!(graph["mermaid"].as_str().unwrap().starts_with("stateDiagram-v2"), "{graph}");
    assert!(list["agents"].as_array().unwrap().contains(&one), "{one}");
    alice.get("/v1/agents/nobody").await.problem(404);
}

#[tokio::test]
async fn a_caller_without_a_group_cannot_see_whether_an_agent_exists() {
    let mallory = Gateway::of("mallory");
    assert_eq!(names(&mallory.get("/v1/agents").await.json(200)), []);
    let (there, not_there) = (mallory.get("/v1/agents/default").await, mallory.get("/v1/agents/nobody").await);
    assert_eq!(there.problem(404)["detail"], not_there.problem(404)["detail"]);
    let body = serde_json::json!({ "prompt": "Hello" });
    mallory.invoke("default", &body).await.problem(404);
}

#[tokio::test]
async fn models_come_with_their_provider() {
    let body = Gateway::of("alice").get("/v1/models").await.json(200);
    let models = body["models"].as_array().unwrap();
    assert!(models.iter().any(|model| model["provider"] == "openai"), "{body}");
    assert!(models.iter().all(|model| model["provider"].is_string()), "{body}");
    let all = Gateway::of("admin").get("/v1/models").await.json(200);
    assert!(all["models"].as_array().is_some_and(|all| !all.is_empty()), "{all}");
}

#[tokio::test]
async fn deep_health_is_for_operators() {
    let refused = Gateway::of("alice").get("/v1/health/deep").await.problem(403);
    assert!(refused["policy_ids"].as_array().is_some_and(|ids| !ids.is_empty()), "{refused}");
}

#[tokio::test]
async fn deep_health_names_every_part_with_its_latency() {
    let answer = Gateway::of("admin").get("/v1/health/deep").await;
    assert!([200, 503].contains(&answer.status), "{}", answer.text);
    let health: Value = serde_json::from_str(&answer.text).unwrap();
    let parts = health["parts"].as_array().unwrap_or_else(|| panic!("no parts: {health}"));
    for name in ["store", "secrets", "key set", "provider openai"] {
        let part = parts.iter().find(|part| part["name"] == name);
        let part = part.unwrap_or_else(|| panic!("{name} is missing: {health}"));
        assert_eq!(part["status"], "ok", "{part}");
        assert!(part["latency_ms"].is_u64(), "{part}");
    }
    let fails = parts.iter().any(|part| part["status"] != "ok");
    assert_eq!(answer.status == 503, fails, "{health}");
}
