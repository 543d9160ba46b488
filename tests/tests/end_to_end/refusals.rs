//! Requests to an agent that are refused, each with its status and its reason.

use reqwest::Method;
use reqwest::header::CONTENT_TYPE;
use serde_json::{Value, json};

use crate::gateway::{Answer, Gateway, QUICK_AGENT, send};

async fn posted(content_type: &str, body: impl Into<reqwest::Body>) -> Answer {
    let request = Gateway::of("alice").request(Method::POST, &format!("/v1/agent/{QUICK_AGENT}"));
    send(request.header(CONTENT_TYPE, content_type).body(body)).await
}

#[tokio::test]
async fn a_body_that_is_not_json() {
    for body in ["", "{", "prompt", "{\"prompt\": \"a\"} {}"] {
        posted("application/json", body).await.problem(400);
    }
}

#[tokio::test]
async fn a_body_that_is_not_an_object() {
    for body in ["[]", "\"text\"", "null", "7"] {
        assert_eq!(posted("application/json", body).await.faults(), [""], "{body}");
    }
}

#[tokio::test]
async fn members_out_of_range_of_the_wrong_type_missing_or_unknown_all_at_once() {
    let alice = Gateway::of("alice");
    let cases: [(Value, &[&str]); 10] = [
        (json!({}), &["/prompt"]),
        (json!({ "prompt": " \n\t" }), &["/prompt"]),
        (json!({ "prompt": 7 }), &["/prompt"]),
        (json!({ "prompt": "a", "temperature": 2.5 }), &["/temperature"]),
        (json!({ "prompt": "a", "temperature": "hot" }), &["/temperature"]),
        (json!({ "prompt": "a", "max_tokens": 0 }), &["/max_tokens"]),
        (json!({ "prompt": "a", "conversation_id": "mine" }), &["/conversation_id"]),
        (json!({ "prompt": "a", "metadata": { "n": 1 } }), &["/metadata/n"]),
        (json!({ "prompt": "a", "stream": true }), &["/stream"]),
        (json!({ "temperature": -1, "model": "other" }), &["/prompt", "/temperature", "/model"]),
    ];
    for (body, pointers) in cases {
        assert_eq!(alice.invoke(QUICK_AGENT, &body).await.faults(), pointers, "{body}");
    }
}

#[tokio::test]
async fn a_conversation_of_another_agent_and_one_that_nobody_knows() {
    let alice = Gateway::of("alice");
    let turn = alice.turn(QUICK_AGENT, "Say yes.", None).await;
    let mut body = json!({ "prompt": "Hello", "conversation_id": turn["conversation_id"] });
    assert_eq!(alice.invoke("anthropic", &body).await.faults(), ["/conversation_id"]);
    body["conversation_id"] = "5d1c5c8e-7b1c-4d53-9a6b-0a4d4f6f3c11".into();
    alice.invoke(QUICK_AGENT, &body).await.problem(404);
    alice.invoke("nobody", &json!({ "prompt": "Hello" })).await.problem(404);
}

#[tokio::test]
async fn too_much() {
    let alice = Gateway::of("alice");
    let long_prompt = json!({ "prompt": "a".repeat(129 * 1024) });
    alice.invoke(QUICK_AGENT, &long_prompt).await.problem(413);
    let long_body = json!({ "prompt": "a", "metadata": { "long": "a".repeat(1_000_000) } });
    alice.invoke(QUICK_AGENT, &long_body).await.problem(413);
}

#[tokio::test]
async fn a_body_of_another_type() {
    for content_type in ["text/plain", "application/xml", "application/json; charset=latin-1", "nonsense"] {
        posted(content_type, r#"{"prompt": "Hello"}"#).await.problem(415);
    }
}
