//! What the providers' tests share: prompts, a vault, a clock, servers that misbehave.

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

use super::frames::FrameStream;
use super::transport::ByteStream;
use super::*;
use crate::domain::{
    Clock, Content, FinishReason, Message, Provider, Random, RetryStats, Role, SecretTemplate, Timestamp, ToolCall,
    ToolCallId, ToolName, ToolResult, ToolSpec, Usage,
};
use crate::secrets::{SecretError, SecretResolver};

/// Gives literals as they are and for each reference the current value; each renewal moves on to the next one.
pub(super) struct Values {
    texts: Vec<&'static str>,
    current: AtomicUsize,
    pub(super) renewals: AtomicUsize,
}

impl Values {
    pub(super) fn new(texts: &[&'static str]) -> Arc<Self> {
        Arc::new(Self { texts: texts.to_vec(), current: AtomicUsize::new(0), renewals: AtomicUsize::new(0) })
    }
}

#[async_trait]
impl SecretResolver for Values {
    async fn resolve(&self, template: &SecretTemplate) -> Result<SecretString, SecretError> {
        match template.references().next() {
            Some(reference) => match self.texts.get(self.current.load(Ordering::SeqCst)) {
                Some(value) => Ok((*value).into()),
                None => Err(SecretError::Unavailable { reference: reference.clone() }),
            },
            None => Ok("literal".into()),
        }
    }

    async fn renew(&self, _template: &SecretTemplate) -> Result<bool, SecretError> {
        self.renewals.fetch_add(1, Ordering::SeqCst);
        let next = self.current.load(Ordering::SeqCst) + 1;
        if next < self.texts.len() {
            self.current.store(next, Ordering::SeqCst);
        }
        Ok(next < self.texts.len())
    }
}

struct Noon;

impl Clock for Noon {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(1_767_268_800_000)
    }
}

/// Random without any: always the same fraction.
pub(super) struct Always(pub(super) f64);

impl Random for Always {
    fn uuid(&self) -> Uuid {
        Uuid::nil()
    }

    fn fraction(&self) -> f64 {
        self.0
    }
}

pub(super) fn context(resolver: Arc<dyn SecretResolver>) -> HttpContext {
    // another test of this process may have been first
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).no_proxy().build().unwrap();
    HttpContext { client, resolver, clock: Arc::new(Noon) }
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

pub(super) fn some(max_tokens: u32) -> MaxTokens {
    MaxTokens::try_from(max_tokens).unwrap()
}

#[expect(clippy::unnecessary_wraps, reason = "what a call takes")]
pub(super) fn warm(temperature: f64) -> Option<Temperature> {
    Some(Temperature::try_from(temperature).unwrap())
}

pub(super) fn plain_prompt() -> Prompt {
    Prompt { messages: vec![Message::text(Role::User, "Repeat: café über naïve")], ..Prompt::default() }
}

fn call(id: &str, name: &str, arguments: serde_json::Value) -> Content {
    Content::ToolCall(ToolCall { id: ToolCallId::new(id), name: ToolName::new(name), arguments })
}

fn result(id: &str, text: &str, is_error: bool) -> Content {
    Content::ToolResult(ToolResult { call: ToolCallId::new(id), text: text.to_owned(), is_error })
}

/// Several turns with everything that makes conversions differ: system, tools, calls with and without text, results
/// good and bad, arguments that are no object, two messages of one role, an empty text, an empty message.
pub(super) fn tools_prompt() -> Prompt {
    let assistant = |content| Message { role: Role::Assistant, content };
    let user = |content| Message { role: Role::User, content };
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

/// The text in chunks of the given sizes, the last one with the rest.
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

/// Everything that a provider's streams must hold to, whatever the provider: the whole answer and the folded one are
/// equal, wherever the bytes are cut into chunks, and an answer that is cut off anywhere is an error or the whole.
pub(super) async fn stream_conforms<A: assembly::Assemble>(
    text: &str,
    whole: &Generation,
    frames_of: fn(ByteStream) -> FrameStream,
    reading: impl Fn() -> A,
) {
    let bytes = text.as_bytes();
    let folded = |bytes| fold(assembly::assemble(frames_of(bytes), reading()), whole.served_by.clone());
    for at in 0..bytes.len() {
        assert_eq!(&folded(chunks(bytes, &[at])).await.unwrap(), whole, "cut into chunks at byte {at}");
        if let Ok(short) = folded(chunks(&bytes[..at], &[])).await {
            // usage may be what is lost, where a protocol sends it after the end of the answer
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

/// A server that reads one request, writes the bytes as they are, waits, and closes the connection.
pub(super) async fn raw_server(answer: Vec<u8>, then_wait: Duration) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let serve = async move {
        while let Ok((mut connection, _)) = listener.accept().await {
            let mut request = vec![0; 64 * 1024];
            let _ = connection.read(&mut request).await;
            let _ = connection.write_all(&answer).await;
            let _ = connection.flush().await;
            tokio::time::sleep(then_wait).await;
        }
    };
    #[expect(clippy::disallowed_methods, reason = "the server's life is the test's")]
    tokio::spawn(serve);
    format!("http://{address}")
}

pub(super) fn generation(text: &str, served_by: ModelRef) -> Generation {
    Generation {
        message: Message::text(Role::Assistant, text),
        finish: FinishReason::EndTurn,
        usage: Usage::default(),
        served_by,
        retry_stats: RetryStats::default(),
    }
}

/// What a scripted client does next.
pub(super) enum Next {
    Say(&'static str),
    /// Nothing, for ever.
    Hang,
    Fail(LlmError),
    /// A stream that gives these and then this error.
    FailAfter(Vec<StreamEvent>, LlmError),
}

/// A client that does as it is told and writes down what it was asked.
pub(super) struct Scripted {
    metadata: ClientMetadata,
    script: Mutex<VecDeque<Next>>,
    pub(super) asked: Mutex<Vec<(Option<Temperature>, MaxTokens)>>,
}

impl Scripted {
    pub(super) fn new(model: ModelRef, script: Vec<Next>) -> Arc<Self> {
        Arc::new(Self {
            metadata: ClientMetadata { model },
            script: Mutex::new(script.into()),
            asked: Mutex::default(),
        })
    }

    pub(super) fn times_asked(&self) -> usize {
        self.asked.lock().unwrap().len()
    }

    fn next(&self, temperature: Option<Temperature>, max_tokens: MaxTokens) -> Next {
        self.asked.lock().unwrap().push((temperature, max_tokens));
        self.script.lock().unwrap().pop_front().expect("the client is asked more often than scripted")
    }
}

#[async_trait]
impl LLMClient for Scripted {
    async fn generate(
        &self,
        _prompt: &Prompt,
        temperature: Option<Temperature>,
        max_tokens: MaxTokens,
    ) -> Result<Generation, LlmError> {
        match self.next(temperature, max_tokens) {
            Next::Say(text) => Ok(generation(text, self.metadata.model.clone())),
            Next::Hang => std::future::pending().await,
            Next::Fail(error) | Next::FailAfter(_, error) => Err(error),
        }
    }

    async fn stream(
        &self,
        _prompt: &Prompt,
        temperature: Option<Temperature>,
        max_tokens: MaxTokens,
    ) -> Result<GenerationStream, LlmError> {
        match self.next(temperature, max_tokens) {
            Next::Say(text) => Ok(stream::iter([
                Ok(StreamEvent::Usage(Usage::default())),
                Ok(StreamEvent::TextDelta(text.to_owned())),
                Ok(StreamEvent::Finished(FinishReason::EndTurn)),
            ])
            .boxed()),
            Next::Hang => std::future::pending().await,
            Next::Fail(error) => Err(error),
            Next::FailAfter(events, error) => Ok(stream::iter(events.into_iter().map(Ok).chain([Err(error)])).boxed()),
        }
    }

    async fn list_models(&self) -> Result<Vec<ModelInfo>, LlmError> {
        Ok(Vec::new())
    }

    fn get_metadata(&self) -> &ClientMetadata {
        &self.metadata
    }
}
