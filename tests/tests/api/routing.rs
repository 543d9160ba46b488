//! Paths, methods and health.

use serde_json::json;

use crate::world::{Request, World};

const FUNCTIONS: [&str; 5] = ["agent", "agents", "conversations", "health", "stream"];

#[tokio::test]
async fn health_asks_for_nothing_and_touches_nothing() {
    let world = World::new();
    world.keys.down.store(true, std::sync::atomic::Ordering::Relaxed);
    let answer = world.send(&Request::new("GET", "/v1/health")).await;
    assert_eq!((answer.status, &answer.body), (200, &json!({"status": "ok", "version": "0.1.0"})));
    for (name, value) in
        [("content-type", "application/json"), ("cache-control", "no-store"), ("x-content-type-options", "nosniff")]
    {
        assert_eq!(answer.header(name), Some(value));
    }
    assert!(world.metrics.lock().unwrap().is_empty());
    world
        .send(&Request::new("GET", "/v1/health").header("accept", "text/html"))
        .await
        .is_problem(406, "not-acceptable");
}

#[tokio::test]
async fn head_is_get_without_the_content() {
    let world = World::new();
    let answer = world.send(&Request::new("HEAD", "/v1/health")).await;
    assert_eq!((answer.status, answer.text.as_str()), (200, ""));
    assert_eq!(answer.header("content-type"), Some("application/json"));
    let answer = world.send(&Request::new("HEAD", "/v1/agents")).await;
    assert_eq!((answer.status, answer.text.as_str()), (401, ""), "a token is required nevertheless");
    assert!(answer.header("www-authenticate").is_some());
}

#[tokio::test]
async fn an_unknown_path_is_unknown_to_every_function_whatever_the_method() {
    let world = World::new();
    for function in FUNCTIONS {
        for (method, path) in [
            ("GET", "/"),
            ("POST", "/v1"),
            ("PUT", "/v1/health/"),
            ("DELETE", "/v1/agent/a/b"),
            ("GET", "/v1/agent/%ff"),
        ] {
            let answer = world.send_to(function, &Request::new(method, path)).await;
            assert!(answer.is_problem(404, "not-found").contains("no such path"), "{function} {method} {path}");
        }
    }
}

#[tokio::test]
async fn a_wrong_method_is_answered_with_the_allowed_ones() {
    let world = World::new();
    for function in FUNCTIONS {
        for (method, path, allow) in [
            ("POST", "/v1/health", "GET, HEAD, OPTIONS"),
            ("PUT", "/v1/health/deep", "GET, HEAD, OPTIONS"),
            ("DELETE", "/v1/agents", "GET, HEAD, OPTIONS"),
            ("PUT", "/v1/models", "GET, HEAD, OPTIONS"),
            ("GET", "/v1/agent/default", "POST, OPTIONS"),
            ("PATCH", "/v1/conversations/x", "GET, HEAD, DELETE, OPTIONS"),
            ("B REW", "/v1/conversations", "GET, HEAD, DELETE, OPTIONS"),
            ("GET", "/v1/users/x/conversations", "DELETE, OPTIONS"),
        ] {
            let answer = world.send_to(function, &Request::new(method, path)).await;
            assert!(answer.is_problem(405, "method-not-allowed").contains(allow), "{function} {method} {path}");
            assert_eq!(answer.header("allow"), Some(allow));
        }
    }
}

#[tokio::test]
async fn a_path_of_another_function_is_distinguished_from_an_unknown_one() {
    let world = World::new();
    let token = world.token("alice");
    for (function, path) in [("agents", "/v1/conversations"), ("conversations", "/v1/models"), ("health", "/v1/agents")]
    {
        let answer = world.send_to(function, &Request::new("GET", path).token(&token)).await;
        assert!(answer.is_problem(404, "not-found").contains("does not serve the path"), "{function}");
    }
}

#[tokio::test]
async fn only_the_load_balancer_itself_is_excused_from_the_path() {
    let world = World::new();
    // A client's request through a load balancer has `X-Forwarded-For`.
    let forged = Request::new("GET", "/v1/agents").header("user-agent", "ELB-HealthChecker/2.0");
    world.send(&forged).await.is_problem(401, "invalid-token");
}
