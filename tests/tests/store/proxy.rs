//! A proxy before the local cloud that makes single requests fail as a network or a busy service would.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use futures_util::stream;
use serde_json::{Value, json};

const TARGET: &str = "x-amz-target";
const CONTENT_TYPE: &str = "application/x-amz-json-1.0";

/// The proxy's reaction to a request.
#[derive(Clone)]
pub(crate) enum Script {
    /// Answers with this error and forwards nothing.
    Error(StatusCode, Value),
    /// Answers with this and forwards nothing.
    Answer(Value),
    /// Forwards the request and breaks the connection in the middle of the answer.
    LoseAnswer,
}

impl Script {
    /// Makes an error that has only this code.
    pub(crate) fn code(code: &str) -> Self {
        Self::Error(StatusCode::BAD_REQUEST, json!({ "__type": format!("com.amazonaws.dynamodb.v20120810#{code}") }))
    }

    /// Makes the answer to a transaction that was cancelled for these reasons.
    pub(crate) fn cancelled(codes: &[&str]) -> Self {
        let reasons: Vec<Value> = codes.iter().map(|code| json!({ "Code": code })).collect();
        let kind = "com.amazonaws.dynamodb.v20120810#TransactionCanceledException";
        Self::Error(StatusCode::BAD_REQUEST, json!({ "__type": kind, "CancellationReasons": reasons }))
    }
}

struct Shared {
    upstream: String,
    client: reqwest::Client,
    scripts: Mutex<VecDeque<Script>>,
    counts: Mutex<BTreeMap<String, usize>>,
    forgets_tokens: Mutex<bool>,
}

/// A running proxy.
pub(crate) struct Proxy {
    shared: Arc<Shared>,
    /// The address that the proxy listens on.
    pub(crate) url: String,
}

impl Proxy {
    pub(crate) async fn start(upstream: &str) -> Self {
        let shared = Arc::new(Shared {
            upstream: upstream.to_owned(),
            client: openclaw::aws::https_client(None).unwrap(),
            scripts: Mutex::default(),
            counts: Mutex::default(),
            forgets_tokens: Mutex::default(),
        });
        let router = Router::new().fallback(handle).with_state(Arc::clone(&shared));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let serving = async move { axum::serve(listener, router).await.unwrap() };
        #[expect(clippy::disallowed_methods, reason = "the proxy serves until the test's runtime ends")]
        tokio::spawn(serving);
        Self { shared, url }
    }

    /// Applies these to the next requests, in order; forwards all others.
    pub(crate) fn next(&self, scripts: impl IntoIterator<Item = Script>) {
        self.shared.scripts.lock().unwrap().extend(scripts);
    }

    /// Removes tokens from all requests from now on, as if they were older than ten minutes.
    pub(crate) fn forget_tokens(&self) {
        *self.shared.forgets_tokens.lock().unwrap() = true;
    }

    /// Returns the number of requests by operation since the last call.
    pub(crate) fn take_counts(&self) -> BTreeMap<String, usize> {
        std::mem::take(&mut *self.shared.counts.lock().unwrap())
    }
}

async fn handle(State(shared): State<Arc<Shared>>, headers: HeaderMap, body: Bytes) -> Response {
    let target = headers.get(TARGET).unwrap().to_str().unwrap().to_owned();
    let operation = target.rsplit('.').next().unwrap().to_owned();
    *shared.counts.lock().unwrap().entry(operation).or_default() += 1;
    let script = shared.scripts.lock().unwrap().pop_front();
    match script {
        Some(Script::Error(status, answer)) => respond(status, Body::from(answer.to_string())),
        Some(Script::Answer(answer)) => respond(StatusCode::OK, Body::from(answer.to_string())),
        Some(Script::LoseAnswer) => {
            let _ = forward(&shared, headers, body).await;
            let pieces = [Ok(Bytes::from_static(b"{")), Err(std::io::Error::other("the connection breaks"))];
            respond(StatusCode::OK, Body::from_stream(stream::iter(pieces)))
        }
        None => {
            let (status, answer) = forward(&shared, headers, body).await;
            respond(status, Body::from(answer))
        }
    }
}

fn respond(status: StatusCode, body: Body) -> Response {
    Response::builder().status(status).header("content-type", CONTENT_TYPE).body(body).unwrap()
}

async fn forward(shared: &Shared, mut headers: HeaderMap, mut body: Bytes) -> (StatusCode, Bytes) {
    headers.remove("content-length");
    if *shared.forgets_tokens.lock().unwrap() {
        let mut asked: Value = serde_json::from_slice(&body).unwrap();
        asked.as_object_mut().unwrap().remove("ClientRequestToken");
        body = asked.to_string().into();
    }
    let answer = shared.client.post(&shared.upstream).headers(headers).body(body).send().await.unwrap();
    (answer.status(), answer.bytes().await.unwrap())
}
