//! A model that follows a script, a clock that tests move, and random numbers that repeat.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use futures_util::stream::{StreamExt, unfold};
use uuid::{Builder, Uuid};

use crate::domain::{
    Clock, FinishReason, Generation, GenerationRequest, Message, ModelId, ModelRef, Prompt, Provider, Random,
    Timestamp, ToolCall, Usage,
};
use crate::llm::{
    ClientMetadata, Fallback, GenerationStream, LLMClient, LlmError, ModelInfo, RetryPolicy, Retrying, StreamEvent,
    fold,
};

/// The reaction of a scripted model to one request.
#[derive(Debug)]
pub enum Script {
    /// Generates this text and ends its turn.
    Say(String),
    /// Proposes a tool call.
    Call(ToolCall),
    /// Fails.
    Fail(LlmError),
    /// Never responds.
    Hang,
    /// Streams these events; a whole generation is their fold.
    Stream(Vec<StreamEvent>, StreamEnd),
}

/// The end of a scripted stream, after its events.
#[derive(Debug)]
pub enum StreamEnd {
    /// The stream ends.
    Close,
    /// An error.
    Fail(LlmError),
    /// Nothing more arrives, and the stream stays open.
    Hang,
}

/// Returns one delta for each word of the text, then usage and the end of the turn.
#[must_use]
pub fn word_deltas(text: &str) -> Vec<StreamEvent> {
    let deltas = text.split_inclusive(' ').map(|word| StreamEvent::TextDelta(word.to_owned()));
    let usage = StreamEvent::Usage(Usage { input_tokens: 10, output_tokens: 3 });
    deltas.chain([usage, StreamEvent::Finished(FinishReason::EndTurn)]).collect()
}

/// Counts of a model's streams and their events.
#[derive(Debug, Default)]
struct StreamCounts {
    open: AtomicUsize,
    events: AtomicUsize,
}

/// A stream that counts as open until it is dropped.
struct OpenStream {
    counts: Arc<StreamCounts>,
    rest: VecDeque<Result<StreamEvent, LlmError>>,
    hangs: bool,
}

impl OpenStream {
    fn new(counts: &Arc<StreamCounts>, events: Vec<StreamEvent>, end: StreamEnd) -> Self {
        counts.open.fetch_add(1, Ordering::SeqCst);
        let (error, hangs) = match end {
            StreamEnd::Close => (None, false),
            StreamEnd::Fail(error) => (Some(Err(error)), false),
            StreamEnd::Hang => (None, true),
        };
        Self { counts: Arc::clone(counts), rest: events.into_iter().map(Ok).chain(error).collect(), hangs }
    }

    async fn next(mut self) -> Option<(Result<StreamEvent, LlmError>, Self)> {
        if let Some(next) = self.rest.pop_front() {
            self.counts.events.fetch_add(1, Ordering::SeqCst);
            return Some((next, self));
        }
        if self.hangs {
            std::future::pending::<()>().await;
        }
        None
    }
}

impl Drop for OpenStream {
    fn drop(&mut self) {
        self.counts.open.fetch_sub(1, Ordering::SeqCst);
    }
}

/// A model behind the port. When its script is used up, it repeats the text of the last message.
#[derive(Debug)]
pub struct ScriptedModel {
    metadata: ClientMetadata,
    script: Mutex<VecDeque<Script>>,
    requests: Mutex<Vec<GenerationRequest>>,
    streams: Arc<StreamCounts>,
    /// The models that it lists; `None` makes listing fail.
    listed: Option<Vec<ModelInfo>>,
    listings: AtomicUsize,
    /// The tokens that it counts in each prompt; `None` if it does not count.
    count: Mutex<Option<u64>>,
    countings: AtomicUsize,
}

impl ScriptedModel {
    /// Creates a model of this provider with the name `scripted`.
    #[must_use]
    pub fn new(provider: Provider) -> Arc<Self> {
        Self::listing(provider, Some(Vec::new()))
    }

    /// Creates a model that lists these models, or fails to list any.
    #[must_use]
    pub fn listing(provider: Provider, listed: Option<Vec<ModelInfo>>) -> Arc<Self> {
        let metadata = ClientMetadata { model: ModelRef { provider, model: ModelId::new("scripted") } };
        let streams = Arc::default();
        Arc::new(Self {
            metadata,
            script: Mutex::default(),
            requests: Mutex::default(),
            streams,
            listed,
            listings: AtomicUsize::new(0),
            count: Mutex::new(None),
            countings: AtomicUsize::new(0),
        })
    }

    /// Returns how often it was asked for its list of models.
    #[must_use]
    pub fn listings(&self) -> usize {
        self.listings.load(Ordering::SeqCst)
    }

    /// Makes it count so many tokens in each prompt, or none at all.
    pub fn count(&self, tokens: Option<u64>) {
        *lock(&self.count) = tokens;
    }

    /// Returns how often it has counted the tokens of a prompt.
    #[must_use]
    pub fn countings(&self) -> usize {
        self.countings.load(Ordering::SeqCst)
    }

    /// Appends to the script.
    pub fn then(&self, script: Script) {
        lock(&self.script).push_back(script);
    }

    /// Returns the requests so far.
    #[must_use]
    pub fn requests(&self) -> Vec<GenerationRequest> {
        lock(&self.requests).clone()
    }

    /// Returns the number of open streams.
    #[must_use]
    pub fn open_streams(&self) -> usize {
        self.streams.open.load(Ordering::SeqCst)
    }

    /// Returns the number of events that were read from its streams.
    #[must_use]
    pub fn events_read(&self) -> usize {
        self.streams.events.load(Ordering::SeqCst)
    }

    /// Records the request and returns the reaction to it.
    fn next(&self, request: &GenerationRequest) -> Script {
        lock(&self.requests).push(request.clone());
        let last = request.prompt.messages.last().map(Message::plain_text).unwrap_or_default();
        lock(&self.script).pop_front().unwrap_or(Script::Say(last))
    }

    async fn open(&self, script: Script) -> Result<GenerationStream, LlmError> {
        let usage = Usage { input_tokens: 10, output_tokens: 3 };
        let (events, finish) = match script {
            Script::Say(text) => (vec![StreamEvent::TextDelta(text)], FinishReason::EndTurn),
            Script::Call(call) => (vec![StreamEvent::ToolCall(call)], FinishReason::ToolCalls),
            Script::Fail(error) => return Err(error),
            Script::Hang => std::future::pending().await,
            Script::Stream(events, end) => {
                return Ok(unfold(OpenStream::new(&self.streams, events, end), OpenStream::next).boxed());
            }
        };
        let events = events.into_iter().chain([StreamEvent::Usage(usage), StreamEvent::Finished(finish)]).collect();
        Ok(unfold(OpenStream::new(&self.streams, events, StreamEnd::Close), OpenStream::next).boxed())
    }

    /// Returns the model as the runner calls it: one attempt, no fallback.
    #[must_use]
    pub fn alone(self: &Arc<Self>) -> Fallback {
        Fallback::new(self.retrying(), Vec::new())
    }

    /// Returns a client that makes one attempt.
    #[must_use]
    pub fn retrying(self: &Arc<Self>) -> Retrying {
        Retrying::new(Arc::clone(self) as _, RetryPolicy::never(), Arc::new(FixedRandom::default()))
    }
}

#[async_trait]
impl LLMClient for ScriptedModel {
    async fn complete(&self, request: &GenerationRequest) -> Result<Generation, LlmError> {
        let stream = self.open(self.next(request)).await?;
        fold(stream, self.metadata.model.clone()).await
    }

    async fn stream(&self, request: &GenerationRequest) -> Result<GenerationStream, LlmError> {
        self.open(self.next(request)).await
    }

    async fn count_tokens(&self, _prompt: &Prompt) -> Result<Option<u64>, LlmError> {
        self.countings.fetch_add(1, Ordering::SeqCst);
        Ok(*lock(&self.count))
    }

    async fn list_models(&self) -> Result<Vec<ModelInfo>, LlmError> {
        self.listings.fetch_add(1, Ordering::SeqCst);
        self.listed.clone().ok_or(LlmError::Unreachable("scripted"))
    }

    fn get_metadata(&self) -> &ClientMetadata {
        &self.metadata
    }
}

/// A clock that stands still until a test moves it.
#[derive(Debug)]
pub struct ManualClock(AtomicU64);

impl ManualClock {
    /// Creates a clock at this time.
    #[must_use]
    pub fn at(millis: u64) -> Arc<Self> {
        Arc::new(Self(AtomicU64::new(millis)))
    }

    /// Moves the clock forward.
    pub fn advance(&self, by: Duration) {
        self.0.fetch_add(u64::try_from(by.as_millis()).unwrap_or(u64::MAX), Ordering::Relaxed);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.0.load(Ordering::Relaxed))
    }
}

/// A source of consecutive ids and of a fixed jitter, 0 unless a test sets it.
#[derive(Debug, Default)]
pub struct FixedRandom {
    next: AtomicU64,
    fraction: f64,
}

impl FixedRandom {
    /// Creates a source whose fraction is always this one, from 0 to 1.
    #[must_use]
    pub fn with_fraction(fraction: f64) -> Self {
        Self { next: AtomicU64::new(0), fraction }
    }
}

impl Random for FixedRandom {
    fn uuid(&self) -> Uuid {
        let number = u128::from(self.next.fetch_add(1, Ordering::Relaxed));
        Builder::from_random_bytes(number.to_be_bytes()).into_uuid()
    }

    fn fraction(&self) -> f64 {
        self.fraction
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
