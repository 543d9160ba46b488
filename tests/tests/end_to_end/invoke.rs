//! `POST /v1/agent/{agent_name}`: the answer, from each provider.

use reqwest::Method;
use reqwest::header::CONTENT_TYPE;
use serde_json::json;

use crate::gateway::{Gateway, QUICK_AGENT, send};

/// The text with which the local AWS answers if it does not reach the model, as if the call had succeeded.
const CANNED: &str = "[ministack mock";

async fn the_agent_answers_through(agent: &str, provider: &str) {
    let alice = Gateway::of("alice");
    let answer = alice.turn(agent, "Say hello.", None).await;
    assert_eq!((answer["agent"].as_str(), answer["provider"].as_str()), (Some(agent), Some(provider)));
    let output = answer["output"].as_str().unwrap();
    assert!(!output.trim().is_empty() && !output.contains(CANNED), "{answer}");
    assert!(answer["model"].as_str().is_some_and(|model| !model.is_empty()), "{answer}");
    assert!(answer["usage"]["input_tokens"].is_u64() && answer["usage"]["output_tokens"].is_u64(), "{answer}");
    let step = &answer["steps"][0];
    assert_eq!((step["kind"].as_str(), step["provider"].as_str()), (Some("generate"), Some(provider)));
    for member in ["id", "conversation_id"] {
        assert!(answer[member].as_str().is_some_and(|id| id.len() == 36), "{member}: {answer}");
    }
    assert!(answer["latency_ms"].as_u64() >= step["latency_ms"].as_u64(), "{answer}");
    alice.delete(&format!("/v1/conversations/{}", answer["conversation_id"].as_str().unwrap())).await;
}

#[tokio::test]
async fn bedrock_answers() {
    the_agent_answers_through("default", "bedrock").await;
}

#[tokio::test]
async fn anthropic_answers() {
    the_agent_answers_through("anthropic", "anthropic").await;
}

#[tokio::test]
async fn openai_answers() {
    the_agent_answers_through("openai", "openai").await;
}

#[tokio::test]
async fn ollama_answers() {
    the_agent_answers_through("ollama", "ollama").await;
}

#[tokio::test]
async fn the_callers_limit_ends_the_answer_and_the_answer_says_so() {
    let body = json!({ "prompt": "Count from one to twenty.", "max_tokens": 1 });
    let answer = Gateway::of("alice").invoke(QUICK_AGENT, &body).await.json(200);
    assert_eq!((&answer["stop_reason"], &answer["usage"]["output_tokens"]), (&json!("max_tokens"), &json!(1)));
}

#[tokio::test]
async fn every_member_of_the_body_is_taken() {
    let body = json!({
        "prompt": "Say yes.", "conversation_id": null, "temperature": 0, "max_tokens": 4,
        "metadata": { "purpose": "test" },
    });
    Gateway::of("alice").invoke(QUICK_AGENT, &body).await.json(200);
}

#[tokio::test]
async fn json_with_a_form_content_type_is_accepted_as_curl_sends_it() {
    let alice = Gateway::of("alice");
    let form = |body: &'static str| {
        let request = alice.request(Method::POST, &format!("/v1/agent/{QUICK_AGENT}"));
        send(request.header(CONTENT_TYPE, "application/x-www-form-urlencoded").body(body))
    };
    form(r#"{"prompt": "Say yes.", "max_tokens": 2}"#).await.json(200);
    form("prompt=Hello").await.problem(415);
}
