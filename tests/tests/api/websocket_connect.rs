//! `$connect` and `$disconnect`: which connections are accepted, and what remains of a closed one.

use std::time::Duration;

use openclaw::config::Environment;
use openclaw::lambda::WebSocketResponse;
use serde_json::{Value, json};

use crate::sockets::Sockets;
use crate::world::REQUEST_ID;

#[track_caller]
fn is_refused(answer: &WebSocketResponse, status: u16, kind: &str) -> Value {
    let problem: Value = serde_json::from_str(answer.body().unwrap()).unwrap();
    assert_eq!((answer.status(), &problem["status"]), (status, &json!(status)), "{problem}");
    assert_eq!(problem["type"], format!("urn:openclaw:problem:{kind}"));
    assert_eq!((&problem["instance"], answer.header("x-request-id")), (&json!(REQUEST_ID), Some(REQUEST_ID)));
    assert_eq!(answer.header("content-type"), Some("application/problem+json"));
    assert_eq!(answer.header("www-authenticate").is_some(), status == 401, "{problem}");
    assert_eq!(answer.header("retry-after").is_some(), status == 503, "{problem}");
    problem
}

/// Returns whether the connection is open, by the answer to a message.
async fn is_open(sockets: &Sockets) -> bool {
    sockets.send(&json!({ "action": "cancel", "request_id": "nothing" })).await;
    let status = sockets.frames().last().unwrap()["data"]["status"].clone();
    assert!(status == 404 || status == 401, "{status}");
    status == 404
}

#[tokio::test]
async fn a_token_may_come_in_the_header() {
    let sockets = Sockets::new();
    assert!(!is_open(&sockets).await);
    let token = sockets.world.token("alice");
    for name in ["Authorization", "authorization"] {
        let answer = sockets.connect(&json!({ name: format!("Bearer {token}") })).await;
        assert_eq!((answer.status(), answer.header("sec-websocket-protocol")), (200, None));
    }
    assert!(is_open(&sockets).await);
}

#[tokio::test]
async fn a_token_may_come_as_a_protocol_and_one_of_those_offered_is_chosen() {
    let sockets = Sockets::new();
    let token = sockets.world.token("alice");
    for (offered, chosen) in [
        (token.clone(), token.as_str()),
        (format!("bearer, {token}"), "bearer"),
        (format!("{token},bearer"), "bearer"),
        (format!("graphql-ws , {token}"), token.as_str()),
    ] {
        let answer = sockets.connect(&json!({ "Sec-WebSocket-Protocol": offered })).await;
        assert_eq!((answer.status(), answer.header("sec-websocket-protocol")), (200, Some(chosen)), "{offered}");
        assert!(is_open(&sockets).await);
        sockets.event("DISCONNECT", json!({})).await;
    }
    let both = json!({ "authorization": format!("Bearer {token}"), "sec-websocket-protocol": "bearer" });
    assert_eq!(sockets.connect(&both).await.header("sec-websocket-protocol"), Some("bearer"));
    let lists = json!({ "multiValueHeaders": { "Sec-WebSocket-Protocol": ["bearer", token] } });
    assert_eq!(sockets.event("CONNECT", lists).await.status(), 200);
}

#[tokio::test]
async fn a_valid_protocol_does_not_make_up_for_a_bad_header() {
    let sockets = Sockets::new();
    let token = sockets.world.token("alice");
    let both = json!({ "authorization": "Bearer no.token.this", "sec-websocket-protocol": token });
    is_refused(&sockets.connect(&both).await, 401, "invalid-token");
    assert!(!is_open(&sockets).await);
}

#[tokio::test]
async fn a_token_in_the_query_must_be_enabled() {
    let mut sockets = Sockets::new();
    let query = json!({ "queryStringParameters": { "access_token": sockets.world.token("alice") } });
    is_refused(&sockets.event("CONNECT", query.clone()).await, 401, "invalid-token");
    sockets.rebuild(|ports| ports.access_token_in_query = true);
    assert_eq!(sockets.event("CONNECT", query).await.status(), 200);
    let wrong = json!({ "queryStringParameters": { "access_token": "a.b.c" } });
    is_refused(&sockets.event("CONNECT", wrong).await, 401, "invalid-token");
}

#[tokio::test]
async fn a_connection_requires_a_valid_token() {
    let sockets = Sockets::new();
    let alice = sockets.short_lived_token();
    for headers in [
        json!({}),
        json!({ "authorization": alice }),
        json!({ "authorization": format!("Bearer {alice}x") }),
        json!({ "sec-websocket-protocol": "bearer" }),
        json!({ "sec-websocket-protocol": format!("bearer, {alice}x") }),
    ] {
        is_refused(&sockets.connect(&headers).await, 401, "invalid-token");
    }
    sockets.world.clock.advance(Duration::from_hours(2));
    let answer = sockets.connect(&json!({ "authorization": format!("Bearer {alice}") })).await;
    assert!(is_refused(&answer, 401, "invalid-token")["detail"].as_str().unwrap().contains("expired"));
    assert!(!is_open(&sockets).await);
}

#[tokio::test]
async fn a_connection_that_cannot_be_checked_or_stored_is_refused() {
    let sockets = Sockets::new();
    let headers = json!({ "authorization": format!("Bearer {}", sockets.world.token("alice")) });
    sockets.registry.set_down(true);
    is_refused(&sockets.connect(&headers).await, 503, "unavailable");
    sockets.registry.set_down(false);
    sockets.world.keys.down.store(true, std::sync::atomic::Ordering::Relaxed);
    let fresh = Sockets::new();
    fresh.world.keys.down.store(true, std::sync::atomic::Ordering::Relaxed);
    is_refused(&fresh.connect(&headers).await, 503, "unavailable");
    assert!(!is_open(&fresh).await);
}

#[tokio::test]
async fn a_page_connects_only_from_an_origin_that_is_allowed() {
    const PAGE: &str = "https://app.example.com";
    for (allowed, origin, status) in [
        (&[PAGE][..], PAGE, 200),
        (&[PAGE][..], "https://app.example.com.evil.example", 403),
        (&[PAGE][..], "null", 403),
        (&[][..], PAGE, 403),
        (&["*"][..], "https://any.example", 200),
    ] {
        let sockets = Sockets::with_origins(allowed);
        let token = format!("Bearer {}", sockets.world.token("alice"));
        let answer = sockets.connect(&json!({ "authorization": token, "Origin": origin })).await;
        assert_eq!(answer.status(), status, "{allowed:?} {origin}");
        if status == 403 {
            assert_eq!(is_refused(&answer, 403, "forbidden")["policy_ids"], json!(["allowed-origins"]));
            assert!(!is_open(&sockets).await);
        }
    }
}

#[tokio::test]
async fn a_connection_comes_from_an_address_that_is_allowed() {
    let mut sockets = Sockets::new();
    let headers = json!({ "authorization": format!("Bearer {}", sockets.world.token("alice")) });
    for (allowed, status) in [
        (vec![], 403),
        (vec!["198.51.100.0/24"], 403),
        (vec!["198.51.100.0/24", "192.0.2.0/24"], 200),
        (vec!["2001:db8::/32"], 403),
        (vec!["0.0.0.0/0"], 200),
    ] {
        let blocks = allowed.iter().map(|block| block.parse().unwrap()).collect();
        sockets.rebuild(|ports| ports.allowed_cidrs = Some(blocks));
        let answer = sockets.connect(&headers).await;
        assert_eq!(answer.status(), status, "{allowed:?}");
        if status == 403 {
            assert_eq!(is_refused(&answer, 403, "forbidden")["policy_ids"], json!(["allowed-cidrs"]));
        }
    }
    let nameless = json!({ "headers": headers, "requestContext": {
        "eventType": "CONNECT", "connectionId": "c=", "identity": { "sourceIp": "unknown" } } });
    is_refused(&sockets.handle(nameless).await, 403, "forbidden");
}

/// The clock of a test starts on 2023-11-14.
#[tokio::test]
async fn a_network_is_refused_after_its_last_day() {
    for (list, days_later, status) in [
        ("192.0.2.0/24@2023-11-14", 0, 200),
        ("192.0.2.0/24@2023-11-14", 1, 403),
        ("192.0.2.0/24@2023-11-13", 0, 403),
        ("192.0.2.0/24@2023-11-13,198.51.100.0/24@2024-11-14", 0, 403),
        ("192.0.2.0/24@2023-11-13,192.0.2.0/25@2023-11-15", 1, 200),
    ] {
        let mut sockets = Sockets::new();
        let networks = Environment::from_pairs([("OPENCLAW_ALLOWED_CIDRS", list)]).allowed_cidrs().unwrap();
        sockets.rebuild(|ports| ports.allowed_cidrs = networks);
        sockets.world.clock.advance(Duration::from_hours(24 * days_later));
        let answer =
            sockets.connect(&json!({ "authorization": format!("Bearer {}", sockets.world.token("alice")) })).await;
        assert_eq!(answer.status(), status, "{list} {days_later}");
    }
}

#[tokio::test]
async fn a_closed_connection_is_forgotten() {
    let sockets = Sockets::connected().await;
    assert!(is_open(&sockets).await);
    assert_eq!(sockets.event("DISCONNECT", json!({})).await.status(), 200);
    assert!(!is_open(&sockets).await);
}

#[tokio::test]
async fn other_events_are_the_operators_fault() {
    let sockets = Sockets::new();
    for event in [json!({}), json!({ "requestContext": { "connectionId": "c=", "eventType": "DANCE" } })] {
        assert_eq!(sockets.handle(event).await.status(), 200);
    }
    assert!(sockets.frames().is_empty());
}
