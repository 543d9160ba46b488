//! The contents of the log and the metrics, and the texts that they never contain.

use std::sync::{Arc, Mutex};

use openclaw::api::ServerContext;
use openclaw::llm::LlmError;
use openclaw::telemetry::JsonLines;
use openclaw::testing::tokens::ISSUED_AT;
use openclaw::testing::{Fault, Operation, Script};
use serde_json::{Value, json};
use tracing_subscriber::layer::SubscriberExt;

use crate::world::{REQUEST_ID, Request, World};

/// Sends this thread's log to a list until the guard is dropped.
pub(crate) fn capture(world: &World) -> (Arc<Mutex<Vec<String>>>, tracing::subscriber::DefaultGuard) {
    let lines = Arc::new(Mutex::new(Vec::new()));
    let writer = Arc::clone(&lines);
    let write = Arc::new(move |line: &str| writer.lock().unwrap().push(line.to_owned()));
    let layer = JsonLines::new(tracing::Level::TRACE, Arc::clone(&world.clock) as _, write);
    let guard = tracing::subscriber::set_default(tracing_subscriber::registry().with(layer));
    (lines, guard)
}

#[test]
fn events_of_libraries_are_not_even_formatted() {
    use tracing::Level;
    let world = World::new();
    let layer = JsonLines::new(Level::ERROR, Arc::clone(&world.clock) as _, Arc::new(|_: &str| {}));
    let _guard = tracing::subscriber::set_default(tracing_subscriber::registry().with(layer));
    assert!(!tracing::enabled!(target: "hyper", Level::ERROR));
    assert!(!tracing::enabled!(target: "openclawed", Level::ERROR));
    assert!(tracing::enabled!(target: "openclaw::store", Level::ERROR));
    assert!(!tracing::enabled!(target: "openclaw::store", Level::WARN));
    assert!(tracing::enabled!(target: openclaw::telemetry::INVOCATION, Level::INFO), "whatever the level");
    assert!(!tracing::info_span!(target: "openclaw::http", "request").is_disabled(), "it holds the request's id");
}

pub(crate) fn parsed(lines: &Mutex<Vec<String>>) -> Vec<Value> {
    lines.lock().unwrap().iter().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[tokio::test]
async fn an_invocation_has_one_line_with_every_field() {
    let world = World::new();
    let (lines, _guard) = capture(&world);
    let request = Request::post("default", json!({"prompt": "hi"})).token(world.token("alice"));
    assert_eq!(world.send(&request.header("x-amzn-trace-id", "Root=1-of-the-client")).await.status, 200);
    let subject = subject(&parsed(&lines)[0]);
    let expected = json!({
        "timestamp": "2023-11-14T22:13:20.000Z", "level": "INFO", "message": "request answered", "request_id": REQUEST_ID,
        "trace_id": "Root=1-platform", "agent": "default", "provider": "anthropic", "model": "scripted",
        "input_tokens": 10, "output_tokens": 3, "latency_ms": 0, "llm_latency_ms": 0, "status": 200, "tenant": "acme", "subject": subject,
        "cold_start": false, "method": "POST", "route": "/v1/agent/{agent_name}",
    });
    assert_eq!(parsed(&lines), [expected]);
}

/// Returns the caller's name in a line: 128 bits in hexadecimal.
#[track_caller]
fn subject(line: &Value) -> String {
    let subject = line["subject"].as_str().unwrap_or_else(|| panic!("no subject: {line}"));
    assert!(subject.len() == 32 && subject.bytes().all(|byte| byte.is_ascii_hexdigit()), "{line}");
    subject.to_owned()
}

#[tokio::test]
async fn lines_of_a_caller_have_one_name_which_does_not_contain_the_caller() {
    let world = World::new();
    let (lines, _guard) = capture(&world);
    for who in ["alice", "alice", "bob"] {
        world.get(who, "/v1/agents").await;
    }
    let names: Vec<String> = parsed(&lines).iter().map(subject).collect();
    assert!(names[0] == names[1] && names[1] != names[2], "{names:?}");
    assert!(!lines.lock().unwrap().concat().contains("alice"), "{lines:?}");
}

#[tokio::test]
async fn without_a_key_lines_have_no_subject_and_one_warns() {
    let mut world = World::new();
    let (lines, _guard) = capture(&world);
    let server = ServerContext { digest_keys: Arc::new(world.broken_digest_keys()), ..world.server() };
    world.rebuild_agent(server);
    for _ in 0..3 {
        assert_eq!(world.turn("alice", "default", json!({"prompt": "hi"})).await.status, 503);
    }
    let lines = parsed(&lines);
    assert!(lines.iter().all(|line| line.get("subject").is_none()), "{lines:?}");
    let warnings = |lines: &[Value]| lines.iter().filter(|line| line["level"] == "WARN").count();
    assert_eq!(warnings(&lines), 1, "{lines:?}");
}

#[tokio::test]
async fn a_failure_has_its_kind_and_its_reason() {
    let world = World::new();
    let (lines, _guard) = capture(&world);
    world.store.inject(Operation::List, Fault::Refuse, 1);
    world.get("alice", "/v1/conversations").await.is_problem(503, "unavailable");
    let line = &parsed(&lines)[0];
    assert_eq!((&line["problem"], &line["status"]), (&json!("unavailable"), &json!(503)));
    assert_eq!(line["fault"], "the store rejected the request: an injected fault");
    assert_eq!(line["trace_id"], "Root=1-platform");
}

#[tokio::test]
async fn no_line_and_no_problem_holds_a_token_a_prompt_or_an_answer() {
    let world = World::new();
    let (lines, _guard) = capture(&world);
    let (prompt, said) = ("the prompt is PROMPT-7f3a", "the answer is ANSWER-9c21");
    let token = world.token("alice");
    let post = |body: Value| Request::post("default", body).token(&token).header("idempotency-key", "KEY-55aa");
    let mut texts = Vec::new();

    world.model.then(Script::Say(said.to_owned()));
    let answered = world.send(&post(json!({"prompt": prompt, "metadata": {"note": "PROMPT-7f3a"}}))).await;
    assert_eq!(answered.text_of("output"), said);
    let id = answered.text_of("conversation_id").to_owned();
    let again = json!({"prompt": prompt, "conversation_id": id});
    for error in [LlmError::Malformed("test"), LlmError::Unauthorized { status: 403, code: None }] {
        world.model.then(Script::Fail(error));
        texts.push(world.send(&Request::post("default", again.clone()).token(&token)).await.text);
    }
    world.store.inject(Operation::Commit, Fault::Refuse, 1);
    texts.push(world.send(&Request::post("default", again.clone()).token(&token)).await.text);
    for body in ["{\"prompt\": \"PROMPT-7f3a", "{\"prompt\": [\"PROMPT-7f3a\"]}", "PROMPT-7f3a"] {
        texts.push(world.send(&Request::raw("default", body).token(&token)).await.text);
    }
    texts.push(world.send(&post(json!({"prompt": "another PROMPT-7f3a"}))).await.text);
    let broken = format!("{token}x");
    texts.push(world.send(&Request::new("GET", "/v1/agents").token(&broken)).await.text);

    // One line for each invocation, and one for each model that did not answer.
    assert_eq!(lines.lock().unwrap().len(), 9 + 2);
    assert!(parsed(&lines).iter().all(|line| line["request_id"] == REQUEST_ID), "every line names its request");
    texts.extend(lines.lock().unwrap().iter().cloned());
    texts.extend(world.metrics.lock().unwrap().iter().cloned());
    for text in texts {
        for secret in ["PROMPT-7f3a", "ANSWER-9c21", "KEY-55aa", token.as_str(), &token[..60], "not-a-key"] {
            assert!(!text.contains(secret), "{secret} is in {text}");
        }
    }
}

#[tokio::test]
async fn an_invocation_is_counted_once_by_agent_and_once_over_all() {
    let world = World::new();
    let throttled = LlmError::Throttled { status: 429, code: None, retry_after: None };
    world.model.then(Script::Fail(throttled));
    assert_eq!(world.turn("alice", "default", json!({"prompt": "hi"})).await.status, 200);
    let lines = world.metrics.lock().unwrap();
    assert_eq!(lines.len(), 1);
    let line: Value = serde_json::from_str(&lines[0]).unwrap();
    let directive = &line["_aws"]["CloudWatchMetrics"][0];
    assert_eq!(line["_aws"]["Timestamp"], ISSUED_AT * 1000);
    assert_eq!(
        (&directive["Namespace"], &directive["Dimensions"]),
        (&json!("OpenClaw"), &json!([["Agent", "Provider"], []]))
    );
    let mut declared: Vec<(&str, &str)> = directive["Metrics"]
        .as_array()
        .unwrap()
        .iter()
        .map(|metric| (metric["Name"].as_str().unwrap(), metric["Unit"].as_str().unwrap()))
        .collect();
    declared.sort_unstable();
    let expected = [
        ("Errors", "Count"),
        ("Fallbacks", "Count"),
        ("InputTokens", "Count"),
        ("LlmLatency", "Milliseconds"),
        ("OutputTokens", "Count"),
        ("OverheadLatency", "Milliseconds"),
        ("PolicyDenials", "Count"),
        ("ProviderThrottles", "Count"),
        ("Requests", "Count"),
    ];
    assert_eq!(declared, expected);
    for (name, _) in expected {
        assert!(line[name].is_u64(), "{name} is declared and has no value");
    }
    assert_eq!(
        (&line["Agent"], &line["Provider"], &line["request_id"]),
        (&json!("default"), &json!("anthropic"), &json!(REQUEST_ID))
    );
    assert_eq!((&line["ProviderThrottles"], &line["Errors"], &line["InputTokens"]), (&json!(1), &json!(0), &json!(10)));
}

#[tokio::test]
async fn errors_and_denials_are_counted() {
    let world = World::new();
    world.model_fails(|| LlmError::Unreachable("test"));
    world.turn("alice", "default", json!({"prompt": "hi"})).await.is_problem(503, "unavailable");
    world.get("alice", "/v1/health/deep").await.is_problem(403, "forbidden");
    let lines: Vec<Value> =
        world.metrics.lock().unwrap().iter().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!((&lines[0]["Errors"], &lines[0]["Agent"]), (&json!(1), &json!("default")));
    assert_eq!((&lines[1]["PolicyDenials"], &lines[1]["Errors"]), (&json!(1), &json!(0)));
    // A request without an agent has no dimension.
    assert_eq!(lines[1]["_aws"]["CloudWatchMetrics"][0]["Dimensions"], json!([[]]));
}
