//! `Idempotency-Key`: one run, however often it is sent.

use std::time::Duration;

use openclaw::testing::{Fault, Operation, Script};
use serde_json::{Value, json};

use crate::world::{Request, World};

fn keyed(world: &World, who: &str, agent: &str, body: Value) -> Request {
    Request::post(agent, body).token(world.token(who)).header("idempotency-key", "order-17")
}

#[tokio::test]
async fn the_same_request_gets_the_same_runs_answer() {
    let world = World::new();
    world.model.then(Script::Say("first".to_owned()));
    let first = world.send(&keyed(&world, "alice", "default", json!({"prompt": "hi", "temperature": 1}))).await;
    // In other words, but the same.
    let again = Request::raw("default", "{ \"temperature\": 1.0, \"max_tokens\": null, \"prompt\": \"hi\" }");
    let again = world.send(&again.token(world.token("alice")).header("idempotency-key", " order-17 ")).await;
    assert_eq!((first.status, again.status), (200, 200), "{}", again.text);
    assert_eq!(first.body, again.body);
    assert_eq!(world.model.requests().len(), 1);
}

#[tokio::test]
async fn another_body_is_a_conflict() {
    let world = World::new();
    assert_eq!(world.send(&keyed(&world, "alice", "default", json!({"prompt": "hi"}))).await.status, 200);
    for body in [json!({"prompt": "ho"}), json!({"prompt": "hi", "metadata": {"a": "b"}})] {
        world.send(&keyed(&world, "alice", "default", body)).await.is_problem(409, "idempotency-conflict");
    }
    assert_eq!(world.model.requests().len(), 1);
}

#[tokio::test]
async fn a_key_is_its_callers_and_its_agents() {
    let world = World::new();
    let mut conversations = std::collections::BTreeSet::new();
    for (who, agent) in [("alice", "default"), ("carol", "default"), ("bob", "default"), ("alice", "acme-only")] {
        let answer = world.send(&keyed(&world, who, agent, json!({"prompt": "hi"}))).await;
        conversations.insert(answer.text_of("conversation_id").to_owned());
    }
    assert_eq!((conversations.len(), world.model.requests().len()), (4, 4));
}

#[tokio::test]
async fn a_repetition_of_a_running_request_must_wait() {
    let world = World::new();
    world.model.then(Script::Hang);
    let request = keyed(&world, "alice", "default", json!({"prompt": "hi"}));
    let patient = request.clone().time_left(Duration::from_millis(1400));
    let (first, repetition) = tokio::join!(world.send(&patient), async {
        tokio::time::sleep(Duration::from_millis(100)).await;
        world.send(&request).await
    });
    first.is_problem(504, "deadline-exceeded");
    repetition.is_problem(409, "request-in-progress");
    assert!((1..=5).contains(&repetition.body["retry_after_seconds"].as_u64().unwrap()));
}

#[tokio::test]
async fn a_run_that_failed_frees_its_key() {
    let world = World::new();
    world.model_fails(|| openclaw::llm::LlmError::Unreachable("test"));
    let request = keyed(&world, "alice", "default", json!({"prompt": "hi"}));
    world.send(&request).await.is_problem(503, "unavailable");
    assert_eq!(world.send(&request).await.status, 200);
}

#[tokio::test]
async fn after_a_day_a_key_is_new() {
    let world = World::new();
    let request = keyed(&world, "alice", "default", json!({"prompt": "hi"}));
    let first = world.send(&request).await;
    world.clock.advance(Duration::from_secs(24 * 60 * 60 + 1));
    assert_ne!(first.text_of("id"), world.send(&request).await.text_of("id"));
}

#[tokio::test]
async fn a_busy_ledger_is_retried() {
    let world = World::new();
    let request = keyed(&world, "alice", "default", json!({"prompt": "hi"}));
    world.store.inject(Operation::Claim, Fault::Throttle, 1);
    world.store.inject(Operation::Claim, Fault::LoseAnswer, 1);
    assert_eq!(world.send(&request).await.status, 200);
    world.store.inject(Operation::Claim, Fault::Unreachable, 100);
    world.send(&request).await.is_problem(503, "unavailable");
}

#[tokio::test]
async fn a_key_has_a_form() {
    let world = World::new();
    let post = || Request::post("default", json!({"prompt": "hi"})).token(world.token("alice"));
    for key in ["", "  ", &"k".repeat(256), "ключ"] {
        let answer = world.send(&post().header("idempotency-key", key)).await;
        assert!(answer.is_problem(400, "invalid-parameter").contains("Idempotency-Key"), "{key}");
    }
    let two = post().another("idempotency-key", "a").another("idempotency-key", "b");
    world.send(&two).await.is_problem(400, "invalid-parameter");
    assert_eq!(world.send(&post().header("idempotency-key", &"k".repeat(255))).await.status, 200);
}

#[tokio::test]
async fn a_key_is_visible_characters_alone() {
    let world = World::new();
    for key in ["order 17", "order\t17", "", " ", "\t", &"k".repeat(256), "clé"] {
        let answer = world
            .send(&keyed(&world, "alice", "default", json!({"prompt": "hi"})).header("idempotency-key", key))
            .await;
        answer.is_problem(400, "invalid-parameter");
    }
    assert!(world.model.requests().is_empty());
}
