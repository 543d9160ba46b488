//! What clients say on a WebSocket, and the runs that come of it.

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
async fn a_run_over_a_websocket_is_the_buffered_one() {
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
async fn a_message_is_answered_before_its_run_has_begun() {
    let sockets = Sockets::connected().await;
    sockets.say(&invoke("mine")).await;
    assert!(sockets.frames().is_empty() && sockets.world.model.requests().is_empty());
    sockets.carry_out().await;
    assert_eq!(sockets.frames().last().unwrap()["event"], "end");
}

#[tokio::test]
async fn a_request_without_a_name_has_the_invocations() {
    let sockets = Sockets::connected().await;
    let mut message = invoke("x");
    message.as_object_mut().unwrap().remove("request_id");
    let frames = sockets.invoke(&message).await;
    assert_eq!(names(&frames, REQUEST_ID).last(), Some(&"end"));
}

#[tokio::test]
async fn a_conversation_goes_on() {
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
async fn what_is_wrong_with_a_message_is_an_error_event() {
    for (message, request_id, status) in [
        (json!({ "action": "dance", "request_id": "mine" }), "mine", 422),
        (json!({ "action": "invoke", "agent": "default", "prompt": "", "request_id": "mine" }), "mine", 422),
        (json!({ "action": "invoke", "agent": "nobody", "prompt": "Hi", "request_id": "mine" }), "mine", 404),
        (json!({ "action": "invoke", "agent": "operators", "prompt": "Hi" }), REQUEST_ID, 404),
        (cancel("unknown"), "unknown", 404),
        (json!([]), REQUEST_ID, 422),
    ] {
        let sockets = Sockets::connected().await;
        sockets.say(&message).await;
        sockets.is_error(request_id, status);
        assert!(sockets.orders.take().is_none(), "{message}");
    }
    for text in ["", "ping", "{"] {
        let sockets = Sockets::connected().await;
        sockets.say_text(text).await;
        sockets.is_error(REQUEST_ID, 400);
    }
    let sockets = Sockets::connected().await;
    sockets.event("MESSAGE", json!({ "body": "!", "isBase64Encoded": true })).await;
    sockets.is_error(REQUEST_ID, 400);
}

#[tokio::test]
async fn every_message_finds_out_whether_the_token_has_expired() {
    for message in [invoke("mine"), cancel("mine"), json!({ "action": "dance", "request_id": "mine" })] {
        let sockets = Sockets::connected().await;
        sockets.world.clock.advance(Duration::from_hours(1) + Duration::from_secs(61));
        sockets.say(&message).await;
        assert!(sockets.is_error("mine", 401)["detail"].as_str().unwrap().contains("expired"), "{message}");
        assert!(sockets.orders.take().is_none());
    }
}

#[tokio::test]
async fn a_name_is_taken_while_its_run_goes_on() {
    let sockets = Sockets::connected().await;
    sockets.say(&invoke("mine")).await;
    sockets.say(&invoke("mine")).await;
    // Under the run's own name it would look like the run's end.
    assert_eq!(sockets.is_error(REQUEST_ID, 409)["retry_after_seconds"], 1);
    sockets.carry_out().await;
    assert!(sockets.orders.take().is_none());
    assert_eq!(names(&sockets.invoke(&invoke("mine")).await, "mine").last(), Some(&"end"), "it is free again");
}

#[tokio::test]
async fn a_connection_has_room_for_sixteen_runs_that_wait() {
    let sockets = Sockets::connected().await;
    for number in 0..16 {
        sockets.say(&invoke(&format!("r{number}"))).await;
    }
    assert!(sockets.frames().is_empty());
    sockets.say(&invoke("r16")).await;
    sockets.is_error("r16", 429);
}

#[tokio::test]
async fn what_cannot_be_started_is_told_and_forgotten() {
    let sockets = Sockets::connected().await;
    sockets.orders.break_down();
    for number in 0..2 {
        sockets.say(&invoke("mine")).await;
        let frame = &sockets.frames()[number];
        assert_eq!((&frame["event"], &frame["data"]["status"]), (&json!("error"), &json!(503)), "the name is free");
    }
    let sockets = Sockets::connected().await;
    sockets.registry.set_down(true);
    sockets.say(&invoke("mine")).await;
    sockets.is_error("mine", 503);
}

/// Lambda delivers at least once, also long after the run, when its name is another's.
#[tokio::test]
async fn an_order_that_is_delivered_twice_is_carried_out_once() {
    let sockets = Sockets::connected().await;
    sockets.say(&invoke("mine")).await;
    let order = sockets.orders.take().unwrap();
    sockets.carry_out_this(&order).await;
    let (frames, counted) = (sockets.frames().len(), sockets.world.metrics.lock().unwrap().len());
    sockets.carry_out_this(&order).await;
    assert_eq!((sockets.frames().len(), sockets.world.model.requests().len()), (frames, 1));
    assert_eq!(sockets.world.metrics.lock().unwrap().len(), counted, "no request of its own");
    sockets.say(&invoke("mine")).await;
    sockets.carry_out_this(&order).await;
    assert_eq!(sockets.world.model.requests().len(), 1, "it is not taken for the new one");
    sockets.carry_out().await;
    assert_eq!((sockets.frames().len(), sockets.world.model.requests().len()), (2 * frames, 2));
}

#[tokio::test]
async fn what_is_refused_does_not_look_like_the_end_of_the_run_of_its_name() {
    for message in [cancel("mine"), invoke("mine"), json!({ "action": "cancel", "request_id": "mine", "prompt": 1 })] {
        let sockets = Sockets::connected().await;
        sockets.say(&invoke("mine")).await;
        sockets.world.clock.advance(Duration::from_hours(1) + Duration::from_secs(61));
        sockets.say(&message).await;
        sockets.is_error(REQUEST_ID, 401);
        sockets.carry_out().await;
        assert_eq!(names(&sockets.frames()[1..], "mine").last(), Some(&"end"), "a run goes on to its end");
    }
}

#[tokio::test]
async fn what_fails_is_told_by_the_last_frame() {
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
    sockets.say(&invoke("mine")).await;
    sockets.registry.set_down(true);
    sockets.carry_out().await;
    sockets.is_error("mine", 503);
    assert!(sockets.world.model.requests().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_cancelled_run_ends_within_moments_and_leaves_nothing() {
    let sockets = Sockets::connected().await;
    sockets.world.model.then(Script::Stream(word_deltas("Good day").into_iter().take(2).collect(), StreamEnd::Hang));
    sockets.say(&invoke("mine")).await;
    let began = tokio::time::Instant::now();
    let cancelling = async {
        tokio::time::sleep(Duration::from_millis(300)).await;
        sockets.say(&cancel("mine")).await;
    };
    tokio::join!(sockets.carry_out(), cancelling);
    assert!(began.elapsed() < Duration::from_secs(2), "{:?}", began.elapsed());
    let frames = sockets.frames();
    assert_eq!(names(&frames, "mine"), ["start", "delta", "error"]);
    assert_eq!((said(&frames).as_str(), &frames[2]["data"]["status"]), ("Good day", &json!(499)));
    assert_eq!(frames[2]["data"]["type"], "urn:openclaw:problem:cancelled");
    assert_eq!(sockets.world.model.open_streams(), 0);
    let path = format!("/v1/conversations/{}", frames[0]["data"]["conversation_id"].as_str().unwrap());
    sockets.world.get("alice", &path).await.is_problem(404, "not-found");
}

#[tokio::test]
async fn a_run_that_is_cancelled_before_it_begins_asks_no_model() {
    let sockets = Sockets::connected().await;
    sockets.say(&invoke("mine")).await;
    sockets.say(&cancel("mine")).await;
    sockets.carry_out().await;
    sockets.is_error("mine", 499);
    assert!(sockets.world.model.requests().is_empty());
}

/// A client that is gone stops the run and its cost, whether API Gateway says so when a frame is posted, or by its event.
#[tokio::test(start_paused = true)]
async fn who_has_left_ends_the_run() {
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
    sockets.say(&invoke("mine")).await;
    let leaving = async {
        tokio::time::sleep(Duration::from_secs(3)).await;
        sockets.event("DISCONNECT", json!({})).await;
    };
    let began = tokio::time::Instant::now();
    let (lines, _guard) = capture(&sockets.world);
    tokio::join!(sockets.carry_out(), leaving);
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
    assert_eq!(sockets.world.model.open_streams(), 0);
    let lines = parsed(&lines);
    let run = lines.iter().find(|line| line["route"] == "run").unwrap();
    assert_eq!((&run["status"], &run["problem"]), (&json!(499), &json!("client-gone")));
    assert!(sockets.frames().is_empty(), "nobody is left to be told");
}

/// A frame that cannot be delivered, though its client is still there, is not passed over in silence.
#[tokio::test(start_paused = true)]
async fn what_cannot_be_delivered_is_told_as_soon_as_it_can() {
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

/// The answer is stored in the moment in which it is called off: then it is given whole.
#[tokio::test(start_paused = true)]
async fn what_is_called_off_too_late_is_given_whole() {
    let sockets = Sockets::connected().await;
    sockets.mailbox.slow_down(Duration::from_millis(700));
    sockets.world.model.then(Script::Stream(word_deltas("Good day to you"), StreamEnd::Close));
    sockets.say(&invoke("mine")).await;
    let cancelling = async {
        tokio::time::sleep(Duration::from_millis(100)).await;
        sockets.say(&cancel("mine")).await;
    };
    tokio::join!(sockets.carry_out(), cancelling);
    let frames = sockets.frames();
    assert_eq!(frames.last().unwrap()["event"], "end");
    assert_eq!(said(&frames), "Good day to you");
    names(&frames, "mine");
}

/// A slow client is told joined texts, and the model's stream waits: nothing piles up.
#[tokio::test(start_paused = true)]
async fn a_slow_client_slows_the_model_down() {
    let sockets = Sockets::connected().await;
    sockets.mailbox.slow_down(Duration::from_millis(300));
    let pieces = word_deltas(&"word ".repeat(1000));
    sockets.world.model.then(Script::Stream(pieces, StreamEnd::Close));
    sockets.say(&invoke("mine")).await;
    let looking = async {
        tokio::time::sleep(Duration::from_millis(1250)).await;
        sockets.world.model.events_read()
    };
    let ((), taken) = tokio::join!(sockets.carry_out(), looking);
    assert!(taken < 120, "{taken} pieces were taken while four frames were posted");
    assert_eq!(names(&sockets.frames(), "mine").last(), Some(&"end"), "nothing is lost by that");
}

#[tokio::test]
async fn a_run_of_another_revision_is_refused() {
    let sockets = Sockets::connected().await;
    sockets.say(&invoke("mine")).await;
    let mut order: Value = serde_json::from_slice(&sockets.orders.take().unwrap()).unwrap();
    assert_eq!(order["websocket_run"]["v"], 1);
    order["websocket_run"]["v"] = json!(2);
    let refused = sockets.perform(order.to_string().as_bytes()).await;
    assert_eq!(refused, Err(StreamError::UnreadableRun));
    assert_eq!(sockets.frames(), Vec::<Value>::new());
}
