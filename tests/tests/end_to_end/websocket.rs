//! The gateway over WebSocket, spoken to by a real client: words as the model speaks them, from each provider.
//!
//! `OPENCLAW_TEST_WS_URL` is where connections are opened.

use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::error::{ProtocolError, SubProtocolError};
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

use crate::gateway::{Gateway, QUICK_AGENT, websocket_url};

/// The text with which the local AWS answers if it does not reach the model, as if the call had succeeded.
const CANNED: &str = "[ministack mock";

/// A prompt to which even a small model gives a long answer.
const LONG_PROMPT: &str = "Tell me a long story about the sea.";

/// Longer than any turn of a busy machine takes.
const TIMEOUT: Duration = Duration::from_mins(5);

type Opened = Result<WebSocketStream<MaybeTlsStream<TcpStream>>, Error>;

async fn open(headers: &[(&'static str, &str)]) -> Opened {
    let mut request = websocket_url().into_client_request().unwrap();
    for (name, value) in headers {
        request.headers_mut().insert(*name, value.parse().unwrap());
    }
    connect_async(request).await.map(|(socket, _)| socket)
}

struct Frame {
    text: Value,
}

struct Connection(WebSocketStream<MaybeTlsStream<TcpStream>>);

impl Connection {
    async fn of(caller: &Gateway) -> Self {
        let header = format!("Bearer {}", caller.token());
        Self(open(&[("authorization", &header)]).await.unwrap())
    }

    async fn send(&mut self, message: &Value) {
        self.0.send(Message::text(message.to_string())).await.unwrap();
    }

    async fn invoke(&mut self, request_id: &str, agent: &str, prompt: &str, max_tokens: u32) {
        let body = json!({ "prompt": prompt, "max_tokens": max_tokens });
        self.invoke_with(request_id, agent, body).await;
    }

    async fn invoke_with(&mut self, request_id: &str, agent: &str, mut body: Value) {
        body["action"] = json!("invoke");
        body["agent"] = json!(agent);
        body["request_id"] = json!(request_id);
        self.send(&body).await;
    }

    async fn frame(&mut self) -> Frame {
        loop {
            let message = timeout(TIMEOUT, self.0.next()).await.unwrap();
            if let Message::Text(text) = message.unwrap().unwrap() {
                assert!(text.len() <= 32 * 1024, "a frame of {} bytes", text.len());
                return Frame { text: serde_json::from_str(&text).unwrap() };
            }
        }
    }

    /// Reads the frames up to the one that ends the run.
    async fn frames(&mut self) -> Vec<Frame> {
        let mut frames: Vec<Frame> = Vec::new();
        loop {
            frames.push(self.frame().await);
            if matches!(event(&frames[frames.len() - 1]), "end" | "error") {
                return frames;
            }
        }
    }

    /// Sends a message that must be refused, and returns the error.
    async fn refused(&mut self, message: &Value, status: u16) -> Value {
        self.send(message).await;
        let frame = self.frame().await;
        assert_eq!((event(&frame), &frame.text["data"]["status"]), ("error", &json!(status)), "{}", frame.text);
        frame.text
    }
}

fn event(frame: &Frame) -> &str {
    frame.text["event"].as_str().unwrap()
}

#[track_caller]
fn are_numbered(frames: &[Frame], request_id: &str) {
    for (number, frame) in frames.iter().enumerate() {
        let (own, seq) = (&frame.text["request_id"], &frame.text["seq"]);
        assert_eq!((own, seq), (&json!(request_id), &json!(number)), "{}", frame.text);
    }
}

fn said(frames: &[Frame]) -> String {
    frames.iter().filter_map(|frame| frame.text["data"]["text"].as_str()).collect()
}

fn conversation(frames: &[Frame]) -> String {
    let id = frames[0].text["data"]["conversation_id"].as_str();
    format!("/v1/conversations/{}", id.unwrap_or_else(|| panic!("{}", frames[0].text)))
}

/// Performs a whole run, compares it with the stored transcript, erases that and returns the frames.
async fn streamed(agent: &str, provider: &str) -> Vec<Frame> {
    let alice = Gateway::of("alice");
    let mut connection = Connection::of(&alice).await;
    connection.invoke("story", agent, LONG_PROMPT, 32).await;
    let frames = connection.frames().await;
    are_numbered(&frames, "story");
    let events: Vec<&str> = frames.iter().map(event).collect();
    let ["start", said_events @ .., "step", "end"] = events.as_slice() else { panic!("{events:?}") };
    assert!(!said_events.is_empty() && said_events.iter().all(|name| *name == "delta"), "{events:?}");
    let (start, end) = (&frames[0].text["data"], &frames[frames.len() - 1].text["data"]);
    for member in ["id", "agent", "conversation_id"] {
        assert_eq!(start[member], end[member]);
    }
    assert_eq!((&end["agent"], &end["provider"]), (&json!(agent), &json!(provider)));
    assert_eq!(end["steps"], json!([frames[frames.len() - 2].text["data"]]));
    assert!(end["usage"]["output_tokens"].as_u64().unwrap() > 0 && end.get("output").is_none(), "{end}");
    let path = conversation(&frames);
    let stored = alice.get(&path).await.json(200);
    assert!(!said(&frames).contains(CANNED));
    assert_eq!(stored["messages"][1]["text"], said(&frames), "the streamed text must be stored");
    alice.delete(&path).await;
    frames
}

/// Checks that the words arrived while the model generated them, not all at the end.
fn is_incremental(frames: &[Frame]) {
    let deltas: Vec<&Frame> = frames.iter().filter(|frame| event(frame) == "delta").collect();
    // Texts that the way is too slow for are joined, and so is an answer that was held back.
    assert!(deltas.len() >= 2, "{} deltas", deltas.len());
}

#[tokio::test]
async fn anthropic_speaks() {
    is_incremental(&streamed("anthropic", "anthropic").await);
}

#[tokio::test]
async fn openai_speaks() {
    is_incremental(&streamed("openai", "openai").await);
}

#[tokio::test]
async fn ollama_speaks() {
    is_incremental(&streamed("ollama", "ollama").await);
}

/// The local AWS buffers a Bedrock stream, so this test does not check when its words arrive.
#[tokio::test]
async fn bedrock_speaks() {
    streamed("default", "bedrock").await;
}

#[tokio::test]
async fn a_conversation_continues_over_every_transport() {
    let alice = Gateway::of("alice");
    let first = alice.turn(QUICK_AGENT, "Say hello.", None).await;
    let id = first["conversation_id"].as_str().unwrap();
    let mut connection = Connection::of(&alice).await;
    let again = json!({ "prompt": "Again.", "max_tokens": 4, "conversation_id": id });
    connection.invoke_with("again", QUICK_AGENT, again.clone()).await;
    let frames = connection.frames().await;
    assert_eq!(frames[0].text["data"]["conversation_id"], id);
    let path = format!("/v1/conversations/{id}");
    let stored = alice.get(&path).await.json(200);
    assert_eq!(stored["messages"].as_array().unwrap().len(), 4);
    assert_eq!(stored["messages"][3]["text"], said(&frames));
    let mut stranger = Connection::of(&Gateway::of("bob")).await;
    stranger.invoke_with("again", QUICK_AGENT, again).await;
    let refused = stranger.frames().await;
    assert_eq!((event(&refused[0]), &refused[0].text["data"]["status"]), ("error", &json!(404)));
    alice.delete(&path).await;
}

#[tokio::test]
async fn runs_of_one_connection_do_not_wait_for_each_other() {
    let mut connection = Connection::of(&Gateway::of("alice")).await;
    let mut frames: [Vec<Frame>; 2] = [Vec::new(), Vec::new()];
    for name in ["0", "1"] {
        connection.invoke(name, QUICK_AGENT, "Say hello.", 8).await;
    }
    while frames.iter().any(|own| own.last().is_none_or(|last| event(last) != "end")) {
        let frame = connection.frame().await;
        assert_ne!(event(&frame), "error", "{}", frame.text);
        let own: usize = frame.text["request_id"].as_str().unwrap().parse().unwrap();
        frames[own].push(frame);
    }
    are_numbered(&frames[0], "0");
    are_numbered(&frames[1], "1");
}

#[tokio::test]
async fn an_invalid_message_is_answered_with_an_error_event() {
    let mut connection = Connection::of(&Gateway::of("alice")).await;
    let faulty = json!({ "action": "invoke", "agent": QUICK_AGENT, "request_id": "r", "prompt": " ", "top_p": 1 });
    let refused = connection.refused(&faulty, 422).await;
    let pointers: Vec<&str> =
        refused["data"]["errors"].as_array().unwrap().iter().map(|fault| fault["pointer"].as_str().unwrap()).collect();
    assert_eq!(pointers, ["/prompt", "/top_p"]);
    assert_eq!((&refused["request_id"], &refused["seq"]), (&json!("r"), &json!(0)));
    connection.refused(&json!({ "action": "invoke", "agent": "nobody", "prompt": "Hi" }), 404).await;
    connection.refused(&json!({ "action": "cancel", "request_id": "unknown" }), 404).await;
    connection.refused(&json!({ "action": "dance" }), 422).await;
    connection.refused(&json!(["invoke"]), 422).await;
    connection.0.send(Message::text("no JSON")).await.unwrap();
    assert_eq!(connection.frame().await.text["data"]["status"], 400);
    let unknown = json!({ "prompt": "Hi", "conversation_id": "00000000-0000-4000-8000-000000000000" });
    connection.invoke_with("unknown", QUICK_AGENT, unknown).await;
    let frames = connection.frames().await;
    assert_eq!((frames.len(), &frames[0].text["data"]["status"]), (1, &json!(404)));
}

/// The local AWS makes 403 of every refusal.
#[tokio::test]
async fn a_connection_requires_a_valid_token() {
    let token = Gateway::of("alice").token().to_owned();
    for headers in [
        vec![],
        vec![("authorization", "Bearer no.token.this".to_owned())],
        vec![("authorization", format!("Bearer {token}x"))],
        vec![("sec-websocket-protocol", format!("bearer, {token}x"))],
        vec![("authorization", format!("Bearer {token}")), ("origin", "https://evil.example".to_owned())],
    ] {
        let headers: Vec<_> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let refused = open(&headers).await;
        let Err(Error::Http(answer)) = refused else { panic!("{headers:?}: {refused:?}") };
        assert!(matches!(answer.status().as_u16(), 401 | 403), "{headers:?}: {}", answer.status());
    }
    let address = websocket_url();
    let with_query = format!("{address}?access_token={token}x");
    assert!(connect_async(with_query).await.is_err());
}

/// As the local configuration allows, for pages in a browser.
#[tokio::test]
async fn a_token_may_come_in_the_query() {
    let with_query = format!("{}?access_token={}", websocket_url(), Gateway::of("alice").token());
    assert!(connect_async(with_query).await.is_ok());
}

/// The local AWS opens the connection but does not forward the selected protocol, so a strict client closes it. Another
/// test checks the function's answer.
#[tokio::test]
async fn a_token_may_come_as_a_protocol() {
    let token = Gateway::of("alice").token().to_owned();
    for offered in [token.clone(), format!("bearer, {token}")] {
        let opened = open(&[("sec-websocket-protocol", &offered)]).await;
        let unnamed = Error::Protocol(ProtocolError::SecWebSocketSubProtocolError(SubProtocolError::NoSubProtocol));
        assert!(
            opened.as_ref().is_ok() || format!("{:?}", opened.as_ref().err()) == format!("{:?}", Some(&unnamed)),
            "{opened:?}"
        );
    }
}

#[tokio::test]
async fn a_cancelled_run_ends_and_nothing_is_stored() {
    let alice = Gateway::of("alice");
    let mut connection = Connection::of(&alice).await;
    // A run looks once a second whether it was cancelled, and a short story may be finished by then.
    for _ in 0..10 {
        connection.invoke("story", QUICK_AGENT, LONG_PROMPT, 300).await;
        let mut frames = vec![connection.frame().await, connection.frame().await];
        connection.send(&json!({ "action": "cancel", "request_id": "story" })).await;
        frames.extend(connection.frames().await);
        are_numbered(&frames, "story");
        let last = &frames[frames.len() - 1];
        if event(last) == "end" {
            alice.delete(&conversation(&frames)).await;
            continue;
        }
        assert_eq!((event(last), &last.text["data"]["status"]), ("error", &json!(499)), "{}", last.text);
        alice.get(&conversation(&frames)).await.problem(404);
        return;
    }
    panic!("each of ten stories was finished before its run looked");
}

#[tokio::test]
async fn a_client_that_leaves_ends_the_run_and_nothing_is_stored() {
    let alice = Gateway::of("alice");
    let mut connection = Connection::of(&alice).await;
    connection.invoke("story", QUICK_AGENT, LONG_PROMPT, 300).await;
    let frames = vec![connection.frame().await, connection.frame().await];
    connection.0.close(None).await.unwrap();
    drop(connection);
    // A run that began later has ended, so this one would have ended too.
    let mut later = Connection::of(&alice).await;
    later.invoke("story", QUICK_AGENT, LONG_PROMPT, 300).await;
    let whole = later.frames().await;
    assert_eq!(event(&whole[whole.len() - 1]), "end");
    alice.delete(&conversation(&whole)).await;
    alice.get(&conversation(&frames)).await.problem(404);
}
