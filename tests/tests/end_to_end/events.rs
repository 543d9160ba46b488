//! The events of a turn at the front door itself, whether it passes them on as they come or in one piece.

use reqwest::Method;
use serde_json::{Value, json};

use crate::gateway::{Gateway, QUICK_AGENT, send};

/// Names and data of a whole answer of Server-Sent Events, comments left out.
fn events(text: &str) -> Vec<(String, Value)> {
    assert!(text.ends_with("\n\n"), "the last event is not ended: {text:?}");
    let blocks = text.split_terminator("\n\n").filter(|block| !block.starts_with(':'));
    let event = |block: &str| {
        let (name, data) = block.strip_prefix("event: ").unwrap().split_once("\ndata: ").unwrap();
        (name.to_owned(), serde_json::from_str(data).unwrap())
    };
    blocks.map(event).collect()
}

async fn are_events(path: &str, accept: &str) {
    let alice = Gateway::of("alice");
    let body = json!({ "prompt": "Say hello.", "max_tokens": 6 });
    let request = alice.request(Method::POST, path).header("accept", accept).json(&body);
    let answer = send(request).await;
    assert_eq!((answer.status, answer.header("content-type")), (200, Some("text/event-stream")), "{}", answer.text);
    let events = events(&answer.text);
    let names: Vec<&str> = events.iter().map(|(name, _)| name.as_str()).collect();
    let ["start", deltas @ .., "step", "end"] = names.as_slice() else { panic!("{names:?}") };
    assert!(!deltas.is_empty() && deltas.iter().all(|name| *name == "delta"), "{names:?}");
    let said: String = events.iter().filter_map(|(_, data)| data["text"].as_str()).collect();
    let (start, end) = (&events[0].1, &events[events.len() - 1].1);
    assert_eq!((&start["id"], &start["agent"]), (&end["id"], &json!(QUICK_AGENT)));
    let path = format!("/v1/conversations/{}", start["conversation_id"].as_str().unwrap());
    assert_eq!(alice.get(&path).await.json(200)["messages"][1]["text"], said);
    alice.delete(&path).await;
}

#[tokio::test]
async fn the_stream_path_returns_events() {
    are_events(&format!("/v1/agent/{QUICK_AGENT}/stream"), "*/*").await;
}

#[tokio::test]
async fn a_client_that_accepts_events_gets_events() {
    are_events(&format!("/v1/agent/{QUICK_AGENT}"), "text/event-stream").await;
}

#[tokio::test]
async fn an_error_before_the_first_event_is_an_http_error() {
    let alice = Gateway::of("alice");
    for path in [format!("/v1/agent/{QUICK_AGENT}/stream"), format!("/v1/agent/{QUICK_AGENT}")] {
        let request = alice.request(Method::POST, &path).header("accept", "text/event-stream");
        send(request.json(&json!({ "prompt": " " }))).await.problem(422);
    }
}
