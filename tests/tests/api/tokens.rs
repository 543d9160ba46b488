//! Authentication: which tokens are refused, and with which challenge.

use std::sync::atomic::Ordering;
use std::time::Duration;

use openclaw::testing::tokens::{ISSUED_AT, TestPool};
use serde_json::json;

use crate::world::{Request, World};

const PATHS: [(&str, &str); 8] = [
    ("GET", "/v1/health/deep"),
    ("GET", "/v1/agents"),
    ("GET", "/v1/agents/default"),
    ("GET", "/v1/models"),
    ("POST", "/v1/agent/default"),
    ("GET", "/v1/conversations"),
    ("GET", "/v1/conversations/x"),
    ("DELETE", "/v1/conversations/x"),
];

#[tokio::test]
async fn every_route_but_health_requires_a_token() {
    let world = World::new();
    for (method, path) in PATHS {
        let answer = world.send(&Request::new(method, path)).await;
        answer.is_problem(401, "invalid-token");
        let challenge = "Bearer error=\"invalid_token\", error_description=\"a bearer token is required\"";
        assert_eq!(answer.header("www-authenticate"), Some(challenge), "{method} {path}");
    }
}

#[tokio::test]
async fn the_challenge_names_the_fault() {
    let world = World::new();
    let pool = world.pool;
    let alice = || pool.access_token("alice").groups(&["user"]);
    let other = TestPool::new();
    for (token, expected) in [
        ("nonsense".to_owned(), "malformed"),
        ("x".repeat(16 * 1024 + 1), "over 16 KB"),
        (alice().signed_by(&other, openclaw::testing::tokens::SignatureScheme::Rs256), "signature is invalid"),
        (alice().expires_at(ISSUED_AT - 3600).signed(), "has expired"),
        (alice().claim("iss", "https://elsewhere").signed(), "issuer"),
        (alice().claim("client_id", "another").signed(), "client"),
        (alice().claim("token_use", "refresh").signed(), "use"),
        (alice().header("alg", "none").signed(), "algorithm"),
        (alice().groups(&["tenant:a", "tenant:b"]).signed(), "at most one tenant"),
    ] {
        let answer = world.send(&Request::new("GET", "/v1/agents").token(&token)).await;
        let detail = answer.is_problem(401, "invalid-token");
        assert!(detail.contains(expected), "{detail}");
        let challenge = answer.header("www-authenticate").unwrap();
        assert!(challenge.starts_with("Bearer error=\"invalid_token\"") && challenge.contains(expected), "{challenge}");
        assert!(!answer.text.contains(&token) && !challenge.contains(&token));
    }
}

#[tokio::test]
async fn two_headers_or_another_scheme_are_refused() {
    let world = World::new();
    let good = format!("Bearer {}", world.token("alice"));
    let request = || Request::new("GET", "/v1/agents");
    for request in [
        request().header("authorization", &good).another("authorization", &good),
        request().header("authorization", "Basic YTpi"),
        request().header("authorization", "Bearer"),
        request().header("authorization", "Bearer é"),
        request().header("authorization", &format!("{good}, {good}")),
    ] {
        world.send(&request).await.is_problem(401, "invalid-token");
    }
    assert_eq!(world.send(&request().header("authorization", &good.replace("Bearer", "bearer"))).await.status, 200);
}

#[tokio::test]
async fn an_unreachable_key_set_is_not_the_callers_fault() {
    let world = World::new();
    world.keys.down.store(true, Ordering::Relaxed);
    let answer = world.get("alice", "/v1/agents").await;
    assert!(answer.is_problem(503, "unavailable").contains("key set"));
    assert_eq!(answer.header("retry-after"), Some("1"));
    assert_eq!(answer.header("www-authenticate"), None);
}

#[tokio::test]
async fn cached_keys_stay_in_use_while_the_key_set_is_down() {
    let world = World::new();
    assert_eq!(world.get("alice", "/v1/agents").await.status, 200);
    world.keys.down.store(true, Ordering::Relaxed);
    world.clock.advance(Duration::from_hours(2));
    assert_eq!(world.get("alice", "/v1/agents").await.status, 200);
}

#[tokio::test]
async fn an_id_token_is_accepted_too() {
    let world = World::new();
    let token = world.pool.id_token("alice").groups(&["user"]).signed();
    let request = Request::post("default", json!({"prompt": "hi"})).token(token);
    assert_eq!(world.send(&request).await.status, 200);
}
