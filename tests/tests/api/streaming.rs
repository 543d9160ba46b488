//! `POST /v1/agent/{agent_name}/stream`: the same turn as events, streamed, or in one piece if the front door cannot
//! stream.

use std::time::Duration;

use openclaw::testing::{Script, StreamEnd, word_deltas};
use serde_json::{Value, json};
use tokio::time::Instant;

use crate::streams::events;
use crate::world::{Answer, REQUEST_ID, Request, World};

const LONG: Duration = Duration::from_mins(15);

fn post(world: &World, path: &str, prompt: &str) -> Request {
    Request::post(path, json!({ "prompt": prompt })).token(world.token("alice"))
}

fn named<'a>(events: &'a [(String, Value)], name: &str) -> Vec<&'a Value> {
    events.iter().filter(|(known, _)| known == name).map(|(_, data)| data).collect()
}

/// Returns the buffered answer that a stream's events amount to.
fn folded(events: &[(String, Value)]) -> Value {
    let (start, end) = (named(events, "start"), named(events, "end"));
    let ([start], [end]) = (start.as_slice(), end.as_slice()) else { panic!("{events:?}") };
    assert_eq!((events[0].0.as_str(), events.last().unwrap().0.as_str()), ("start", "end"), "{events:?}");
    for member in ["id", "agent", "conversation_id"] {
        assert_eq!(start[member], end[member]);
    }
    let steps: Vec<Value> = named(events, "step").into_iter().cloned().collect();
    assert_eq!(end["steps"], Value::from(steps), "every step has an event");
    let said: String = named(events, "delta").iter().map(|delta| delta["text"].as_str().unwrap()).collect();
    let mut answer = (*end).clone();
    assert!(answer.as_object_mut().unwrap().insert("output".to_owned(), said.into()).is_none());
    answer
}

#[tokio::test]
async fn a_streamed_turn_is_the_buffered_one() {
    let (buffered, streamed) = (World::new(), World::new());
    for world in [&buffered, &streamed] {
        world.model.then(Script::Stream(word_deltas("Good day to you"), StreamEnd::Close));
    }
    let whole = buffered.send(&post(&buffered, "default", "Hello")).await;
    let answer = streamed.send(&post(&streamed, "default/stream", "Hello")).await;
    assert_eq!((answer.status, answer.header("content-type")), (200, Some("text/event-stream")));
    assert_eq!(named(&answer.events(), "delta").len(), 4, "one delta for each piece");
    assert_eq!(folded(&answer.events()), whole.body);
    let path = format!("/v1/conversations/{}", whole.text_of("conversation_id"));
    let stored = streamed.get("alice", &path).await.body;
    assert_eq!(stored, buffered.get("alice", &path).await.body);
    assert_eq!(stored["messages"][1]["text"], "Good day to you");
    assert_eq!(*streamed.metrics.lock().unwrap(), *buffered.metrics.lock().unwrap(), "one invocation, counted once");
}

#[tokio::test]
async fn a_front_door_that_cannot_stream_gets_the_same_events_in_one_piece() {
    let worlds = [World::new(), World::new(), World::new()];
    for world in &worlds {
        world.model.then(Script::Stream(word_deltas("Good day to you"), StreamEnd::Close));
    }
    let [whole, by_path, by_form] = &worlds;
    let whole = whole.send(&post(whole, "default", "Hello")).await.body;
    let accepting = |world: &World, path: &str| post(world, path, "Hello").header("accept", "text/event-stream");
    let answers = [
        by_path.send_to("agent", &post(by_path, "default/stream", "Hello")).await,
        by_form.send_to("agent", &accepting(by_form, "default")).await,
    ];
    for answer in answers {
        assert_eq!((answer.status, answer.header("content-type")), (200, Some("text/event-stream")));
        assert_eq!(folded(&answer.events()), whole);
    }
    let world = World::new();
    world.model.then(Script::Fail(openclaw::llm::LlmError::Malformed("test")));
    world.send_to("agent", &accepting(&world, "default/stream")).await.is_problem(502, "provider-failed");
}

#[tokio::test]
async fn the_accept_header_selects_the_media_type() {
    let world = World::new();
    for (path, accept, expected) in [
        ("default", "application/json, text/event-stream", "application/json"),
        ("default", "text/event-stream, application/json;q=0.5", "text/event-stream"),
        ("default", "text/event-stream, */*;q=0.1", "text/event-stream"),
        ("default", "*/*", "application/json"),
        ("default/stream", "*/*", "text/event-stream"),
        ("default/stream", "text/*;q=0.1", "text/event-stream"),
        ("default/stream", "text/event-stream", "text/event-stream"),
    ] {
        let answer = world.send(&post(&world, path, "Hello").header("accept", accept)).await;
        assert_eq!((answer.status, answer.header("content-type")), (200, Some(expected)), "{path} {accept}");
    }
    for (path, accept) in [
        ("default/stream", "application/json"),
        ("default/stream", "text/event-stream;q=0, */*"),
        ("default", "text/html"),
    ] {
        let answer = world.send(&post(&world, path, "Hello").header("accept", accept)).await;
        answer.is_problem(406, "not-acceptable");
    }
}

#[tokio::test]
async fn pieces_are_sent_as_they_are_generated() {
    let world = World::new();
    let said = word_deltas("Good day").into_iter().take(2).collect();
    world.model.then(Script::Stream(said, StreamEnd::Hang));
    let mut open = world.open(&post(&world, "default/stream", "Hello"), LONG);
    let mut text = String::new();
    while !text.contains("day") {
        text.push_str(&open.piece().await.unwrap());
    }
    let names: Vec<String> = events(&text).into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["start", "delta", "delta"], "before the model has ended");
    open.leave().await;
}

#[tokio::test]
async fn a_stream_has_the_headers_of_every_answer() {
    const PAGE: &str = "https://app.example.com";
    let world = World::with_origins(&[PAGE]);
    let answer = world.send(&post(&world, "default/stream", "Hello").header("origin", PAGE)).await;
    for (name, value) in [
        ("access-control-allow-origin", PAGE),
        ("cache-control", "no-store"),
        ("content-type", "text/event-stream"),
        ("vary", "Origin"),
        ("x-content-type-options", "nosniff"),
        ("x-request-id", REQUEST_ID),
    ] {
        assert_eq!(answer.header(name), Some(value), "{name}");
    }
    let foreign = world.send(&post(&world, "default/stream", "Hello").header("origin", "https://other.example")).await;
    assert_eq!(foreign.header("access-control-allow-origin"), None);
}

#[tokio::test(start_paused = true)]
async fn an_idle_stream_gets_a_comment_at_least_every_fifteen_seconds() {
    let world = World::new();
    world.model.then(Script::Stream(word_deltas("Good").into_iter().take(1).collect(), StreamEnd::Hang));
    let mut open = world.open(&post(&world, "default/stream", "Hello"), LONG);
    let (mut comments, mut last) = (0, Instant::now());
    while let Some(piece) = open.piece().await {
        assert!(last.elapsed() < Duration::from_secs(15), "{:?} of silence", last.elapsed());
        last = Instant::now();
        comments += usize::from(piece.starts_with(':'));
    }
    assert_eq!(comments, 5, "until the deadline of a minute");
}

#[tokio::test(start_paused = true)]
async fn a_slow_model_does_not_delay_the_start_of_the_stream() {
    let world = World::new();
    world.model.then(Script::Hang);
    let began = Instant::now();
    let mut open = world.open(&post(&world, "default/stream", "Hello"), LONG);
    assert_eq!(open.head().await.status, 200);
    assert!(began.elapsed() < Duration::from_secs(15), "{:?}", began.elapsed());
    let text = open.rest().await;
    let events = events(&text);
    let names: Vec<&str> = events.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["start", ":", ":", ":", ":", "step", "error"]);
    let problem = &events[6].1;
    assert_eq!((&problem["status"], &problem["instance"]), (&json!(504), &json!(REQUEST_ID)));
}

#[tokio::test]
async fn a_replay_is_a_stream_of_one_delta() {
    let world = World::new();
    world.model.then(Script::Stream(word_deltas("Good day to you"), StreamEnd::Close));
    let request = post(&world, "default/stream", "Hello").header("idempotency-key", "k");
    let first: Answer = world.send(&request).await;
    let again = world.send(&request).await.events();
    assert_eq!(named(&again, "delta"), [&json!({ "text": "Good day to you" })]);
    let end = named(&again, "end")[0].clone();
    assert_eq!(&end, named(&first.events(), "end")[0]);
    assert_eq!(world.model.requests().len(), 1);
    let other = Request::post("default/stream", json!({ "prompt": "Another" })).token(world.token("alice"));
    world.send(&other.header("idempotency-key", "k")).await.is_problem(409, "idempotency-conflict");
}
