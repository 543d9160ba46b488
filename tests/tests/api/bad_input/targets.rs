//! Targets of `http` actions that misbehave, over the whole way: what the caller and the model read, what the audit has, and
//! what was reached.

use std::convert::Infallible;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use bytes::Bytes;
use futures_util::stream;
use http::{HeaderValue, Response, header};
use http_body_util::{BodyExt, StreamBody};
use hyper::body::Frame;
use openclaw::audit::EntryKind;
use openclaw::domain::{Content, ResultSource, ToolCall, ToolCallId, ToolName, ToolResult};
use openclaw::testing::Script;
use openclaw_tests::server::{Body, Reply, Server, answer};
use serde_json::json;

use crate::http_actions::{Names, StandIn, deployed_world, local_world};
use crate::world::World;

const CONFIG: &str = "
  - name: helper
    tools: [page, quick_page, pay]
  - name: fetcher
    states:
      start: { type: input, next: look }
      look: { type: action, action: 'ACTION', arguments: { id: '{{ input.prompt }}' }, next: done }
      done: { type: output, text: '{{ states.look.output }}' }
actions:
  - name: page
    description: Reads a page.
    type: http
    url: 'TARGET/{{ arguments.id }}'
    max_output_bytes: 1000
    parameters: { type: object, properties: { id: { type: string } }, required: [id] }
  - name: quick_page
    description: Reads a page, but does not wait for long.
    type: http
    url: 'TARGET/{{ arguments.id }}'
    timeout_ms: 400
    parameters: { type: object, properties: { id: { type: string } }, required: [id] }
  - name: pay
    description: Pays.
    type: http
    method: POST
    url: 'TARGET/{{ arguments.id }}'
    parameters: { type: object, properties: { id: { type: string } }, required: [id] }
";

const TEN_MEGABYTES: usize = 10 * 1024 * 1024;

/// A server with a path for each way to misbehave, and the paths that it was asked for.
struct Target {
    server: Server,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Target {
    async fn start() -> Self {
        let asked = Arc::<Mutex<Vec<String>>>::default();
        let paths = Arc::clone(&asked);
        let server = Server::start(move |request| {
            let path = request.uri().path().to_owned();
            paths.lock().unwrap().push(path.clone());
            async move { misbehave(&path).await }
        });
        Self { server: server.await.unwrap(), asked }
    }

    /// Returns a world whose actions call this server, and whose agent `fetcher` calls one of them.
    fn world(&self, action: &str) -> World {
        local_world(&config(action, &self.server.url()))
    }

    fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

fn config(action: &str, target: &str) -> String {
    CONFIG.replace("ACTION", action).replace("TARGET", target)
}

async fn misbehave(path: &str) -> Reply {
    Ok(match path {
        "/long" => answer(200, "text/plain", vec![b'x'; TEN_MEGABYTES]),
        "/unannounced" => unannounced(),
        // The signature of a GIF, which is ASCII, and what follows it.
        "/binary" => answer(200, "image/gif", &b"GIF89a\x01\x00\x01\x00\x00\x00\x00,"[..]),
        "/latin-1" => answer(200, "text/plain", &b"caf\xe9"[..]),
        "/silent" => std::future::pending().await,
        "/stalled" => stalled(),
        "/moved" => {
            let mut moved = answer(302, "text/plain", "");
            let place = HeaderValue::from_static("http://169.254.169.254/latest/meta-data/iam/security-credentials/");
            moved.headers_mut().insert(header::LOCATION, place);
            moved
        }
        other => panic!("no path {other}"),
    })
}

/// Returns an answer of ten megabytes that does not say how long it is.
fn unannounced() -> Response<Body> {
    let piece = Bytes::from(vec![b'x'; 64 * 1024]);
    let pieces = (0..TEN_MEGABYTES / piece.len()).map(move |_| piece.clone());
    let frames = pieces.map(|piece| Ok::<_, Infallible>(Frame::data(piece)));
    Response::new(StreamBody::new(stream::iter(frames)).map_err(|never| match never {}).boxed_unsync())
}

/// Returns an answer whose body never comes.
fn stalled() -> Response<Body> {
    let nothing = stream::pending::<Result<Frame<Bytes>, Infallible>>();
    Response::new(StreamBody::new(nothing).map_err(|never| match never {}).boxed_unsync())
}

fn propose(world: &World, action: &str, ids: &[&str]) {
    for id in ids {
        let (call, name) = (ToolCallId::new(format!("call-{id}")), ToolName::new(action));
        world.model.then(Script::Call(ToolCall { id: call, name, arguments: json!({ "id": id }) }));
    }
    world.model.then(Script::Say("I have tried.".to_owned()));
}

/// Returns the results of calls that the model read in its last request.
fn results(world: &World) -> Vec<ToolResult> {
    let last = world.model.requests().pop().unwrap();
    let parts = last.prompt.messages.into_iter().flat_map(|message| message.content);
    parts.filter_map(|part| if let Content::ToolResult(result) = part { Some(result) } else { None }).collect()
}

/// Returns what the audit has of a run: kinds, actions and statuses, in their order.
fn audited(world: &World) -> Vec<(EntryKind, Option<String>, Option<String>)> {
    world.audit.entries().into_iter().map(|entry| (entry.kind, entry.action, entry.status)).collect()
}

/// Returns what the audit should have of a run with one call.
fn run_of(action: &str, outcome: &str, status: &str) -> [(EntryKind, Option<String>, Option<String>); 3] {
    [
        entry(EntryKind::Intent, action, ""),
        entry(EntryKind::Outcome, action, outcome),
        entry(EntryKind::Invocation, "", status),
    ]
}

fn entry(kind: EntryKind, action: &str, status: &str) -> (EntryKind, Option<String>, Option<String>) {
    let text = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
    (kind, text(action), text(status))
}

/// What an answer of a target becomes.
#[derive(Debug, Clone, Copy)]
enum Becomes<'a> {
    /// An output with this text.
    Output(&'a str),
    /// A failed call, with this text for the model.
    Failure(&'a str),
}

/// Lets a model propose a call, and then a graph make it.
async fn plays(action: &str, path: &str, expected: Becomes<'_>) {
    proposed_by_a_model(action, path, expected).await;
    made_by_a_graph(action, path, expected).await;
}

async fn proposed_by_a_model(action: &str, path: &str, expected: Becomes<'_>) {
    let target = Target::start().await;
    let world = target.world(action);
    propose(&world, action, &[path]);
    let answer = world.turn("alice", "helper", json!({ "prompt": "Go." })).await;
    assert_eq!((answer.status, answer.text_of("output")), (200, "I have tried."), "{path}");
    let (text, is_error, source, outcome) = match expected {
        Becomes::Output(text) => (text, false, ResultSource::Untrusted, "succeeded"),
        Becomes::Failure(text) => (text, true, ResultSource::Gateway, "failed"),
    };
    let (call, text) = (ToolCallId::new(format!("call-{path}")), text.to_owned());
    assert_eq!(results(&world), [ToolResult { call, text, is_error, source }], "{path}");
    assert_eq!(audited(&world), run_of(action, outcome, "succeeded"), "{path}");
    assert_eq!(target.asked(), [format!("/{path}")], "asked once, and nobody else");
}

async fn made_by_a_graph(action: &str, path: &str, expected: Becomes<'_>) {
    let target = Target::start().await;
    let world = target.world(action);
    let answer = world.turn("alice", "fetcher", json!({ "prompt": path })).await;
    let (outcome, status) = match expected {
        Becomes::Output(text) => {
            assert_eq!((answer.status, answer.text_of("output")), (200, text), "{path}");
            ("succeeded", "succeeded")
        }
        Becomes::Failure(text) => {
            let detail = answer.is_problem(502, "action-failed");
            assert!(detail.contains(action) && !detail.contains(text), "{detail}");
            ("failed", "action-failed")
        }
    };
    assert_eq!(audited(&world), run_of(action, outcome, status), "{path}");
    assert_eq!(target.asked(), [format!("/{path}")], "asked once, and nobody else");
}

#[tokio::test]
async fn ten_megabytes_are_cut() {
    let text = format!("{}…[cut: 936 of {TEN_MEGABYTES} bytes]", "x".repeat(936));
    for path in ["long", "unannounced"] {
        plays("page", path, Becomes::Output(&text)).await;
    }
}

#[tokio::test]
async fn what_is_not_text_is_not_shown_to_a_model() {
    let text = "the call failed: the answer cannot be used: it is not text in UTF-8 without control characters";
    for path in ["binary", "latin-1"] {
        plays("page", path, Becomes::Failure(text)).await;
    }
}

/// Plays a target that never answers, within the time of the action and not of the run.
async fn times_out(path: &str) {
    let began = Instant::now();
    plays("quick_page", path, Becomes::Failure("the call failed: no answer in time")).await;
    assert!(began.elapsed() < Duration::from_secs(8), "{:?}", began.elapsed());
}

#[tokio::test]
async fn a_target_that_never_answers_fails_the_call() {
    times_out("silent").await;
}

#[tokio::test]
async fn an_answer_that_never_ends_fails_the_call() {
    times_out("stalled").await;
}

#[tokio::test]
async fn a_redirect_to_the_metadata_service_is_not_followed() {
    let text = "the call failed: the answer cannot be used: the response redirects to another scheme, host or port";
    plays("page", "moved", Becomes::Failure(text)).await;
    plays("pay", "moved", Becomes::Failure("the call failed: the answer cannot be used: a write was redirected")).await;
}

/// The text of a call to a name that led to loopback.
const REFUSED: &str =
    "the call failed: the call was not sent: the host has a loopback address, which may not be called";

/// An ordinary address on the internet, which these tests do not call.
const PUBLIC: &str = "8.8.8.8";

fn texts(world: &World) -> Vec<String> {
    results(world).into_iter().map(|result| result.text).collect()
}

#[tokio::test]
async fn a_name_that_leads_to_loopback_on_the_second_call_is_refused() {
    let (outside, inside) = (StandIn::start().await, StandIn::start().await);
    let stand_ins = [(PUBLIC, outside.address), ("127.0.0.1", inside.address)];
    let names = Names::new(&[PUBLIC, "127.0.0.1"], &stand_ins);
    let world = deployed_world(&config("page", "https://pages.example.com"), &names);
    propose(&world, "page", &["first", "second"]);
    let answer = world.turn("alice", "helper", json!({ "prompt": "Go." })).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    // The stand-in of the public address does not speak TLS.
    assert_eq!(texts(&world), ["the call failed: the target cannot be reached", REFUSED]);
    assert_eq!((outside.accepted(), inside.accepted()), (1, 0));
    assert_eq!(names.asked(), ["pages.example.com"; 2], "looked up for each call");
    let [intent, outcome, invocation] = run_of("page", "failed", "succeeded");
    assert_eq!(audited(&world), [intent.clone(), outcome.clone(), intent, outcome, invocation]);
}

#[tokio::test]
async fn a_name_that_leads_to_loopback_on_the_second_attempt_is_refused() {
    let inside = StandIn::start().await;
    let nobody = "127.0.0.1:9".parse().unwrap();
    let stand_ins = [(PUBLIC, nobody), ("127.0.0.1", inside.address)];
    let names = Names::new(&[PUBLIC, "127.0.0.1"], &stand_ins);
    let world = deployed_world(&config("page", "https://pages.example.com"), &names);
    let answer = world.turn("alice", "fetcher", json!({ "prompt": "first" })).await;
    answer.is_problem(502, "action-failed");
    assert_eq!((inside.accepted(), names.asked().len()), (0, 2));
    assert_eq!(audited(&world), run_of("page", "failed", "action-failed"));
}
