//! Who may call, and how others are refused.

use reqwest::Method;
use reqwest::header::AUTHORIZATION;

use crate::gateway::{Answer, Gateway, send};

/// Every path that needs a token, one of each function.
const GUARDED: [&str; 6] =
    ["/v1/health/deep", "/v1/agents", "/v1/agents/default", "/v1/models", "/v1/conversations", "/v1/conversations/x"];

fn challenge(answer: &Answer) -> &str {
    answer.problem(401);
    let challenge = answer.header("www-authenticate").unwrap_or_default();
    assert!(challenge.starts_with("Bearer error=\"invalid_token\", error_description=\""), "{challenge}");
    challenge
}

/// Returns the token with one character of its `part` (header, claims or signature) replaced.
fn tampered(token: &str, part: usize) -> String {
    let mut parts: Vec<String> = token.split('.').map(str::to_owned).collect();
    let middle = parts[part].len() / 2;
    let other = if &parts[part][middle..=middle] == "A" { "B" } else { "A" };
    parts[part].replace_range(middle..=middle, other);
    parts.join(".")
}

#[tokio::test]
async fn without_a_token_nothing_but_health_answers() {
    let gateway = Gateway::anonymous();
    for path in GUARDED {
        challenge(&gateway.get(path).await);
    }
    challenge(&gateway.invoke("default", &serde_json::json!({ "prompt": "Hello" })).await);
}

#[tokio::test]
async fn text_that_is_not_a_token_is_refused() {
    let token = Gateway::of("alice").token().to_owned();
    let headers = ["Bearer", "Bearer ", "Bearer garbage", "Bearer a.b.c", "Basic YTpi", &token, "Bearer a b"];
    for header in headers {
        let request = Gateway::anonymous().request(Method::GET, "/v1/agents").header(AUTHORIZATION, header);
        challenge(&send(request).await);
    }
}

#[tokio::test]
async fn a_changed_token_is_refused() {
    let token = Gateway::of("alice").token().to_owned();
    Gateway::anonymous().with_token(token.clone()).get("/v1/agents").await.json(200);
    for part in 0..3 {
        challenge(&Gateway::anonymous().with_token(tampered(&token, part)).get("/v1/agents").await);
    }
    let (unsigned, _) = token.rsplit_once('.').unwrap();
    challenge(&Gateway::anonymous().with_token(format!("{unsigned}.")).get("/v1/agents").await);
}

#[tokio::test]
async fn the_id_token_of_the_same_person_gives_the_same_access() {
    let conversation = Gateway::of("alice").turn("openai", "Say yes.", None).await;
    let path = format!("/v1/conversations/{}", conversation["conversation_id"].as_str().unwrap());
    Gateway::with_id_token_of("alice").get(&path).await.json(200);
    Gateway::of("alice").delete(&path).await;
}

#[tokio::test]
async fn a_client_has_its_own_conversations() {
    let program = Gateway::of("client");
    let turn = program.turn("openai", "Say yes.", None).await;
    let path = format!("/v1/conversations/{}", turn["conversation_id"].as_str().unwrap());
    program.get(&path).await.json(200);
    Gateway::of("alice").get(&path).await.problem(404);
    assert_eq!(program.delete(&path).await.status, 204);
}
