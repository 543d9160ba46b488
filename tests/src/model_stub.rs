//! A model that answers at once over the OpenAI protocol, or misbehaves as a test scripts it.

use crate::clock::stamp_us;
use crate::server::{Body, Cut, Reply, Server, answer, collect, json};
use bytes::Bytes;
use futures_util::StreamExt;
use http::{HeaderMap, HeaderName, HeaderValue, Request, Response, StatusCode};
use http_body_util::{BodyExt, StreamBody};
use hyper::body::{Frame, Incoming};
use serde_json::{Value, json as value};
use std::{
    collections::VecDeque,
    io,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

/// The stub's reaction to one request.
#[derive(Clone, Debug)]
pub enum Behaviour {
    /// The standard answer with this text.
    Say(String),
    /// Exactly this answer.
    Answer {
        /// HTTP status.
        status: u16,
        /// Headers beside `content-type: application/json`, which they may replace.
        headers: Vec<(String, String)>,
        /// The body.
        body: String,
    },
    /// These pieces, each after its pause: a stream, or a slow body. `content_type` is usually `text/event-stream`.
    Pieces {
        /// The `content-type`.
        content_type: &'static str,
        /// Pause before the piece, and the piece.
        pieces: Vec<(Duration, Bytes)>,
        /// Whether the connection is cut after the last piece, instead of ending the body.
        cut: bool,
    },
    /// A stream of so many tokens, with a pause before each; a token is the time at which it was sent.
    Tokens {
        /// The number of tokens.
        number: usize,
        /// The pause.
        every: Duration,
    },
    /// Closes the connection without an answer.
    Close,
    /// Never answers.
    Hang,
    /// Waits before the other behaviour.
    After(Duration, Box<Behaviour>),
}

impl Behaviour {
    /// Returns a behaviour that sends the first half of a good JSON answer and cuts the connection.
    #[must_use]
    pub fn half() -> Self {
        let whole = completion("This answer will not");
        let half = whole.get(..whole.len() / 2).unwrap_or_default().to_owned();
        Self::Pieces { content_type: "application/json", pieces: vec![(Duration::ZERO, half.into())], cut: true }
    }

    /// Returns a behaviour that answers with an error in OpenAI's form.
    #[must_use]
    pub fn error(status: u16, code: &str, message: &str) -> Self {
        let body = value!({ "error": { "message": message, "type": code, "code": code, "param": null } });
        Self::Answer { status, headers: Vec::new(), body: body.to_string() }
    }
}

/// A request that the stub received.
#[derive(Clone, Debug)]
pub struct Recorded {
    /// Its path.
    pub path: String,
    /// Its headers.
    pub headers: HeaderMap,
    /// Its body.
    pub body: Bytes,
}

impl Recorded {
    /// Returns the body as JSON, or `null` if it is not JSON.
    #[must_use]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }
}

#[derive(Debug, Default)]
struct State {
    script: VecDeque<Behaviour>,
    requests: u64,
    recorded: VecDeque<Recorded>,
}

/// Of many requests only the newest are kept.
const KEPT: usize = 256;
const ANSWER: &str = "The answer has been written down beforehand, so that it costs no time at all to give it.";

/// The text in a request that asks for a streamed answer.
const STREAMED: &[u8] = b"\"stream\":true";

/// The running stub. Without a script every completion is the same short answer, and every stream one token.
#[derive(Debug)]
pub struct ModelStub {
    state: Arc<Mutex<State>>,
    server: Server,
}

impl ModelStub {
    /// Starts it on a free port.
    ///
    /// # Errors
    /// If no port can be bound.
    pub async fn start() -> io::Result<Self> {
        let state = Arc::new(Mutex::new(State::default()));
        let shared = Arc::clone(&state);
        let standard = Bytes::from(completion(ANSWER));
        let server = Server::start(move |request| handle(request, Arc::clone(&shared), standard.clone())).await?;
        Ok(Self { state, server })
    }

    /// Returns the base URL in OpenAI's form, ending in `/v1`.
    #[must_use]
    pub fn base_url(&self) -> String {
        format!("{}/v1", self.server.url())
    }

    /// Returns the text that it answers without a script.
    #[must_use]
    pub fn standard_text(&self) -> &'static str {
        ANSWER
    }

    /// Sets the behaviour for the next request that has none yet.
    pub fn push(&self, behaviour: Behaviour) {
        locked(&self.state).script.push_back(behaviour);
    }

    /// Returns the number of completions that were requested so far.
    #[must_use]
    pub fn requests(&self) -> u64 {
        locked(&self.state).requests
    }

    /// Returns the newest 256 requests, oldest first.
    #[must_use]
    pub fn recorded(&self) -> Vec<Recorded> {
        locked(&self.state).recorded.iter().cloned().collect()
    }
}

fn locked(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn handle(request: Request<Incoming>, state: Arc<Mutex<State>>, standard: Bytes) -> Reply {
    let (parts, body) = request.into_parts();
    let body = collect(body).await?;
    let path = parts.uri.path().to_owned();
    if path.ends_with("/models") {
        return Ok(json(value!({ "object": "list", "data": [{ "id": "bench", "object": "model" }] }).to_string()));
    }
    let is_streamed = body.windows(STREAMED.len()).any(|bytes| bytes == STREAMED);
    let behaviour = {
        let mut state = locked(&state);
        state.requests += 1;
        if state.recorded.len() == KEPT {
            state.recorded.pop_front();
        }
        state.recorded.push_back(Recorded { path, headers: parts.headers, body });
        state.script.pop_front()
    };
    match behaviour {
        Some(behaviour) => perform(behaviour).await,
        None if is_streamed => Ok(tokens(1, Duration::ZERO)),
        None => Ok(json(standard)),
    }
}

async fn perform(mut behaviour: Behaviour) -> Reply {
    while let Behaviour::After(pause, then) = behaviour {
        tokio::time::sleep(pause).await;
        behaviour = *then;
    }
    match behaviour {
        Behaviour::Say(text) => Ok(json(completion(&text))),
        Behaviour::Answer { status, headers, body } => with_headers(status, headers, body),
        Behaviour::Pieces { content_type, pieces, cut } => Ok(in_pieces(content_type, pieces, cut)),
        Behaviour::Tokens { number, every } => Ok(tokens(number, every)),
        Behaviour::Close | Behaviour::After(..) => Err(Cut),
        Behaviour::Hang => std::future::pending().await,
    }
}

fn with_headers(status: u16, headers: Vec<(String, String)>, body: String) -> Reply {
    let mut response = answer(status, "application/json", body);
    for (name, value) in headers {
        let name = HeaderName::try_from(name).map_err(|_| Cut)?;
        response.headers_mut().insert(name, HeaderValue::try_from(value).map_err(|_| Cut)?);
    }
    Ok(response)
}

fn in_pieces(content_type: &'static str, pieces: Vec<(Duration, Bytes)>, cut: bool) -> Response<Body> {
    let end = cut.then_some(Err(Cut));
    let pieces = pieces.into_iter().map(Ok).chain(end);
    let frames = futures_util::stream::iter(pieces).then(|piece: Result<(Duration, Bytes), Cut>| async move {
        let (pause, bytes) = piece?;
        tokio::time::sleep(pause).await;
        Ok(Frame::data(bytes))
    });
    let mut response = Response::new(StreamBody::new(frames).boxed_unsync());
    *response.status_mut() = StatusCode::OK;
    response.headers_mut().insert(http::header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    response
}

fn tokens(number: usize, every: Duration) -> Response<Body> {
    let frames = futures_util::stream::iter(0..=number).then(move |token| async move {
        if !every.is_zero() {
            tokio::time::sleep(every).await;
        }
        Ok(Frame::data(Bytes::from(if token < number { stamped() } else { stream_end(number) })))
    });
    let mut response = Response::new(StreamBody::new(frames).boxed_unsync());
    response.headers_mut().insert(http::header::CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
    response
}

fn stamped() -> String {
    let delta = value!({ "content": format!("@{} ", stamp_us()) });
    format!("data: {}\n\n", value!({ "choices": [{ "index": 0, "delta": delta, "finish_reason": null }] }))
}

fn stream_end(number: usize) -> String {
    let end = value!({ "choices": [{ "index": 0, "delta": {}, "finish_reason": "stop" }] });
    let usage = value!({ "prompt_tokens": 400, "completion_tokens": number, "total_tokens": 400 + number });
    format!("data: {end}\n\ndata: {}\n\ndata: [DONE]\n\n", value!({ "choices": [], "usage": usage }))
}

/// Returns a chat completion with fixed usage.
fn completion(text: &str) -> String {
    value!({
        "id": "chatcmpl-0", "object": "chat.completion", "created": 1_893_456_000, "model": "bench",
        "choices": [{ "index": 0, "finish_reason": "stop", "message": { "role": "assistant", "content": text } }],
        "usage": { "prompt_tokens": 400, "completion_tokens": 20, "total_tokens": 420 },
    })
    .to_string()
}
