//! The agents that each caller sees.

use serde_json::json;

use crate::world::{Request, World};

fn names(answer: &crate::world::Answer) -> Vec<String> {
    answer.body["agents"].as_array().unwrap().iter().map(|agent| agent["name"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn callers_see_the_agents_that_they_may_invoke() {
    let world = World::new();
    for (who, expected) in [
        ("alice", &["acme-only", "default", "small"][..]),
        ("admin", &["default", "operators", "small"]),
        ("bob", &["default", "small"]),
        ("mallory", &[]),
    ] {
        assert_eq!(names(&world.get(who, "/v1/agents").await), expected, "{who}");
    }
}

#[tokio::test]
async fn an_agent_is_shown_as_it_is() {
    let world = World::new();
    let answer = world.get("alice", "/v1/agents/default").await;
    let expected = json!({"name": "default", "description": "Answers questions", "provider": "anthropic",
        "model": "scripted", "tools": [], "streaming": true});
    let mut shown = answer.body.clone();
    assert!(shown.as_object_mut().unwrap().remove("graph").is_some_and(|graph| graph.is_object()));
    assert_eq!((answer.status, shown), (200, expected));
}

#[tokio::test]
async fn a_forbidden_agent_looks_like_one_that_does_not_exist() {
    let world = World::new();
    for (who, agent) in [
        ("alice", "operators"),
        ("bob", "acme-only"),
        ("admin", "acme-only"),
        ("mallory", "default"),
        ("alice", "none"),
    ] {
        let shown = world.get(who, &format!("/v1/agents/{agent}")).await;
        let invoked = world.turn(who, agent, json!({"prompt": "hi"})).await;
        // The body is not read yet, so that its faults reveal nothing about the agent either.
        let faulty = world.send(&Request::raw(agent, "{").token(world.token(who))).await;
        for answer in [shown, invoked, faulty] {
            assert_eq!(
                answer.is_problem(404, "not-found"),
                "there is no such agent, or you may not see it",
                "{who} {agent}"
            );
        }
    }
    assert!(world.model.requests().is_empty());
}

#[tokio::test]
async fn a_caller_without_a_group_gets_neither_models_nor_deep_health() {
    let world = World::new();
    assert_eq!(world.get("mallory", "/v1/models").await.body, json!({"models": []}));
    world.get("mallory", "/v1/health/deep").await.is_problem(403, "forbidden");
    assert_eq!(world.get("mallory", "/v1/conversations").await.body, json!({"conversations": [], "next_cursor": null}));
}
