//! Failures before authentication: anyone can cause them, so the log has a limited number of their lines, and the metrics count
//! each of them.

use std::sync::Mutex;
use std::time::Duration;

use openclaw::api::AuthorizerHandler;
use openclaw::lambda::Handler;
use serde_json::{Value, json};

use crate::logs::{capture, parsed};
use crate::sockets::Sockets;
use crate::world::{Request, World};

/// More than the lines that are written in a minute.
const MANY: u64 = 25;

/// Returns the status and the suppressed lines of each line about a request.
fn lines(log: &Mutex<Vec<String>>) -> Vec<(u64, Option<u64>)> {
    let about_requests = parsed(log).into_iter().filter(|line| line["message"] == "request answered");
    about_requests.map(|line| (line["status"].as_u64().unwrap(), line["suppressed"].as_u64())).collect()
}

/// Returns the sum of a metric.
fn sum(world: &World, metric: &str) -> u64 {
    let lines = world.metrics.lock().unwrap();
    lines.iter().filter_map(|line| serde_json::from_str::<Value>(line).unwrap()[metric].as_u64()).sum()
}

fn agents() -> Request {
    Request::new("GET", "/v1/agents")
}

#[tokio::test]
async fn requests_without_a_token_fill_neither_the_log_nor_a_gap_in_the_metrics() {
    let world = World::new();
    let (log, _guard) = capture(&world);
    for _ in 0..MANY {
        world.send(&agents()).await.is_problem(401, "invalid-token");
    }
    assert_eq!(lines(&log), [(401, None); 20]);
    assert_eq!((sum(&world, "Requests"), sum(&world, "Refusals")), (MANY, MANY));
    // Another kind of failure, and a caller who is known.
    world.send(&Request::new("GET", "/v1/nothing")).await.is_problem(404, "not-found");
    assert_eq!(world.get("alice", "/v1/agents").await.status, 200);
    assert_eq!(lines(&log)[20..], [(404, None), (200, None)]);
    world.clock.advance(Duration::from_mins(1));
    world.send(&agents()).await.is_problem(401, "invalid-token");
    world.send(&agents()).await.is_problem(401, "invalid-token");
    assert_eq!(lines(&log)[22..], [(401, Some(MANY - 20)), (401, None)]);
}

#[tokio::test]
async fn failures_of_a_known_caller_are_not_limited() {
    let world = World::new();
    let (log, _guard) = capture(&world);
    for _ in 0..MANY {
        world.get("alice", "/v1/health/deep").await.is_problem(403, "forbidden");
    }
    assert_eq!(lines(&log).len() as u64, MANY);
    assert_eq!(sum(&world, "Refusals"), MANY);
}

#[tokio::test]
async fn the_authorizer_limits_its_lines() {
    let world = World::new();
    let (log, _guard) = capture(&world);
    let event = include_str!("../../../events/authorizer-request.json").replace("REPLACE_WITH_TOKEN", "x.y.z");
    let handler = AuthorizerHandler::new(world.server());
    for _ in 0..MANY {
        let event = serde_json::from_str(&event).unwrap();
        assert!(handler.handle(event, &world.invocation(Duration::from_secs(10))).await.is_err());
    }
    assert_eq!(lines(&log), [(401, None); 20]);
    assert_eq!(sum(&world, "Refusals"), MANY);
}

#[tokio::test]
async fn handshakes_without_a_token_are_limited() {
    let sockets = Sockets::new();
    let (log, _guard) = capture(&sockets.world);
    for _ in 0..MANY {
        assert_eq!(sockets.connect(&json!({})).await.status(), 401);
    }
    assert_eq!(lines(&log), [(401, None); 20]);
    assert_eq!(sum(&sockets.world, "Refusals"), MANY);
    let token = sockets.world.token("alice");
    let connected = sockets.connect(&json!({ "authorization": format!("Bearer {token}") })).await;
    assert_eq!((connected.status(), lines(&log).len()), (200, 21));
}
