//! The handling of a provider's faults within a stream, and of a client that disconnects.

use std::time::Duration;

use bytes::Bytes;
use openclaw_tests::events::{HttpAnswer, HttpEvent};
use openclaw_tests::model_stub::Behaviour;
use serde_json::{Value, json};

use crate::scene::{LONG, Running, Scene};

/// More often than anything is tried.
const EVER: usize = 10;

/// The text that the model has generated before the fault.
const SAID: &str = "marker-of-the-answer";

fn frame(data: &Value) -> String {
    format!("data: {data}\n\n")
}

fn chunk(delta: &Value, finish: &Value) -> String {
    frame(&json!({ "choices": [{ "index": 0, "delta": delta, "finish_reason": finish }] }))
}

fn said(text: &str) -> String {
    chunk(&json!({ "content": text }), &Value::Null)
}

/// Returns the end of a good stream.
fn end() -> String {
    let usage = json!({ "choices": [], "usage": { "prompt_tokens": 5, "completion_tokens": 2, "total_tokens": 7 } });
    chunk(&json!({}), &json!("stop")) + &frame(&usage) + "data: [DONE]\n\n"
}

fn pieces(pieces: &[(u64, String)], cut: bool) -> Behaviour {
    let pieces = pieces.iter().map(|(pause, text)| (Duration::from_millis(*pause), Bytes::from(text.clone())));
    Behaviour::Pieces { content_type: "text/event-stream", pieces: pieces.collect(), cut }
}

fn event(running: &Running) -> Bytes {
    let event = HttpEvent::new("POST", "/v1/agent/default/stream").header("accept", "text/event-stream");
    event.bearer(&running.token).json(&json!({ "prompt": "Hello" })).to_api_gateway_v2()
}

async fn ask(running: &mut Running) -> HttpAnswer {
    let event = event(running);
    let invocation = running.function.invoke(event, LONG).await;
    let invocation = invocation.unwrap_or_else(|error| panic!("{error}; {}", running.function.stdout()));
    HttpAnswer::read_streamed(&invocation.response()).unwrap()
}

async fn start() -> Running {
    let idle = |text: String| text.replace("api_key:", "timeouts: { idle_ms: 300 }, api_key:");
    Scene::of("stream").await.configured(idle).start().await
}

#[tokio::test]
async fn a_good_stream_arrives_piece_by_piece() {
    let mut stream = start().await;
    stream.scene.model.push(pieces(&[(0, said("Good ")), (150, said("day")), (150, end())], false));
    let event = event(&stream);
    let invocation = stream.function.invoke(event, LONG).await.unwrap();
    let first = |word: &str| {
        let has = |bytes: &Bytes| String::from_utf8_lossy(bytes).contains(word);
        invocation.chunks.iter().find(|chunk| has(&chunk.bytes)).unwrap().at
    };
    let apart = first("day").saturating_sub(first("Good "));
    assert!(apart > Duration::from_millis(100), "the second word came {apart:?} after the first");
    let events = HttpAnswer::read_streamed(&invocation.response()).unwrap().events();
    let names: Vec<&str> = events.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["start", "delta", "delta", "step", "end"]);
    assert_eq!(events[4].1["usage"], json!({ "input_tokens": 5, "output_tokens": 2 }));
    assert_eq!(stream.scene.items().await, 3, "two messages and their conversation");
}

#[tokio::test]
async fn a_failed_stream_ends_with_an_error_and_stores_nothing() {
    let mut stream = start().await;
    let in_band = frame(&json!({ "error": { "message": SAID, "type": "server_error", "code": "overloaded" } }));
    let faults = [
        ("it dies", pieces(&[(0, said(SAID)), (20, String::new())], true), 503),
        ("it ends without its end", pieces(&[(0, said(SAID))], false), 503),
        ("a frame is broken", pieces(&[(0, said(SAID)), (20, "data: {\"choices\": [{\n\n".to_owned())], false), 502),
        ("it stalls", pieces(&[(0, said(SAID)), (5000, end())], false), 503),
        ("it says so", pieces(&[(0, said(SAID)), (20, in_band)], false), 502),
    ];
    for (what, fault, status) in faults {
        stream.scene.model.push(fault);
        let answer = ask(&mut stream).await;
        assert_eq!(answer.status_code, 200, "{what}");
        let events = answer.events();
        let (name, problem) = events.last().unwrap();
        assert_eq!((name.as_str(), &problem["status"]), ("error", &json!(status)), "{what}: {events:?}");
        assert_eq!(problem["instance"], answer.headers["x-request-id"].as_str(), "{what}");
        assert_eq!(events[1], ("delta".to_owned(), json!({ "text": SAID })), "{what}");
        assert_eq!(stream.scene.items().await, 0, "{what}: nothing is stored");
    }
    assert_eq!(stream.scene.model.requests(), 5, "no retry after the first delta");
    assert!(!stream.function.stdout().contains(SAID));
}

#[tokio::test]
async fn a_failure_before_the_first_word_is_retried_and_is_an_http_error() {
    let mut stream = start().await;
    stream.scene.model.push(Behaviour::Close);
    stream.scene.model.push(pieces(&[(0, said("Hello")), (0, end())], false));
    let events = ask(&mut stream).await.events();
    assert_eq!(events.last().unwrap().0, "end");
    (0..EVER).for_each(|_| stream.scene.model.push(Behaviour::Close));
    let answer = ask(&mut stream).await;
    let seen = (answer.status_code, answer.headers["content-type"].as_str());
    assert_eq!(seen, (503, "application/problem+json"), "{answer:?}");
    assert_eq!(answer.json()["status"], 503);
}

#[tokio::test]
async fn a_client_that_leaves_ends_the_run_and_the_next_one_is_served() {
    let mut stream = start().await;
    let words = (0..200).map(|number| (20, said(&format!("{number} "))));
    stream.scene.model.push(pieces(&words.collect::<Vec<_>>(), false));
    let event = event(&stream);
    stream.function.invoke_and_leave(event, LONG, 6).await.unwrap();
    stream.scene.model.push(pieces(&[(0, said("Hello")), (0, end())], false));
    assert_eq!(ask(&mut stream).await.events().last().unwrap().0, "end");
    let lines = stream.lines().await.0;
    let statuses: Vec<&Value> = lines.iter().filter_map(|line| line.get("status")).collect();
    assert_eq!(statuses, [499, 200], "{lines:?}");
    assert_eq!(stream.scene.items().await, 3, "only the second turn is stored");
}

#[tokio::test]
async fn an_invalid_event_is_reported_to_the_platform_and_the_next_one_is_served() {
    let mut stream = start().await;
    let error = stream.function.invoke("[1, 2]", LONG).await.unwrap_err();
    assert!(error.to_string().contains("Function.Event"), "{error}");
    stream.scene.model.push(pieces(&[(0, said("Hello")), (0, end())], false));
    assert_eq!(ask(&mut stream).await.events().last().unwrap().0, "end");
}

#[tokio::test]
async fn a_function_that_cannot_start_reports_to_the_platform() {
    let scene = Scene::of("stream").await.configured(|text| text.replace("model: first", "model: ''"));
    let error = scene.try_start().await.err().unwrap();
    assert!(error.to_string().contains("Function.Start"), "{error}");
}
