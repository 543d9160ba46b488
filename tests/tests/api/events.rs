//! The committed events: each parses and is answered, alike whatever brought it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::Duration;

use serde_json::Value;

use crate::sockets::{Sockets, names};
use crate::world::{Answer, World};

const FUNCTIONS: [&str; 5] = ["agent", "agents", "conversations", "health", "stream"];
const SOURCES: [&str; 4] = ["alb", "apigw-v1", "apigw-v2", "function-url"];
const HEALTH_CHECK: &str = "health-alb-health-check";
/// Tested with its function.
const AUTHORIZER: &str = "authorizer-request";
/// Events of a WebSocket API, and of the runs that it starts.
const WEBSOCKET: [&str; 5] =
    ["stream-websocket", "websocket-connect", "websocket-disconnect", "websocket-message", "websocket-failed-run"];

/// Reads every event, by its file's name without the ending.
fn files() -> BTreeMap<String, String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../events");
    let paths = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    paths
        .map(|path| {
            assert_eq!(path.extension().unwrap(), "json", "{}", path.display());
            (path.file_stem().unwrap().to_str().unwrap().to_owned(), std::fs::read_to_string(path).unwrap())
        })
        .collect()
}

fn expected_names() -> BTreeSet<String> {
    let all = FUNCTIONS.iter().flat_map(|function| SOURCES.map(|source| format!("{function}-{source}")));
    all.chain([HEALTH_CHECK, AUTHORIZER].iter().chain(&WEBSOCKET).map(|name| (*name).to_owned())).collect()
}

async fn answer(world: &World, function: &str, text: &str) -> Answer {
    let text = text.replace("REPLACE_WITH_TOKEN", &world.token("alice"));
    let event: Value = serde_json::from_str(&text).unwrap();
    world.handle(function, event, Duration::from_mins(1)).await
}

/// Takes out what is new in every answer.
fn stable(mut body: Value) -> Value {
    for name in ["id", "conversation_id"] {
        if let Some(member) = body.as_object_mut().and_then(|members| members.get_mut(name)) {
            *member = Value::Null;
        }
    }
    body
}

#[test]
fn there_is_an_event_of_every_function_and_source_and_no_other() {
    assert_eq!(files().into_keys().collect::<BTreeSet<_>>(), expected_names());
}

#[tokio::test]
async fn every_source_gets_the_same_answer() {
    let files = files();
    for function in FUNCTIONS {
        let mut answers = Vec::new();
        for source in SOURCES {
            let world = World::new();
            if function == "conversations" {
                world.turn("alice", "default", serde_json::json!({"prompt": "a conversation to list"})).await;
            }
            let answer = answer(&world, function, &files[&format!("{function}-{source}")]).await;
            assert_eq!(answer.status, 200, "{function} {source}: {}", answer.text);
            let (form, body) = match function {
                "stream" => ("text/event-stream", answer.events().into_iter().map(|(_, data)| stable(data)).collect()),
                _ => ("application/json", stable(answer.body.clone())),
            };
            assert_eq!(answer.header("content-type"), Some(form));
            answers.push(body);
        }
        assert!(answers.iter().all(|body| *body == answers[0] && !body.is_null()), "{function}: {answers:?}");
    }
}

#[tokio::test]
async fn a_load_balancers_health_check_is_answered_by_every_function() {
    let files = files();
    let world = World::new();
    for function in FUNCTIONS {
        let answer = answer(&world, function, &files[HEALTH_CHECK]).await;
        assert_eq!((answer.status, answer.text_of("status")), (200, "ok"), "{function}");
    }
    assert!(world.metrics.lock().unwrap().is_empty(), "health checks do not count as requests");
}

#[tokio::test]
async fn the_token_in_an_event_is_needed() {
    for (name, text) in
        files().into_iter().filter(|(name, _)| name != AUTHORIZER && !WEBSOCKET.contains(&name.as_str()))
    {
        let function = name.split('-').next().unwrap();
        let event: Value = serde_json::from_str(&text).unwrap();
        let status = World::new().handle(function, event, Duration::from_mins(1)).await.status;
        assert_eq!(status, if function == "health" { 200 } else { 401 }, "{name}");
    }
}

#[tokio::test]
async fn a_websocket_is_opened_used_and_closed() {
    let files = files();
    let sockets = Sockets::new();
    let event = |name: &str| files[name].replace("REPLACE_WITH_TOKEN", &sockets.world.token("alice"));
    let handle = async |name: &str| sockets.handle(serde_json::from_str(&event(name)).unwrap()).await.status();
    let unsigned = serde_json::from_str(&files["websocket-connect"]).unwrap();
    assert_eq!(sockets.handle(unsigned).await.status(), 401);
    assert_eq!(handle("websocket-connect").await, 200);
    assert_eq!(handle("websocket-message").await, 200);
    let run: Value = serde_json::from_slice(&sockets.runs.take().unwrap()).unwrap();
    let mut committed: Value = serde_json::from_str(&files["stream-websocket"]).unwrap();
    // These differ in every run.
    for member in ["order", "user", "body", "token"] {
        committed["websocket_run"][member] = run["websocket_run"][member].clone();
    }
    assert_eq!(committed, run, "the file holds the run that the message starts");
    sockets.perform_event(committed.to_string().as_bytes()).await;
    assert_eq!(names(&sockets.frames(), "first").last(), Some(&"end"));
    assert_eq!(handle("websocket-failed-run").await, 200);
    assert_eq!(handle("websocket-disconnect").await, 200);
    assert_eq!(handle("websocket-message").await, 200);
    assert_eq!(sockets.frames().last().unwrap()["data"]["status"], 401, "the connection is closed");
}
