//! What one caller may have open at once, and how long an answer may be asked for. Time is simulated where runs stay open.

use std::time::Duration;

use openclaw::domain::{Clock, TenantId, UserId};
use openclaw::llm::StreamEvent;
use openclaw::store::{Acquired, Lease, LeaseStore, Quota, Scope, ScopeKind};
use openclaw::testing::{Script, StreamEnd};
use serde_json::{Value, json};

use crate::sockets::Sockets;
use crate::world::{Request, World};

/// The subject of alice's tokens.
const ALICE: &str = "alice";

/// Opens as many runs of alice's as she may have.
async fn exhaust_runs(world: &World) {
    let scope =
        Scope { kind: ScopeKind::Runs, tenant: TenantId::new("acme"), user: Some(UserId::new(ALICE)), agent: None };
    let expires_at = world.clock.now().plus(Duration::from_mins(1));
    for number in 0..32 {
        let lease = Lease { id: number.to_string(), expires_at };
        let quota = Quota { scope: scope.clone(), limit: 32 };
        assert_eq!(world.leases.acquire(&lease, &[quota], world.clock.now()).await.unwrap(), Acquired::Granted);
    }
}

fn hello(world: &World, who: &str, agent: &str) -> Request {
    Request::post(agent, json!({ "prompt": "Hello" })).token(world.token(who)).time_left(Duration::from_secs(11))
}

#[tokio::test(start_paused = true)]
async fn a_run_over_the_callers_limit_is_refused_with_the_quota() {
    let world = World::new();
    exhaust_runs(&world).await;
    world.model.then(Script::Hang);
    let answer = world.send(&hello(&world, "alice", "default")).await;
    let detail = answer.is_problem(429, "too-many-requests");
    assert!(detail.contains("you have 32 runs open"), "{detail}");
    assert_eq!(answer.header("retry-after"), Some("5"));
    assert_eq!(answer.header("ratelimit-policy"), Some("\"runs\";q=32"));
    assert_eq!(answer.header("ratelimit"), Some("\"runs\";r=0;t=5"));
    // Another user of the tenant is not affected, nor is a run that ends soon.
    world.model.then(Script::Hang);
    world.send(&hello(&world, "carol", "default")).await.is_problem(504, "deadline-exceeded");
    assert_eq!(world.send(&hello(&world, "alice", "default")).await.status, 200);
}

#[tokio::test(start_paused = true)]
async fn a_stream_that_has_begun_ends_with_the_refusal() {
    let world = World::new();
    exhaust_runs(&world).await;
    world.model.then(Script::Stream(vec![StreamEvent::TextDelta("Good".to_owned())], StreamEnd::Hang));
    let answer = world.send(&hello(&world, "alice", "default/stream")).await;
    let events = answer.events();
    let names: Vec<&str> = events.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!((answer.status, names.as_slice()), (200, ["start", "delta", "error"].as_slice()));
    assert_eq!(events[2].1["status"], 429);
    assert_eq!(events[2].1["retry_after_seconds"], 5);
}

#[tokio::test]
async fn a_caller_may_ask_for_as_many_tokens_as_the_agent_allows() {
    let world = World::new();
    for (max_tokens, status) in [(1, 200), (1024, 200), (1025, 422), (u32::MAX, 422)] {
        let answer = world.turn("alice", "default", json!({ "prompt": "Hello", "max_tokens": max_tokens })).await;
        assert_eq!(answer.status, status, "{max_tokens}: {}", answer.text);
        if status == 422 {
            let detail = answer.is_problem(422, "invalid-request");
            assert!(detail.contains("1 to 1024"), "{detail}");
            assert_eq!(answer.body["errors"][0]["pointer"], "/max_tokens");
        }
    }
    let request = Request::post("default/stream", json!({ "prompt": "Hello", "max_tokens": 1025 }));
    let answer = world.send(&request.token(world.token("alice"))).await;
    answer.is_problem(422, "invalid-request");
}

async fn connect(sockets: &Sockets, who: &str, id: usize) -> (u16, Option<String>) {
    let token = sockets.world.token(who);
    let headers = json!({ "Authorization": format!("Bearer {token}") });
    let answer = sockets.event_of(&format!("connection-{id}"), "CONNECT", json!({ "headers": headers })).await;
    let policy = answer.header("ratelimit-policy").map(str::to_owned);
    (answer.status(), policy)
}

#[tokio::test]
async fn a_caller_may_have_sixteen_connections() {
    let sockets = Sockets::new();
    for id in 0..16 {
        assert_eq!(connect(&sockets, "alice", id).await, (200, None));
    }
    let refused = (429, Some("\"connections\";q=16".to_owned()));
    assert_eq!(connect(&sockets, "alice", 16).await, refused);
    assert_eq!(connect(&sockets, "bob", 17).await, (200, None));
    // A refused connection is not open, and closing it frees nothing.
    sockets.event_of("connection-16", "DISCONNECT", json!({})).await;
    assert_eq!(connect(&sockets, "alice", 18).await, refused);
    sockets.event_of("connection-3", "DISCONNECT", json!({})).await;
    assert_eq!(connect(&sockets, "alice", 18).await, (200, None));
    // Without a `$disconnect` a connection counts until it is forgotten.
    sockets.world.clock.advance(Duration::from_mins(134));
    assert_eq!(connect(&sockets, "alice", 19).await, refused);
    sockets.world.clock.advance(Duration::from_mins(1));
    assert_eq!(connect(&sockets, "alice", 19).await, (200, None));
}

#[tokio::test]
async fn a_run_acts_for_the_caller_of_its_connection_whatever_its_event_says() {
    let sockets = Sockets::connected().await;
    let message = json!({ "action": "invoke", "agent": "acme-only", "request_id": "mine", "prompt": "Hello" });
    sockets.send(&message).await;
    let run = sockets.runs.take().unwrap();
    let mut event: Value = serde_json::from_slice(&run).unwrap();
    event["websocket_run"]["user"] = "bob".into();
    event["websocket_run"]["tenant"] = "other".into();
    event["websocket_run"]["groups"] = json!(["admin"]);
    sockets.perform_event(event.to_string().as_bytes()).await;
    let end = sockets.frames().last().unwrap().clone();
    assert_eq!(end["event"], "end", "{end}");
    let path = format!("/v1/conversations/{}", end["data"]["conversation_id"].as_str().unwrap());
    assert_eq!(sockets.world.get("alice", &path).await.status, 200);
    assert_eq!(sockets.world.get("bob", &path).await.status, 404);
}
