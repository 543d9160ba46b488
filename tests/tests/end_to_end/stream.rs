//! `POST /v1/agent/{agent_name}/stream`: words as the model speaks them, from each provider, read by a client of
//! Server-Sent Events.
//!
//! `OPENCLAW_TEST_STREAM_URL` is where answers are streamed; without it, where everything else is.

use std::time::Duration;

use eventsource_stream::Eventsource;
use futures_util::StreamExt;
use reqwest::Method;
use serde_json::{Value, json};
use tokio::time::Instant;

use crate::gateway::{Gateway, QUICK_AGENT, send};

/// The text with which the local AWS answers if it does not reach the model, as if the call had succeeded.
const CANNED: &str = "[ministack mock";

struct Event {
    name: String,
    data: Value,
    at: Instant,
}

/// Opens a stream and reads its events until `enough`.
async fn events(of: &Gateway, agent: &str, body: &Value, enough: impl Fn(&[Event]) -> bool) -> Vec<Event> {
    let path = format!("/v1/agent/{agent}/stream");
    let response = of.streaming(Method::POST, &path).json(body).send().await.unwrap();
    assert_eq!(response.status(), 200);
    assert_eq!(response.headers()["content-type"], "text/event-stream");
    assert_eq!(response.headers()["cache-control"], "no-store");
    assert!(response.headers().contains_key("x-request-id"));
    let mut stream = response.bytes_stream().eventsource();
    let mut events = Vec::new();
    while let Some(event) = stream.next().await {
        let event = event.unwrap();
        let data = serde_json::from_str(&event.data).unwrap();
        events.push(Event { name: event.event, data, at: Instant::now() });
        if enough(&events) {
            break;
        }
    }
    events
}

fn texts(events: &[Event]) -> Vec<&str> {
    events.iter().filter(|event| event.name == "delta").map(|event| event.data["text"].as_str().unwrap()).collect()
}

/// Reads a whole stream, compares it with the stored transcript, erases that and returns the events.
async fn streamed(agent: &str, provider: &str) -> Vec<Event> {
    let alice = Gateway::of("alice");
    let body = json!({ "prompt": "Tell me a long story about the sea.", "max_tokens": 32 });
    let events = events(&alice, agent, &body, |_| false).await;
    let names: Vec<&str> = events.iter().map(|event| event.name.as_str()).collect();
    let ["start", said @ .., "step", "end"] = names.as_slice() else { panic!("{names:?}") };
    assert!(!said.is_empty() && said.iter().all(|name| *name == "delta"), "{names:?}");
    let (start, step, end) = (&events[0].data, &events[events.len() - 2].data, &events.last().unwrap().data);
    for member in ["id", "agent", "conversation_id"] {
        assert_eq!(start[member], end[member]);
    }
    assert_eq!((&end["agent"], &end["provider"]), (&json!(agent), &json!(provider)));
    assert_eq!(end["steps"], json!([step]));
    assert!(end["usage"]["output_tokens"].as_u64().unwrap() > 0 && end.get("output").is_none(), "{end}");
    let path = format!("/v1/conversations/{}", start["conversation_id"].as_str().unwrap());
    let stored = alice.get(&path).await.json(200);
    let text = texts(&events).concat();
    assert!(!text.contains(CANNED), "{text}");
    assert_eq!(stored["messages"][1]["text"], text, "the streamed text must be stored");
    alice.delete(&path).await;
    events
}

/// Checks that the words arrived while the model generated them, not all at the end.
fn is_incremental(events: &[Event]) {
    let number = texts(events).len();
    assert!(number >= 3, "{number} deltas");
    let (first, end) = (events[1].at, events.last().unwrap().at);
    assert!(end - first > Duration::from_millis(20), "all within {:?}", end - first);
}

#[tokio::test]
async fn anthropic_streams() {
    is_incremental(&streamed("anthropic", "anthropic").await);
}

#[tokio::test]
async fn openai_streams() {
    is_incremental(&streamed("openai", "openai").await);
}

#[tokio::test]
async fn ollama_streams() {
    is_incremental(&streamed("ollama", "ollama").await);
}

/// The local AWS buffers a Bedrock stream, so this test does not check when its words arrive.
#[tokio::test]
async fn bedrock_streams() {
    streamed("default", "bedrock").await;
}

#[tokio::test]
async fn a_conversation_continues_with_and_without_streaming() {
    let alice = Gateway::of("alice");
    let first = alice.turn(QUICK_AGENT, "Say hello.", None).await;
    let id = first["conversation_id"].as_str().unwrap();
    let body = json!({ "prompt": "Again.", "max_tokens": 4, "conversation_id": id });
    let events = events(&alice, QUICK_AGENT, &body, |_| false).await;
    assert_eq!(events[0].data["conversation_id"], id);
    alice.turn(QUICK_AGENT, "Once more.", Some(id)).await;
    let path = format!("/v1/conversations/{id}");
    let stored = alice.get(&path).await.json(200);
    assert_eq!(stored["messages"].as_array().unwrap().len(), 6);
    assert_eq!(stored["messages"][3]["text"], texts(&events).concat());
    alice.delete(&path).await;
}

#[tokio::test]
async fn an_error_before_the_first_byte_is_an_http_error() {
    let path = format!("/v1/agent/{QUICK_AGENT}/stream");
    let hello = json!({ "prompt": "Hello" });
    let anonymous = send(Gateway::anonymous().streaming(Method::POST, &path).json(&hello)).await;
    assert!(anonymous.header("www-authenticate").is_some());
    anonymous.problem(401);
    let alice = Gateway::of("alice");
    let post = |body: &Value| send(alice.streaming(Method::POST, &path).json(body));
    post(&json!({ "prompt": "" })).await.problem(422);
    post(&json!({ "prompt": "Hello", "conversation_id": "00000000-0000-4000-8000-000000000000" })).await.problem(404);
    send(alice.streaming(Method::POST, &path).header("accept", "application/json").json(&hello)).await.problem(406);
    send(alice.streaming(Method::GET, &path)).await.problem(405);
    let nobody = alice.streaming(Method::POST, "/v1/agent/nobody/stream");
    send(nobody.json(&hello)).await.problem(404);
}

#[tokio::test]
async fn a_client_that_leaves_ends_the_run_and_nothing_is_stored() {
    let alice = Gateway::of("alice");
    let body = json!({ "prompt": "Tell me a long story about the sea.", "max_tokens": 200 });
    let left = events(&alice, QUICK_AGENT, &body, |events| texts(events).len() >= 2).await;
    // A run that began later has ended, so this one would have ended too.
    let later = events(&alice, QUICK_AGENT, &body, |_| false).await;
    assert_eq!(later.last().unwrap().name, "end");
    let path = |events: &[Event]| format!("/v1/conversations/{}", events[0].data["conversation_id"].as_str().unwrap());
    alice.delete(&path(&later)).await;
    alice.get(&path(&left)).await.problem(404);
}

#[tokio::test]
async fn the_same_key_is_the_same_run() {
    let alice = Gateway::of("alice");
    let path = format!("/v1/agent/{QUICK_AGENT}/stream");
    let key = format!("stream-{:?}", std::time::UNIX_EPOCH.elapsed().unwrap());
    let ask = || {
        let request = alice.streaming(Method::POST, &path).header("idempotency-key", &key);
        send(request.json(&json!({ "prompt": "Say yes.", "max_tokens": 4 })))
    };
    let ends = [ask().await.text, ask().await.text].map(|text| {
        let end = text.split("event: end\ndata: ").nth(1).unwrap_or_else(|| panic!("{text}"));
        serde_json::from_str::<Value>(end.trim()).unwrap()
    });
    assert_eq!(ends[0], ends[1]);
}
