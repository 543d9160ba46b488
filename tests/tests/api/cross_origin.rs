//! Web pages of other origins, and `OPTIONS`.

use std::time::Duration;

use openclaw::config::Environment;
use openclaw::lambda::Handler;

use crate::world::{Answer, Request, World};

const PAGE: &str = "https://app.example.com";

#[tokio::test]
async fn options_needs_no_token() {
    let world = World::new();
    for (path, allow) in [
        ("/v1/health", "GET, HEAD, OPTIONS"),
        ("/v1/agents/any", "GET, HEAD, OPTIONS"),
        ("/v1/agent/any", "POST, OPTIONS"),
        ("/v1/agent/any/stream", "POST, OPTIONS"),
        ("/v1/conversations/any", "GET, HEAD, DELETE, OPTIONS"),
    ] {
        let answer = world.send(&Request::new("OPTIONS", path).header("origin", PAGE)).await;
        assert_eq!((answer.status, answer.text.as_str(), answer.header("allow")), (204, "", Some(allow)), "{path}");
        assert_eq!(answer.header("access-control-allow-origin"), None);
        assert!(answer.header("x-request-id").is_some());
    }
    world.send(&Request::new("OPTIONS", "/v1/nothing")).await.is_problem(404, "not-found");
}

#[tokio::test]
async fn a_configured_page_may_call() {
    let world = World::with_origins(&[PAGE]);
    let preflight = Request::new("OPTIONS", "/v1/agent/default")
        .header("origin", PAGE)
        .header("access-control-request-method", "POST");
    let answer = world.send(&preflight).await;
    assert_eq!(answer.status, 204);
    for (name, value) in [
        ("access-control-allow-origin", PAGE),
        ("access-control-allow-methods", "POST, OPTIONS"),
        ("access-control-allow-headers", "authorization, content-type, idempotency-key"),
        ("access-control-max-age", "3600"),
        ("vary", "Origin"),
    ] {
        assert_eq!(answer.header(name), Some(value), "{name}");
    }
    // A page must be able to read problems too.
    let refused = world.send(&Request::new("GET", "/v1/agents").header("origin", PAGE)).await;
    refused.is_problem(401, "invalid-token");
    assert_eq!(refused.header("access-control-allow-origin"), Some(PAGE));
    assert_eq!(
        refused.header("access-control-expose-headers"),
        Some("x-request-id, retry-after, www-authenticate, ratelimit, ratelimit-policy, location")
    );
    assert_eq!(refused.header("access-control-allow-methods"), None);
}

#[tokio::test]
async fn another_page_may_not() {
    let world = World::with_origins(&[PAGE]);
    for origin in ["https://evil.example.com", "https://app.example.com.evil.com", "http://app.example.com", "null"] {
        let answer = world.send(&Request::new("OPTIONS", "/v1/agents").header("origin", origin)).await;
        assert_eq!(answer.header("access-control-allow-origin"), None, "{origin}");
        assert_eq!(answer.header("vary"), Some("Origin"));
    }
}

#[tokio::test]
async fn every_page_may_call_where_it_is_configured_so() {
    let world = World::with_origins(&["*"]);
    let answer = world.send(&Request::new("OPTIONS", "/v1/agents").header("origin", "https://any.example")).await;
    assert_eq!(answer.header("access-control-allow-origin"), Some("*"));
}

#[tokio::test]
async fn health_and_unknown_paths_may_be_read_by_allowed_pages() {
    let environment =
        Environment::from_pairs([("OPENCLAW_ALLOWED_ORIGINS", "https://app.example.com, http://localhost:5173,")]);
    let handler = openclaw::app::health(&environment);
    let world = World::new();
    for (path, status) in [("/v1/health", 200), ("/v1/nothing", 404), ("/", 404)] {
        for (origin, allowed) in [
            ("https://app.example.com", Some("https://app.example.com")),
            ("http://localhost:5173", Some("http://localhost:5173")),
            ("https://example.com", None),
        ] {
            let event = Request::new("GET", path).header("origin", origin).event();
            let event = serde_json::from_value(event).unwrap();
            let Ok(response) = handler.handle(event, &world.invocation(Duration::from_secs(10))).await;
            let answer = Answer::new(&serde_json::to_value(response).unwrap());
            assert_eq!(
                (answer.status, answer.header("access-control-allow-origin")),
                (status, allowed),
                "{path} {origin}"
            );
            assert_eq!(answer.header("vary"), Some("Origin"));
        }
    }
}
