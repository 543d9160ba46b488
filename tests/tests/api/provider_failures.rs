//! The problems that a client receives when no model answers.

use std::time::Duration;

use openclaw::domain::ContextOverflow;
use openclaw::llm::LlmError;
use openclaw::testing::Script;
use serde_json::json;

use crate::world::{Answer, Request, World};

async fn failing(error: impl Fn() -> LlmError) -> (World, Answer) {
    let world = World::new();
    world.model_fails(error);
    let answer = world.turn("alice", "default", json!({"prompt": "hi"})).await;
    assert_eq!(world.get("alice", "/v1/conversations").await.body["conversations"], json!([]), "nothing is stored");
    (world, answer)
}

#[tokio::test]
async fn throttling_that_outlasts_the_retries_is_the_providers() {
    let error = || LlmError::Throttled {
        status: 429,
        code: Some("rate_limit_error".to_owned()),
        retry_after: Some(Duration::from_millis(30)),
    };
    let (world, answer) = failing(error).await;
    let detail = answer.is_problem(502, "provider-failed");
    assert_eq!(detail, "anthropic answered for scripted with HTTP 429 rate_limit_error");
    assert_eq!(answer.header("retry-after"), Some("1"));
    assert_eq!(world.model.requests().len(), 3);
}

#[tokio::test]
async fn an_error_of_the_provider_is_reported_with_its_status() {
    let rejected = |status| move || LlmError::Rejected { status, code: None, retry_after: None };
    let (world, answer) = failing(rejected(500)).await;
    assert_eq!(answer.is_problem(502, "provider-failed"), "anthropic answered for scripted with HTTP 500");
    assert_eq!(world.model.requests().len(), 3);
    let (world, answer) = failing(rejected(400)).await;
    assert!(answer.is_problem(502, "provider-failed").ends_with("HTTP 400"));
    assert_eq!(world.model.requests().len(), 1);
    let (_, answer) = failing(|| LlmError::Unauthorized { status: 401, code: None }).await;
    assert!(answer.is_problem(502, "provider-failed").ends_with("HTTP 401"));
}

#[tokio::test]
async fn a_prompt_over_the_models_context_is_the_callers_with_the_numbers() {
    let overflow = ContextOverflow { needed_tokens: Some(5_003), context_tokens: Some(4_096) };
    let (world, answer) = failing(|| LlmError::ContextExceeded(overflow)).await;
    let detail = answer.is_problem(413, "too-large");
    assert!(detail.contains("about 5003 tokens, exceed the model's context of 4096 tokens"), "{detail}");
    assert_eq!(world.model.requests().len(), 1, "there are no older turns to leave out");
}

#[tokio::test]
async fn a_malformed_answer_is_the_providers_fault() {
    let (_, answer) = failing(|| LlmError::Malformed("the answer is not JSON")).await;
    assert!(
        answer
            .is_problem(502, "provider-failed")
            .ends_with("sent an invalid response for scripted: the answer is not JSON")
    );
}

#[tokio::test]
async fn an_unreachable_provider_is_unavailable() {
    // A call that timed out is not repeated: a fallback or the caller has a better use for the time.
    for (has_timed_out, detail, asked) in [
        (false, "anthropic cannot be reached for scripted", 3),
        (true, "anthropic has not responded in time for scripted", 1),
    ] {
        let error = || if has_timed_out { LlmError::TimedOut } else { LlmError::Unreachable("connecting") };
        let (world, answer) = failing(error).await;
        assert!(answer.is_problem(503, "unavailable").starts_with(detail));
        assert_eq!(answer.header("retry-after"), Some("1"));
        assert_eq!(world.model.requests().len(), asked);
    }
}

#[tokio::test]
async fn a_request_that_the_model_does_not_support_is_the_callers_fault() {
    let (_, answer) =
        failing(|| LlmError::Unsupported { member: "max_tokens", detail: "it writes at most 5".to_owned() }).await;
    assert_eq!(answer.is_problem(422, "unsupported-by-model"), "it writes at most 5");
    assert_eq!(answer.body["errors"], json!([{"pointer": "/max_tokens", "detail": "it writes at most 5"}]));
}

#[tokio::test]
async fn the_deadline_ends_the_wait_and_nothing_is_stored() {
    let world = World::new();
    world.model.then(Script::Hang);
    let request = Request::post("default", json!({"prompt": "hi"})).token(world.token("alice"));
    let begun = std::time::Instant::now();
    // The function keeps a second for itself.
    let answer = world.send(&request.time_left(Duration::from_millis(1200))).await;
    answer.is_problem(504, "deadline-exceeded");
    assert!(begun.elapsed() < Duration::from_millis(900));
    assert_eq!(world.get("alice", "/v1/conversations").await.body["conversations"], json!([]));
}
