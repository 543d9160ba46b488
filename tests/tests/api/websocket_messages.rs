//! Messages that clients send over a WebSocket, and the runs that they start.

use std::time::Duration;

use openclaw::delivery::SendError;
use openclaw::testing::{Script, StreamEnd, word_deltas};
use openclaw::websocket::StreamError;
use serde_json::{Value, json};

use crate::logs::{capture, parsed};
use crate::sockets::{Sockets, names};
use crate::world::{REQUEST_ID, World};

fn invoke(request_id: &str) -> Value {
    json!({ "action": "invoke", "agent": "default", "request_id": request_id, "prompt": "Hello" })
}

fn cancel(request_id: &str) -> Value {
    json!({ "action": "cancel", "request_id": request_id })
}

fn said(frames: &[Value]) -> String {
    frames.iter().filter_map(|frame| frame["data"]["text"].as_str()).collect()
}

#[tokio::test]
async fn a_run_over_a_websocket_equals_the_buffered_one() {
    let (buffered, sockets) = (World::new(), Sockets::connected().await);
    for world in [&buffered, &sockets.world] {
        world.model.then(Script::Stream(word_deltas("Good day to you"), StreamEnd::Close));
    }
    let whole = buffered.turn("alice", "default", json!({ "prompt": "Hello" })).await;
    sockets.world.metrics.lock().unwrap().clear();
    let frames = sockets.invoke(&invoke("mine")).await;
    let names = names(&frames, "mine");
    let ["start", rest @ .., "step", "end"] = names.as_slice() else { panic!("{names:?}") };
    assert!(!rest.is_empty() && rest.iter().all(|name| *name == "delta"), "{names:?}");
    let mut end = frames.last().unwrap()["data"].clone();
    for member in ["id", "agent", "conversation_id"] {
        assert_eq!(frames[0]["data"][member], end[member]);
    }
    assert_eq!(end["steps"], json!([frames[frames.len() - 2]["data"]]));
    end.as_object_mut().unwrap().insert("output".to_owned(), said(&frames).into());
    assert_eq!(end, whole.body);
    let path = format!("/v1/conversations/{}", whole.text_of("conversation_id"));
    assert_eq!(sockets.world.get("alice", &path).await.body, buffered.get("alice", &path).await.body);
    let metrics = sockets.world.metrics.lock().unwrap();
    assert_eq!(metrics[0], buffered.metrics.lock().unwrap()[0], "one run, counted once");
}

#[tokio::test]
async fn a_message_is_acknowledged_before_its_run_begins() {
    let sockets = Sockets::connected().await;
    sockets.send(&invoke("mine")).await;
    assert!(sockets.frames().is_empty() && sockets.world.model.requests().is_empty());
    sockets.perform_next().await;
    assert_eq!(sockets.frames().last().unwrap()["event"], "end");
}

#[tokio::test]
async fn a_request_without_an_id_gets_the_invocations() {
    let sockets = Sockets::connected().await;
    let mut message = invoke("x");
    message.as_object_mut().unwrap().remove("request_id");
    let frames = sockets.invoke(&message).await;
    assert_eq!(names(&frames, REQUEST_ID).last(), Some(&"end"));
}

#[tokio::test]
async fn a_conversation_continues() {
    let sockets = Sockets::connected().await;
    let first = sockets.invoke(&invoke("1")).await;
    let id = first[0]["data"]["conversation_id"].clone();
    let mut again = invoke("2");
    again["conversation_id"] = id.clone();
    assert_eq!(sockets.invoke(&again).await[0]["data"]["conversation_id"], id);
    assert_eq!(sockets.world.model.requests()[1].prompt.messages.len(), 3);
    again["request_id"] = json!("3");
    again["agent"] = json!("acme-only");
    let refused = sockets.invoke(&again).await;
    assert_eq!((names(&refused, "3"), &refused[0]["data"]["status"]), (vec!["error"], &json!(422)));
}

#[tokio::test]
async fn an_invalid_message_is_answered_with_an_error_event() {
    for (message, request_id, status) in [
        (json!({ "action": "dance", "request_id": "mine" }), "mine", 422),
        (json!({ "action": "invoke", "agent": "default", "prompt": "", "request_id": "mine" }), "mine", 422),
        (json!({ "action": "invoke", "agent": "nobody", "prompt": "Hi", "request_id": "mine" }), "mine", 404),
        (json!({ "action": "invoke", "agent": "operators", "prompt": "Hi" }), REQUEST_ID, 404),
        (cancel("unknown"), "unknown", 404),
        (json!([]), REQUEST_ID, 422),
    ] {
        let sockets = Sockets::connected().await;
        sockets.send(&message).await;
        sockets.is_error(request_id, status);
        assert!(sockets.runs.take().is_none(), "{message}");
    }
    for text in ["", "ping", "{"] {
        let sockets = Sockets::connected().await;
        sockets.send_text(text).await;
        sockets.is_error(REQUEST_ID, 400);
    }
    let sockets = Sockets::connected().await;
    sockets.event("MESSAGE", json!({ "body": "!", "isBase64Encoded": true })).await;
    sockets.is_error(REQUEST_ID, 400);
}

#[tokio::test]
async fn every_message_is_refused_once_the_token_has_expired() {
    for message in [invoke("mine"), cancel("mine"), json!({ "action": "dance", "request_id": "mine" })] {
        let sockets = Sockets::connected().await;
        sockets.world.clock.advance(Duration::from_hours(1) + Duration::from_secs(61));
        sockets.send(&message).await;
        assert!(sockets.is_error("mine", 401)["detail"].as_str().unwrap().contains("expired"), "{message}");
        assert!(sockets.runs.take().is_none());
    }
}

#[tokio::test]
async fn a_request_id_is_in_use_while_its_run_is_active() {
    let sockets = Sockets::connected().await;
    sockets.send(&invoke("mine")).await;
    sockets.send(&invoke("mine")).await;
    // With the run's own request id it would look like the end of the run.
    assert_eq!(sockets.is_error(REQUEST_ID, 409)["retry_after_seconds"], 1);
    sockets.perform_next().await;
    assert!(sockets.runs.take().is_none());
    assert_eq!(
        names(&sockets.invoke(&invoke("mine")).await, "mine").last(),
        Some(&"end"),
        "the request id is free again"
    );
}

#[tokio::test]
async fn a_connection_may_have_sixteen_waiting_runs() {
    let sockets = Sockets::connected().await;
    for number in 0..16 {
        sockets.send(&invoke(&format!("r{number}"))).await;
    }
    assert!(sockets.frames().is_empty());
    sockets.send(&invoke("r16")).await;
    sockets.is_error("r16", 429);
}

#[tokio::test]
async fn a_run_that_cannot_be_dispatched_is_reported_and_forgotten() {
    let sockets = Sockets::connected().await;
    sockets.runs.break_down();
    for number in 0..2 {
        sockets.send(&invoke("mine")).await;
        let frame = &sockets.frames()[number];
        assert_eq!(
            (&frame["event"], &frame["data"]["status"]),
            (&json!("error"), &json!(503)),
            "the request id is free"
        );
    }
    let sockets = Sockets::connected().await;
    sockets.registry.set_down(true);
    sockets.send(&invoke("mine")).await;
    sockets.is_error("mine", 503);
}

/// Lambda delivers at least once, even long after the run, when another run uses its request id.
#[tokio::test]
async fn a_run_that_is_delivered_twice_is_performed_once() {
    let sockets = Sockets::connected().await;
    sockets.send(&invoke("mine")).await;
    let run = sockets.runs.take().unwrap();
    sockets.perform_event(&run).await;
    let (frames, counted) = (sockets.frames().len(), sockets.world.metrics.lock().unwrap().len());
    sockets.perform_event(&run).await;
    assert_eq!((sockets.frames().len(), sockets.world.model.requests().len()), (frames, 1));
    assert_eq!(sockets.world.metrics.lock().unwrap().len(), counted, "a repeated delivery does not count as a request");
    sockets.send(&invoke("mine")).await;
    sockets.perform_event(&run).await;
    assert_eq!(sockets.world.model.requests().len(), 1, "it is not mistaken for the new run");
    sockets.perform_next().await;
    assert_eq!((sockets.frames().len(), sockets.world.model.requests().len()), (2 * frames, 2));
}

#[tokio::test]
async fn a_refusal_does_not_look_like_the_end_of_the_run_with_its_request_id() {
    for message in [cancel("mine"), invoke("mine"), json!({ "action": "cancel", "request_id": "mine", "prompt": 1 })] {
        let sockets = Sockets::connected().await;
        sockets.send(&invoke("mine")).await;
        sockets.world.clock.advance(Duration::from_hours(1) + Duration::from_secs(61));
        sockets.send(&message).await;
        sockets.is_error(REQUEST_ID, 401);
        sockets.perform_next().await;
        assert_eq!(names(&sockets.frames()[1..], "mine").last(), Some(&"end"), "the run continues to its end");
    }
}

#[tokio::test]
async fn the_last_frame_reports_a_failure() {
    let sockets = Sockets::connected().await;
    let broken = openclaw::llm::LlmError::Malformed("test");
    sockets
        .world
        .model
        .then(Script::Stream(word_deltas("Good day").into_iter().take(1).collect(), StreamEnd::Fail(broken)));
    let frames = sockets.invoke(&invoke("mine")).await;
    assert_eq!(names(&frames, "mine"), ["start", "delta", "step", "error"]);
    let problem = &frames[3]["data"];
    assert_eq!((&problem["status"], &problem["instance"]), (&json!(502), &json!(REQUEST_ID)));
    let path = format!("/v1/conversations/{}", frames[0]["data"]["conversation_id"].as_str().unwrap());
    sockets.world.get("alice", &path).await.is_problem(404, "not-found");
    let sockets = Sockets::connected().await;
    sockets.send(&invoke("mine")).await;
    sockets.registry.set_down(true);
    sockets.perform_next().await;
    sockets.is_error("mine", 503);
    assert!(sockets.world.model.requests().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_cancelled_run_ends_within_moments_and_stores_nothing() {
    let sockets = Sockets::connected().await;
    sockets.world.model.then(Script::Stream(word_deltas("Good day").into_iter().take(2).collect(), StreamEnd::Hang));
    sockets.send(&invoke("mine")).await;
    let began = tokio::time::Instant::now();
    let cancelling = async {
        tokio::time::sleep(Duration::from_millis(300)).await;
        sockets.send(&cancel("mine")).await;
    };
    tokio::join!(sockets.perform_next(), cancelling);
    assert!(began.elapsed() < Duration::from_secs(2), "{:?}", began.elapsed());
    let frames = sockets.frames();
    assert_eq!(names(&frames, "mine"), ["start", "delta", "error"]);
    assert_eq!((said(&frames).as_str(), &frames[2]["data"]["status"]), ("Good day", &json!(499)));
    assert_eq!(frames[2]["data"]["type"], "urn:openclaw:problem:cancelled");
    let detail = frames[2]["data"]["detail"].as_str().unwrap();
    assert!(detail.contains("nothing of it is stored, but actions that had run keep their effect"), "{detail}");
    assert_eq!(sockets.world.model.open_streams(), 0);
    let path = format!("/v1/conversations/{}", frames[0]["data"]["conversation_id"].as_str().unwrap());
    sockets.world.get("alice", &path).await.is_problem(404, "not-found");
}

#[tokio::test]
async fn a_run_that_is_cancelled_before_it_begins_calls_no_model() {
    let sockets = Sockets::connected().await;
    sockets.send(&invoke("mine")).await;
    sockets.send(&cancel("mine")).await;
    sockets.perform_next().await;
    sockets.is_error("mine", 499);
    assert!(sockets.world.model.requests().is_empty());
}

/// A run stops, and its cost with it, when its client disconnects. API Gateway reports this when a frame is posted, or by
/// an event.
#[tokio::test(start_paused = true)]
async fn a_run_ends_when_its_client_disconnects() {
    let sockets = Sockets::connected().await;
    sockets.mailbox.fail_after(2, SendError::Gone);
    let pieces = word_deltas(&"word ".repeat(200)).into_iter().take(200).collect();
    sockets.world.model.then(Script::Stream(pieces, StreamEnd::Hang));
    let frames = sockets.invoke(&invoke("mine")).await;
    assert_eq!(frames.len(), 2);
    assert_eq!(sockets.world.model.open_streams(), 0);
    let path = format!("/v1/conversations/{}", frames[0]["data"]["conversation_id"].as_str().unwrap());
    sockets.world.get("alice", &path).await.is_problem(404, "not-found");

    let sockets = Sockets::connected().await;
    sockets.world.model.then(Script::Hang);
    sockets.send(&invoke("mine")).await;
    let leaving = async {
        tokio::time::sleep(Duration::from_secs(3)).await;
        sockets.event("DISCONNECT", json!({})).await;
    };
    let began = tokio::time::Instant::now();
    let (lines, _guard) = capture(&sockets.world);
    tokio::join!(sockets.perform_next(), leaving);
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
    assert_eq!(sockets.world.model.open_streams(), 0);
    let lines = parsed(&lines);
    let run = lines.iter().find(|line| line["route"] == "run").unwrap();
    assert_eq!((&run["status"], &run["problem"]), (&json!(499), &json!("client-gone")));
    assert!(sockets.frames().is_empty(), "no frame is posted to a closed connection");
}

/// A client that is still connected is notified of a frame that could not be delivered.
#[tokio::test(start_paused = true)]
async fn an_undeliverable_frame_is_reported_as_soon_as_possible() {
    let sockets = Sockets::connected().await;
    let fault = SendError::Failed("LimitExceededException".to_owned());
    sockets.mailbox.fail_once_after(1, fault);
    sockets
        .world
        .model
        .then(Script::Stream(word_deltas(&"word ".repeat(200)).into_iter().take(200).collect(), StreamEnd::Hang));
    let frames = sockets.invoke(&invoke("mine")).await;
    let events: Vec<&str> = frames.iter().map(|frame| frame["event"].as_str().unwrap()).collect();
    assert_eq!((events.first(), events.last()), (Some(&"start"), Some(&"error")));
    assert_eq!(frames.last().unwrap()["data"]["status"], 503);
    assert_eq!(sockets.world.model.open_streams(), 0);
    let path = format!("/v1/conversations/{}", frames[0]["data"]["conversation_id"].as_str().unwrap());
    sockets.world.get("alice", &path).await.is_problem(404, "not-found");
}

/// The answer is stored at the moment of the cancellation, so the client receives it completely.
#[tokio::test(start_paused = true)]
async fn a_run_that_is_cancelled_too_late_ends_normally() {
    let sockets = Sockets::connected().await;
    sockets.mailbox.slow_down(Duration::from_millis(700));
    sockets.world.model.then(Script::Stream(word_deltas("Good day to you"), StreamEnd::Close));
    sockets.send(&invoke("mine")).await;
    let cancelling = async {
        tokio::time::sleep(Duration::from_millis(100)).await;
        sockets.send(&cancel("mine")).await;
    };
    tokio::join!(sockets.perform_next(), cancelling);
    let frames = sockets.frames();
    assert_eq!(frames.last().unwrap()["event"], "end");
    assert_eq!(said(&frames), "Good day to you");
    names(&frames, "mine");
}

/// Texts for a slow client are joined, and the model's stream waits, so that nothing accumulates.
#[tokio::test(start_paused = true)]
async fn a_slow_client_slows_the_model_down() {
    let sockets = Sockets::connected().await;
    sockets.mailbox.slow_down(Duration::from_millis(300));
    let pieces = word_deltas(&"word ".repeat(1000));
    sockets.world.model.then(Script::Stream(pieces, StreamEnd::Close));
    sockets.send(&invoke("mine")).await;
    let looking = async {
        tokio::time::sleep(Duration::from_millis(1250)).await;
        sockets.world.model.events_read()
    };
    let ((), taken) = tokio::join!(sockets.perform_next(), looking);
    assert!(taken < 120, "{taken} pieces were taken while four frames were posted");
    assert_eq!(names(&sockets.frames(), "mine").last(), Some(&"end"), "no text is lost");
}

#[tokio::test]
async fn a_run_of_another_revision_is_refused() {
    let sockets = Sockets::connected().await;
    sockets.send(&invoke("mine")).await;
    let mut run: Value = serde_json::from_slice(&sockets.runs.take().unwrap()).unwrap();
    assert_eq!(run["websocket_run"]["v"], 1);
    run["websocket_run"]["v"] = json!(2);
    let refused = sockets.perform(run.to_string().as_bytes()).await;
    assert_eq!(refused, Err(StreamError::UnreadableRun));
    assert_eq!(sockets.frames(), Vec::<Value>::new());
}
