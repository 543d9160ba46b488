//! Test doubles of the providers' tests: prompts, secrets, a clock, broken servers, a scripted client.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use futures_util::stream::{self, StreamExt};
use secrecy::SecretString;
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use url::Url;
use uuid::Uuid;

use super::decode::{FrameDecoder, decode_stream};
use super::frames::FrameStream;
use super::transport::ByteStream;
use super::*;
use crate::domain::{
    Clock, Content, FinishReason, Generation, GenerationRequest, MaxTokens, Message, ModelId, ModelRef, Prompt,
    Provider, Random, Role, SecretTemplate, Temperature, Timestamp, ToolCall, ToolCallId, ToolName, ToolResult,
    ToolSpec, Usage,
};
use crate::secrets::{SecretError, SecretResolver};

/// A resolver whose references have the current one of several values. Each renewal switches to the next value.
pub(super) struct RotatingSecrets {
    values: Vec<&'static str>,
    current: AtomicUsize,
    pub(super) renewals: AtomicUsize,
}

impl RotatingSecrets {
    pub(super) fn new(values: &[&'static str]) -> Arc<Self> {
        Arc::new(Self { values: values.to_vec(), current: AtomicUsize::new(0), renewals: AtomicUsize::new(0) })
    }
}

#[async_trait]
impl SecretResolver for RotatingSecrets {
    async fn resolve(&self, template: &SecretTemplate) -> Result<SecretString, SecretError> {
        match template.references().next() {
            Some(reference) => match self.values.get(self.current.load(Ordering::SeqCst)) {
                Some(value) => Ok((*value).into()),
                None => Err(SecretError::Unavailable { reference: reference.clone() }),
            },
            None => Ok("literal".into()),
        }
    }

    async fn renew(&self, _template: &SecretTemplate) -> Result<bool, SecretError> {
        self.renewals.fetch_add(1, Ordering::SeqCst);
        let next = self.current.load(Ordering::SeqCst) + 1;
        if next < self.values.len() {
            self.current.store(next, Ordering::SeqCst);
        }
        Ok(next < self.values.len())
    }
}

struct NoonClock;

impl Clock for NoonClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(1_767_268_800_000)
    }
}

/// A random source that always returns the same fraction.
pub(super) struct FixedFraction(pub(super) f64);

impl Random for FixedFraction {
    fn uuid(&self) -> Uuid {
        Uuid::nil()
    }

    fn fraction(&self) -> f64 {
        self.0
    }
}

pub(super) fn context(resolver: Arc<dyn SecretResolver>) -> HttpContext {
    // another test of this process may have installed it before
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).no_proxy().build().unwrap();
    HttpContext { client, resolver, clock: Arc::new(NoonClock) }
}

pub(super) fn settings(base_url: &str) -> ProviderSettings {
    ProviderSettings {
        api_key: Some(SecretTemplate::parse("{{ secrets['provider/key'] }}").unwrap()),
        ..ProviderSettings::new(Url::parse(base_url).unwrap())
    }
}

pub(super) fn model(provider: Provider, id: &str) -> ModelRef {
    ModelRef { provider, model: ModelId::new(id) }
}

pub(super) fn max_tokens(max_tokens: u32) -> MaxTokens {
    MaxTokens::try_from(max_tokens).unwrap()
}

#[expect(clippy::unnecessary_wraps, reason = "the type of a request's temperature")]
pub(super) fn temperature(temperature: f64) -> Option<Temperature> {
    Some(Temperature::try_from(temperature).unwrap())
}

pub(super) fn plain_prompt() -> Prompt {
    Prompt { messages: vec![Message::text(Role::User, "Repeat: café über naïve")], ..Prompt::default() }
}

pub(super) fn request(prompt: Prompt, temperature: Option<Temperature>, max_tokens: u32) -> GenerationRequest {
    GenerationRequest { prompt, temperature, max_tokens: self::max_tokens(max_tokens) }
}

fn call(id: &str, name: &str, arguments: serde_json::Value) -> Content {
    Content::ToolCall(ToolCall { id: ToolCallId::new(id), name: ToolName::new(name), arguments })
}

fn result(id: &str, text: &str, is_error: bool) -> Content {
    Content::ToolResult(ToolResult {
        call: ToolCallId::new(id),
        text: text.to_owned(),
        is_error,
        source: crate::domain::ResultSource::default(),
    })
}

/// Returns several turns with everything in which providers differ: system, tools, calls with and without text,
/// successful and failed results, arguments that are not an object, two messages of one role, a blank text, an empty
/// message.
pub(super) fn tools_prompt() -> Prompt {
    let assistant = |content| Message::new(Role::Assistant, content);
    let user = |content| Message::new(Role::User, content);
    Prompt {
        system: Some("You help travellers.".to_owned()),
        messages: vec![
            Message::text(Role::User, "Hello"),
            Message::text(Role::User, "Weather in Zürich?"),
            assistant(vec![
                Content::Text("I'll look.".to_owned()),
                call("call_0", "get_weather", json!({"city": "Zürich"})),
                call("call_1", "get_time", json!("not {json")),
            ]),
            user(vec![Content::Text(" ".to_owned()), result("call_0", "18 °C", false), result("call_1", "no", true)]),
            assistant(vec![call("call_2", "get_time", json!({}))]),
            user(vec![Content::Text("And quickly.".to_owned()), result("call_2", "12:00", false)]),
            assistant(Vec::new()),
        ],
        tools: vec![ToolSpec {
            name: ToolName::new("get_weather"),
            description: "Current weather of a city".to_owned(),
            input_schema: json!({"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}),
        }],
    }
}

/// Splits the bytes into chunks of the given sizes and a last one with the rest.
pub(super) fn chunks(bytes: &[u8], sizes: &[usize]) -> ByteStream {
    let (mut rest, mut chunks) = (bytes, Vec::new());
    for size in sizes {
        let (chunk, after) = rest.split_at(*size);
        chunks.push(Ok(Bytes::copy_from_slice(chunk)));
        rest = after;
    }
    chunks.push(Ok(Bytes::copy_from_slice(rest)));
    stream::iter(chunks).boxed()
}

/// Checks the rules for every provider's stream: its fold equals the whole generation for any chunk boundaries, and a
/// truncated stream is an error or the whole generation.
pub(super) async fn stream_conforms<D: FrameDecoder>(
    text: &str,
    whole: &Generation,
    frames_of: fn(ByteStream) -> FrameStream,
    decoder: impl Fn() -> D,
) {
    let bytes = text.as_bytes();
    let folded = |bytes| fold(decode_stream(frames_of(bytes), decoder()), whole.served_by.clone());
    for at in 0..bytes.len() {
        assert_eq!(&folded(chunks(bytes, &[at])).await.unwrap(), whole, "cut into chunks at byte {at}");
        if let Ok(short) = folded(chunks(&bytes[..at], &[])).await {
            // some protocols send usage after the finish reason, so it may be missing
            assert_eq!((&short.message, short.finish), (&whole.message, whole.finish), "cut off at byte {at}");
        }
    }
    assert_eq!(&folded(chunks(bytes, &vec![1; bytes.len()])).await.unwrap(), whole, "byte by byte");
}

pub(super) async fn events_of(stream: GenerationStream) -> (Vec<StreamEvent>, Option<LlmError>) {
    let mut events = Vec::new();
    let mut stream = stream;
    while let Some(event) = stream.next().await {
        match event {
            Ok(event) => events.push(event),
            Err(error) => return (events, Some(error)),
        }
    }
    (events, None)
}

/// Starts a server that reads one request, writes the bytes unchanged, waits, and closes the connection.
pub(super) async fn raw_server(response: Vec<u8>, wait: Duration) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let serve = async move {
        while let Ok((mut connection, _)) = listener.accept().await {
            let mut request = vec![0; 64 * 1024];
            let _ = connection.read(&mut request).await;
            let _ = connection.write_all(&response).await;
            let _ = connection.flush().await;
            tokio::time::sleep(wait).await;
        }
    };
    #[expect(clippy::disallowed_methods, reason = "the server ends with the test's runtime")]
    tokio::spawn(serve);
    format!("http://{address}")
}

pub(super) fn generation(text: &str, served_by: ModelRef) -> Generation {
    Generation {
        message: Message::text(Role::Assistant, text),
        finish: FinishReason::EndTurn,
        usage: Usage::default(),
        served_by,
    }
}

/// Returns a generation in the form of the golden files; its `Debug` has no texts.
pub(super) fn shown(generation: &Generation) -> serde_json::Value {
    let Generation { message, finish, usage, served_by } = generation;
    json!({ "message": message, "finish": finish, "usage": usage, "served_by": served_by })
}

/// The reaction of a scripted client to one request.
pub(super) enum Reaction {
    Say(&'static str),
    /// Never responds.
    Hang,
    Fail(LlmError),
    /// Streams these events, then this error.
    FailAfter(Vec<StreamEvent>, LlmError),
}

/// A client that follows a script and records the temperature and the token limit of each request.
pub(super) struct Scripted {
    metadata: ClientMetadata,
    script: Mutex<VecDeque<Reaction>>,
    pub(super) requests: Mutex<Vec<(Option<Temperature>, MaxTokens)>>,
}

impl Scripted {
    pub(super) fn new(model: ModelRef, script: Vec<Reaction>) -> Arc<Self> {
        Arc::new(Self {
            metadata: ClientMetadata { model },
            script: Mutex::new(script.into()),
            requests: Mutex::default(),
        })
    }

    pub(super) fn calls(&self) -> usize {
        self.requests.lock().unwrap().len()
    }

    fn next(&self, request: &GenerationRequest) -> Reaction {
        self.requests.lock().unwrap().push((request.temperature, request.max_tokens));
        self.script.lock().unwrap().pop_front().expect("there are more calls than the script has reactions")
    }
}

#[async_trait]
impl LLMClient for Scripted {
    async fn complete(&self, request: &GenerationRequest) -> Result<Generation, LlmError> {
        match self.next(request) {
            Reaction::Say(text) => Ok(generation(text, self.metadata.model.clone())),
            Reaction::Hang => std::future::pending().await,
            Reaction::Fail(error) | Reaction::FailAfter(_, error) => Err(error),
        }
    }

    async fn stream(&self, request: &GenerationRequest) -> Result<GenerationStream, LlmError> {
        match self.next(request) {
            Reaction::Say(text) => Ok(stream::iter([
                Ok(StreamEvent::Usage(Usage::default())),
                Ok(StreamEvent::TextDelta(text.to_owned())),
                Ok(StreamEvent::Finished(FinishReason::EndTurn)),
            ])
            .boxed()),
            Reaction::Hang => std::future::pending().await,
            Reaction::Fail(error) => Err(error),
            Reaction::FailAfter(events, error) => {
                Ok(stream::iter(events.into_iter().map(Ok).chain([Err(error)])).boxed())
            }
        }
    }

    async fn list_models(&self) -> Result<Vec<ModelInfo>, LlmError> {
        Ok(Vec::new())
    }

    fn get_metadata(&self) -> &ClientMetadata {
        &self.metadata
    }
}
