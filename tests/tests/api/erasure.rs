//! Erasing conversations: one, all of a caller's, all of a user's; and what happens while the store fails.

use std::time::Duration;

use openclaw::testing::{Fault, Operation};
use serde_json::{Value, json};

use crate::world::{Answer, Request, World};

async fn conversation(world: &World, who: &str) -> String {
    world.turn(who, "default", json!({"prompt": "hi"})).await.text_of("conversation_id").to_owned()
}

async fn delete(world: &World, who: &str, path: &str) -> Answer {
    world.send(&Request::new("DELETE", path).token(world.token(who)).time_left(Duration::from_secs(10))).await
}

async fn listed(world: &World, who: &str) -> usize {
    world.get(who, "/v1/conversations").await.body["conversations"].as_array().unwrap().len()
}

/// Returns the sums of the metric over all requests so far.
fn metric(world: &World, name: &str) -> u64 {
    let lines = world.metrics.lock().unwrap();
    let values =
        lines.iter().map(|line| serde_json::from_str::<Value>(line).unwrap()[name].as_u64().unwrap_or_default());
    values.sum()
}

#[tokio::test(start_paused = true)]
async fn an_erasure_continues_after_throttling() {
    let world = World::new();
    let id = conversation(&world, "alice").await;
    for fault in [Fault::Throttle, Fault::Unreachable] {
        world.store.inject(Operation::Purge, fault, 3);
    }
    assert_eq!(delete(&world, "alice", &format!("/v1/conversations/{id}")).await.status, 204);
    assert_eq!(world.store.calls(Operation::Purge), 7);
    assert_eq!(metric(&world, "ErasureIncomplete"), 0);
}

#[tokio::test(start_paused = true)]
async fn what_is_left_at_the_deadline_is_counted_and_deleted_by_the_next_request() {
    let world = World::new();
    let id = conversation(&world, "alice").await;
    let path = format!("/v1/conversations/{id}");
    world.store.inject(Operation::Purge, Fault::Throttle, 1_000);
    assert_eq!(delete(&world, "alice", &path).await.status, 204, "it is unreadable, whatever is left");
    assert_eq!(metric(&world, "ErasureIncomplete"), 1);
    world.get("alice", &path).await.is_problem(404, "not-found");
    world.store.heal(Operation::Purge);
    let before = world.store.calls(Operation::Purge);
    assert_eq!(delete(&world, "alice", &path).await.status, 204);
    assert_eq!((world.store.calls(Operation::Purge) - before, metric(&world, "ErasureIncomplete")), (1, 1));
}

#[tokio::test]
async fn a_caller_erases_all_conversations_of_its_own() {
    let world = World::new();
    for _ in 0..130 {
        conversation(&world, "alice").await;
    }
    conversation(&world, "carol").await;
    conversation(&world, "bob").await;
    assert_eq!(delete(&world, "alice", "/v1/conversations").await.status, 204);
    assert_eq!((listed(&world, "alice").await, listed(&world, "carol").await, listed(&world, "bob").await), (0, 1, 1));
    assert_eq!(delete(&world, "alice", "/v1/conversations").await.status, 204, "again");
    delete(&world, "alice", "/v1/conversations?all=1").await.is_problem(400, "invalid-parameter");
}

#[tokio::test(start_paused = true)]
async fn erasing_all_answers_503_until_nothing_is_left() {
    let world = World::new();
    for _ in 0..3 {
        conversation(&world, "alice").await;
    }
    world.store.inject(Operation::Purge, Fault::Throttle, 1_000);
    let answer = delete(&world, "alice", "/v1/conversations").await;
    assert!(answer.is_problem(503, "unavailable").contains("again"), "{}", answer.text);
    assert_eq!(answer.header("retry-after"), Some("1"));
    assert_eq!((listed(&world, "alice").await, metric(&world, "ErasureIncomplete")), (0, 1), "all are unreadable");
    world.store.heal(Operation::Purge);
    let before = world.store.calls(Operation::Purge);
    assert_eq!(delete(&world, "alice", "/v1/conversations").await.status, 204);
    assert_eq!(world.store.calls(Operation::Purge) - before, 3, "what the first request left is deleted");
}

#[tokio::test]
async fn an_administrator_erases_the_conversations_of_a_user_of_the_tenant() {
    let world = World::new();
    for who in ["alice", "alice", "carol", "bob"] {
        conversation(&world, who).await;
    }
    for who in ["alice", "bob", "operator", "mallory"] {
        let answer = delete(&world, who, "/v1/users/alice/conversations").await;
        answer.is_problem(403, "forbidden");
        assert_eq!(answer.body["policy_ids"], json!(["admin-only"]), "{who}");
    }
    assert_eq!(delete(&world, "admin", "/v1/users/alice/conversations").await.status, 204);
    assert_eq!((listed(&world, "alice").await, listed(&world, "carol").await), (0, 1));
    // A user of another tenant is unknown in this one.
    for unknown in ["bob", "nobody", "client%3Aabc", "a%2Fb"] {
        assert_eq!(delete(&world, "admin", &format!("/v1/users/{unknown}/conversations")).await.status, 204);
    }
    assert_eq!(listed(&world, "bob").await, 1);
    world.get("admin", "/v1/users/alice/conversations").await.is_problem(405, "method-not-allowed");
}

#[tokio::test]
async fn an_export_has_all_parts_of_each_message() {
    let world = World::new();
    let id = conversation(&world, "alice").await;
    let path = format!("/v1/conversations/{id}");
    let plain = world.get("alice", &path).await.body;
    let page = world.get("alice", &format!("{path}?format=export&limit=1")).await.body;
    let mut expected = plain["messages"][0].clone();
    assert_eq!(expected["parts"], Value::Null);
    expected["parts"] = json!([{"type": "text", "text": "hi"}]);
    assert_eq!(page["messages"], json!([expected]));
    for member in ["id", "agent", "title", "created_at", "updated_at"] {
        assert_eq!(page[member], plain[member]);
    }
    let cursor = page["next_cursor"].as_str().unwrap();
    let rest = world.get("alice", &format!("{path}?format=export&cursor={cursor}")).await.body;
    assert_eq!((rest["messages"].as_array().unwrap().len(), &rest["next_cursor"]), (1, &Value::Null));
    world.get("alice", &format!("{path}?format=csv")).await.is_problem(400, "invalid-parameter");
}
