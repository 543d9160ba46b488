//! Failures of a stream: before its first byte an ordinary problem, later its last event; clients that disconnect or are
//! slow.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use openclaw::llm::LlmError;
use openclaw::telemetry::JsonLines;
use openclaw::testing::{Fault, Operation, Script, StreamEnd, word_deltas};
use serde_json::{Value, json};
use tracing_subscriber::layer::SubscriberExt;

use crate::streams::events;
use crate::world::{REQUEST_ID, Request, World};

const LONG: Duration = Duration::from_mins(15);

fn post(world: &World, prompt: &str) -> Request {
    Request::post("default/stream", json!({ "prompt": prompt })).token(world.token("alice"))
}

fn begun() -> Vec<openclaw::llm::StreamEvent> {
    word_deltas("Good day to you").into_iter().take(2).collect()
}

async fn stored(world: &World) -> Value {
    world.get("alice", "/v1/conversations").await.body["conversations"].clone()
}

/// Sends this thread's log to a list until the guard is dropped.
fn capture(world: &World) -> (Arc<Mutex<Vec<String>>>, tracing::subscriber::DefaultGuard) {
    let lines = Arc::new(Mutex::new(Vec::new()));
    let writer = Arc::clone(&lines);
    let write = Arc::new(move |line: &str| writer.lock().unwrap().push(line.to_owned()));
    let layer = JsonLines::new(tracing::Level::INFO, Arc::clone(&world.clock) as _, write);
    (lines, tracing::subscriber::set_default(tracing_subscriber::registry().with(layer)))
}

/// Returns the line of the newest request.
fn answered(lines: &Mutex<Vec<String>>) -> Value {
    let lines = lines.lock().unwrap();
    let parsed = lines.iter().rev().map(|line| serde_json::from_str::<Value>(line).unwrap());
    parsed.into_iter().find(|line| line["message"] == "request answered").unwrap()
}

#[tokio::test]
async fn an_error_before_the_first_byte_is_the_same_problem_as_without_streaming() {
    let requests = |world: &World, path: &str| {
        let body = |body: Value| Request::post(path, body).token(world.token("alice"));
        let hello = json!({ "prompt": "Hello" });
        vec![
            (401, Request::post(path, hello.clone())),
            (401, Request::post(path, hello.clone()).header("authorization", "Basic x")),
            (404, Request::post(path, hello.clone()).token(world.token("mallory"))),
            (405, Request::new("GET", &format!("/v1/agent/{path}")).token(world.token("alice"))),
            (406, body(hello.clone()).header("accept", "image/png")),
            (415, body(hello.clone()).header("content-type", "text/plain")),
            (400, Request::raw(path, "{").token(world.token("alice"))),
            (400, body(hello.clone()).base64()),
            (400, body(hello.clone()).header("idempotency-key", "")),
            (413, body(json!({ "prompt": "x".repeat(1_000_001) }))),
            (413, body(json!({ "prompt": "x".repeat(140_000) }))),
            (422, body(json!([]))),
            (422, body(json!({ "prompt": " ", "more": 1 }))),
            (404, body(json!({ "prompt": "Hello", "conversation_id": "8f5c1b9e-0000-4000-8000-000000000001" }))),
        ]
    };
    let world = World::new();
    let pairs = requests(&world, "default").into_iter().zip(requests(&world, "default/stream"));
    for ((status, buffered), (_, streamed)) in pairs {
        let (buffered, streamed) = (world.send(&buffered).await, world.send(&streamed).await);
        assert_eq!((buffered.status, streamed.status), (status, status), "{}", streamed.text);
        assert_eq!(streamed.header("content-type"), Some("application/problem+json"));
        if status != 406 {
            assert_eq!(streamed.body, buffered.body);
        }
        assert_eq!(streamed.header("www-authenticate"), buffered.header("www-authenticate"));
        assert_eq!(streamed.header("allow"), buffered.header("allow"));
    }
    assert!(world.model.requests().is_empty());
}

#[tokio::test]
async fn a_provider_that_fails_before_the_stream_is_an_ordinary_problem() {
    for (error, status, name) in [
        (LlmError::Malformed("test"), 502, "provider-failed"),
        (LlmError::Unauthorized { status: 401, code: None }, 502, "provider-failed"),
        (LlmError::Unsupported { member: "temperature", detail: "no".to_owned() }, 422, "unsupported-by-model"),
    ] {
        let world = World::new();
        world.model.then(Script::Fail(error));
        world.send(&post(&world, "Hello")).await.is_problem(status, name);
        assert_eq!(stored(&world).await, json!([]));
    }
}

#[tokio::test]
async fn a_provider_that_fails_within_the_stream_ends_it_with_an_error() {
    for (then, status) in [
        (StreamEnd::Close, 503),
        (StreamEnd::Fail(LlmError::Malformed("a broken frame")), 502),
        (StreamEnd::Fail(LlmError::TimedOut), 503),
        (
            StreamEnd::Fail(LlmError::Rejected { status: 529, code: Some("overloaded".to_owned()), retry_after: None }),
            502,
        ),
    ] {
        let world = World::new();
        let (lines, _guard) = capture(&world);
        world.model.then(Script::Stream(begun(), then));
        let answer = world.send(&post(&world, "Hello")).await;
        assert_eq!(answer.status, 200, "the response had begun");
        let events = answer.events();
        let names: Vec<&str> = events.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["start", "delta", "delta", "step", "error"]);
        let problem = &events[4].1;
        assert_eq!((&problem["status"], &problem["instance"]), (&json!(status), &json!(REQUEST_ID)));
        assert_eq!(stored(&world).await, json!([]), "half an answer is not stored");
        assert_eq!(world.model.requests().len(), 1, "no fallback after the first delta");
        let line = answered_stream(&lines);
        assert_eq!((&line["status"], &line["route"]), (&json!(status), &json!("/v1/agent/{agent_name}/stream")));
    }
}

fn answered_stream(lines: &Mutex<Vec<String>>) -> Value {
    let lines = lines.lock().unwrap();
    let parsed: Vec<Value> = lines.iter().map(|line| serde_json::from_str(line).unwrap()).collect();
    let mut of_stream = parsed.into_iter().filter(|line| line["route"] == "/v1/agent/{agent_name}/stream");
    let line = of_stream.next().unwrap();
    assert!(of_stream.next().is_none(), "one line for each invocation");
    line
}

#[tokio::test]
async fn a_store_that_fails_after_the_last_word_ends_the_stream_with_an_error() {
    let world = World::new();
    world.store.inject(Operation::Commit, Fault::Refuse, 1);
    let events = world.send(&post(&world, "Hello")).await.events();
    let (name, problem) = events.last().unwrap();
    assert_eq!((name.as_str(), &problem["status"]), ("error", &json!(503)));
    assert!(events.iter().all(|(name, _)| name != "end"));
}

#[tokio::test]
async fn a_client_that_leaves_ends_the_run_and_the_log_says_so() {
    let world = World::new();
    let (lines, _guard) = capture(&world);
    world.model.then(Script::Stream(begun(), StreamEnd::Hang));
    let request = post(&world, "Hello").header("idempotency-key", "k");
    let mut open = world.open(&request, LONG);
    open.piece().await.unwrap();
    assert_eq!(world.model.open_streams(), 1);
    open.leave().await;
    assert_eq!(world.model.open_streams(), 0, "the model's stream is closed");
    assert_eq!(stored(&world).await, json!([]));
    let line = answered_stream(&lines);
    assert_eq!((&line["status"], &line["problem"]), (&json!(499), &json!("client-gone")));
    assert!(line["fault"].as_str().unwrap().contains("left"), "{line}");
    let metrics: Value = serde_json::from_str(&world.metrics.lock().unwrap()[0]).unwrap();
    assert_eq!((&metrics["Requests"], &metrics["Errors"]), (&json!(1), &json!(0)), "nobody failed");
    assert_eq!(world.send(&request).await.status, 200, "the key is free again");
}

#[tokio::test]
async fn the_log_line_comes_when_the_stream_ends() {
    let world = World::new();
    let (lines, _guard) = capture(&world);
    let answer = world.send(&post(&world, "PROMPT-7f3a")).await;
    assert!(answer.text.contains("PROMPT-7f3a"), "the model repeats it");
    let line = answered(&lines);
    assert_eq!((&line["status"], &line["input_tokens"], &line["output_tokens"]), (&json!(200), &json!(10), &json!(3)));
    assert!(lines.lock().unwrap().iter().all(|line| !line.contains("PROMPT-7f3a")));
}

#[tokio::test(start_paused = true)]
async fn a_slow_client_slows_the_model_down_and_loses_nothing() {
    let world = World::new();
    let text = "word ".repeat(20_000);
    world.model.then(Script::Stream(word_deltas(&text), StreamEnd::Close));
    let mut open = world.open(&post(&world, "Hello"), LONG);
    let mut received = open.piece().await.unwrap();
    open.not_reading(Duration::from_secs(20)).await;
    let taken = world.model.events_read();
    assert!(taken < 1000, "{taken} pieces are waiting for a client that does not read");
    received.push_str(&open.rest().await);
    let events = events(&received);
    let said: String = events.iter().filter_map(|(_, data)| data["text"].as_str()).collect();
    assert_eq!((said.len(), events.last().unwrap().0.as_str()), (text.len(), "end"));
}

#[tokio::test(start_paused = true)]
async fn a_client_that_does_not_read_does_not_hold_the_function_beyond_the_deadline() {
    let world = World::new();
    world.model.then(Script::Stream(word_deltas(&"word ".repeat(20_000)), StreamEnd::Close));
    let mut open = world.open(&post(&world, "Hello"), LONG);
    open.head().await;
    let began = tokio::time::Instant::now();
    open.not_reading(Duration::from_mins(5)).await;
    assert!(began.elapsed() < Duration::from_secs(62), "{:?}", began.elapsed());
    drop(open);
    assert_eq!(stored(&world).await, json!([]), "half an answer is not stored");
}
