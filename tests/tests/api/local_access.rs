//! A gateway without authentication, as only a developer's machine has it: web pages cannot reach it.

use std::sync::Arc;

use openclaw::api::ServerContext;
use openclaw::auth::LocalVerifier;
use serde_json::json;

use crate::world::{Answer, Request, World};

/// Returns a world without authentication, in which one page may call.
fn world() -> World {
    let mut world = World::with_origins(&["http://localhost:5173", "*"]);
    let server = ServerContext { verifier: Some(Arc::new(LocalVerifier)), ..world.server() };
    world.rebuild_agent(server);
    world
}

fn hello() -> Request {
    Request::post("default", json!({ "prompt": "Hello" })).header("host", "localhost:9000")
}

#[tokio::test]
async fn programs_and_the_developers_own_page_may_call() {
    let world = world();
    for request in [
        hello(),
        hello().header("host", "127.0.0.1:9000"),
        hello().header("origin", "http://localhost:5173"),
        hello().header("content-type", "application/json; charset=utf-8"),
    ] {
        let answer = world.send(&request).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
    }
}

fn is_forbidden(answer: &Answer) {
    answer.is_problem(403, "forbidden");
    assert_eq!(answer.body["policy_ids"], json!(["local-access"]));
}

#[tokio::test]
async fn other_pages_may_not_call() {
    let world = world();
    for origin in ["https://example.com", "null", "http://localhost:5174"] {
        is_forbidden(&world.send(&hello().header("origin", origin)).await);
    }
    // A name that an attacker's server resolves to the loopback address (DNS rebinding).
    for host in ["rebound.example.com", "rebound.example.com:9000", ""] {
        is_forbidden(&world.send(&hello().header("host", host)).await);
    }
    for request in [
        hello().header("content-type", "application/x-www-form-urlencoded"),
        hello().header("content-type", "text/plain"),
        hello().without_header("content-type"),
    ] {
        world.send(&request).await.is_problem(415, "unsupported-media-type");
    }
    assert!(world.model.requests().is_empty());
}
