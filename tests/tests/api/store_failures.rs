//! The problems that a client receives when the store fails, and the failures that it does not notice.

use std::time::Duration;

use openclaw::testing::{Fault, Operation};
use serde_json::json;

use crate::world::{Request, World};

#[tokio::test]
async fn the_client_does_not_notice_retried_store_errors() {
    for fault in [Fault::Throttle, Fault::Unreachable, Fault::Conflict, Fault::LoseAnswer] {
        let world = World::new();
        world.store.inject(Operation::Commit, fault, 1);
        let answer = world.turn("alice", "default", json!({"prompt": "hi"})).await;
        assert_eq!(answer.status, 200, "{fault:?} {}", answer.text);
        let path = format!("/v1/conversations/{}", answer.text_of("conversation_id"));
        assert_eq!(world.get("alice", &path).await.body["messages"].as_array().unwrap().len(), 2, "{fault:?}");
        assert_eq!(world.model.requests().len(), 1, "the model is not called again");
    }
}

#[tokio::test]
async fn an_unreachable_store_is_unavailable() {
    for fault in [Fault::Throttle, Fault::Unreachable, Fault::Refuse] {
        let world = World::new();
        let id = world.turn("alice", "default", json!({"prompt": "hi"})).await.text_of("conversation_id").to_owned();
        for operation in [Operation::Load, Operation::Commit, Operation::List, Operation::Transcript, Operation::Erase]
        {
            world.store.inject(operation, fault, 20);
        }
        let token = world.token("alice");
        let path = format!("/v1/conversations/{id}");
        for request in [
            Request::post("default", json!({"prompt": "hi"})),
            Request::post("default", json!({"prompt": "hi", "conversation_id": id})),
            Request::new("GET", "/v1/conversations"),
            Request::new("GET", &path),
            Request::new("DELETE", &path),
        ] {
            let answer = world.send(&request.token(&token)).await;
            let detail = answer.is_problem(503, "unavailable");
            assert!(detail.starts_with("the conversation store") && !detail.contains("injected"), "{detail}");
            assert_eq!(answer.header("retry-after"), Some("1"));
        }
    }
}

#[tokio::test]
async fn contention_that_outlasts_the_deadline_is_a_conflict() {
    let world = World::new();
    world.store.inject(Operation::Commit, Fault::Conflict, 1_000_000);
    let request = Request::post("default", json!({"prompt": "hi"})).token(world.token("alice"));
    let answer = world.send(&request.time_left(Duration::from_millis(1200))).await;
    answer.is_problem(409, "contention");
    assert_eq!(answer.header("retry-after"), Some("1"));
    assert_eq!(world.model.requests().len(), 1);
}
