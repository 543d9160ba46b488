//! `Idempotency-Key`: one run, however often the request is sent.

use reqwest::Method;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::gateway::{Answer, Gateway, QUICK_AGENT, send};

#[expect(clippy::disallowed_methods, reason = "the tests of two runs must not share a key")]
fn fresh_key() -> String {
    Uuid::new_v4().to_string()
}

async fn ask(who: &Gateway, key: &str, body: &Value) -> Answer {
    let request = who.request(Method::POST, &format!("/v1/agent/{QUICK_AGENT}"));
    send(request.header("idempotency-key", key).json(body)).await
}

#[tokio::test]
async fn the_same_request_gets_the_same_runs_answer_and_no_second_turn() {
    let (alice, key) = (Gateway::of("alice"), fresh_key());
    let body = json!({ "prompt": "Say a number.", "max_tokens": 4 });
    let first = ask(&alice, &key, &body).await.json(200);
    let again = ask(&alice, &key, &body).await.json(200);
    assert_eq!(first, again);
    let path = format!("/v1/conversations/{}", first["conversation_id"].as_str().unwrap());
    let transcript = alice.get(&path).await.json(200);
    assert_eq!(transcript["messages"].as_array().map(Vec::len), Some(2), "{transcript}");

    let other = json!({ "prompt": "Say another number.", "max_tokens": 4 });
    ask(&alice, &key, &other).await.problem(409);
    let bobs = ask(&Gateway::of("bob"), &key, &body).await.json(200);
    assert_ne!(bobs["id"], first["id"], "a key is its owner's alone");
}

#[tokio::test]
async fn a_repetition_of_a_running_request_must_wait() {
    let (alice, key) = (Gateway::of("alice"), fresh_key());
    let body = json!({ "prompt": "Write a long story about the sea.", "max_tokens": 60 });
    let answers = tokio::join!(ask(&alice, &key, &body), ask(&alice, &key, &body));
    let (won, lost) = if answers.0.status == 200 { (answers.0, answers.1) } else { (answers.1, answers.0) };
    won.json(200);
    lost.problem(409);
    assert!(lost.header("retry-after").and_then(|value| value.parse::<u64>().ok()).is_some_and(|seconds| seconds > 0));
}

#[tokio::test]
async fn an_invalid_key_is_refused() {
    let alice = Gateway::of("alice");
    for key in ["", &"k".repeat(256)] {
        ask(&alice, key, &json!({ "prompt": "Hello" })).await.problem(400);
    }
}
