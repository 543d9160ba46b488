//! A model that says what it is told to, and time and chance that do as they are told.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use futures_util::stream::{StreamExt, unfold};
use uuid::{Builder, Uuid};

use crate::domain::{
    Clock, FinishReason, Generation, MaxTokens, Message, ModelId, ModelRef, Prompt, Provider, Random, Temperature,
    Timestamp, ToolCall, Usage,
};
use crate::llm::{
    ClientMetadata, Fallback, GenerationStream, LLMClient, LlmError, ModelInfo, RetryPolicy, Retrying, StreamEvent,
    fold,
};

/// What a scripted model does with a call.
#[derive(Debug)]
pub enum Script {
    /// Says this and ends its turn.
    Say(String),
    /// Asks for a tool.
    Call(ToolCall),
    /// Fails.
    Fail(LlmError),
    /// Never answers.
    Hang,
    /// Says these pieces; asked for a whole answer, their fold.
    Pieces(Vec<StreamEvent>, Then),
}

/// What comes after the pieces.
#[derive(Debug)]
pub enum Then {
    /// The end of the stream.
    End,
    /// An error.
    Fail(LlmError),
    /// Nothing, for ever.
    Hang,
}

/// Pieces of text, one a word, then usage and a natural end.
#[must_use]
pub fn words(text: &str) -> Vec<StreamEvent> {
    let said = text.split_inclusive(' ').map(|word| StreamEvent::TextDelta(word.to_owned()));
    let usage = StreamEvent::Usage(Usage { input_tokens: 10, output_tokens: 3 });
    said.chain([usage, StreamEvent::Finished(FinishReason::EndTurn)]).collect()
}

/// A call as the model got it.
#[derive(Debug, Clone, PartialEq)]
pub struct Asked {
    /// What it read.
    pub prompt: Prompt,
    /// The temperature.
    pub temperature: Option<Temperature>,
    /// The token limit.
    pub max_tokens: MaxTokens,
}

/// What became of a model's streams.
#[derive(Debug, Default)]
struct Streams {
    open: AtomicUsize,
    taken: AtomicUsize,
}

/// A stream that is open until it is dropped.
struct Open {
    of: Arc<Streams>,
    rest: VecDeque<Result<StreamEvent, LlmError>>,
    hangs: bool,
}

impl Open {
    fn new(of: &Arc<Streams>, pieces: Vec<StreamEvent>, then: Then) -> Self {
        of.open.fetch_add(1, Ordering::SeqCst);
        let (error, hangs) = match then {
            Then::End => (None, false),
            Then::Fail(error) => (Some(Err(error)), false),
            Then::Hang => (None, true),
        };
        Self { of: Arc::clone(of), rest: pieces.into_iter().map(Ok).chain(error).collect(), hangs }
    }

    async fn next(mut self) -> Option<(Result<StreamEvent, LlmError>, Self)> {
        if let Some(next) = self.rest.pop_front() {
            self.of.taken.fetch_add(1, Ordering::SeqCst);
            return Some((next, self));
        }
        if self.hangs {
            std::future::pending::<()>().await;
        }
        None
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.of.open.fetch_sub(1, Ordering::SeqCst);
    }
}

/// A model behind the port. Without a script left it repeats the last user's words.
#[derive(Debug)]
pub struct ScriptedModel {
    metadata: ClientMetadata,
    script: Mutex<VecDeque<Script>>,
    asked: Mutex<Vec<Asked>>,
    streams: Arc<Streams>,
    /// What listing its models gives; fails where it is none.
    listed: Option<Vec<ModelInfo>>,
}

impl ScriptedModel {
    /// A model of this provider, by the name of `scripted`.
    #[must_use]
    pub fn new(provider: Provider) -> Arc<Self> {
        Self::listing(provider, Some(Vec::new()))
    }

    /// The same, listing these models, or failing to.
    #[must_use]
    pub fn listing(provider: Provider, listed: Option<Vec<ModelInfo>>) -> Arc<Self> {
        let metadata = ClientMetadata { model: ModelRef { provider, model: ModelId::new("scripted") } };
        let streams = Arc::default();
        Arc::new(Self { metadata, script: Mutex::default(), asked: Mutex::default(), streams, listed })
    }

    /// Adds to the script.
    pub fn then(&self, script: Script) {
        lock(&self.script).push_back(script);
    }

    /// The calls so far.
    #[must_use]
    pub fn asked(&self) -> Vec<Asked> {
        lock(&self.asked).clone()
    }

    /// How many of its streams are open.
    #[must_use]
    pub fn open_streams(&self) -> usize {
        self.streams.open.load(Ordering::SeqCst)
    }

    /// How many pieces have been taken out of its streams.
    #[must_use]
    pub fn pieces_taken(&self) -> usize {
        self.streams.taken.load(Ordering::SeqCst)
    }

    /// Writes the call down, and says what is to be done with it.
    fn next(&self, prompt: &Prompt, temperature: Option<Temperature>, max_tokens: MaxTokens) -> Script {
        lock(&self.asked).push(Asked { prompt: prompt.clone(), temperature, max_tokens });
        let last = prompt.messages.last().map(Message::plain_text).unwrap_or_default();
        lock(&self.script).pop_front().unwrap_or(Script::Say(last))
    }

    async fn open(&self, script: Script) -> Result<GenerationStream, LlmError> {
        let usage = Usage { input_tokens: 10, output_tokens: 3 };
        let (pieces, then) = match script {
            Script::Say(text) => (vec![StreamEvent::TextDelta(text)], FinishReason::EndTurn),
            Script::Call(call) => (vec![StreamEvent::ToolCall(call)], FinishReason::ToolCalls),
            Script::Fail(error) => return Err(error),
            Script::Hang => std::future::pending().await,
            Script::Pieces(pieces, then) => {
                return Ok(unfold(Open::new(&self.streams, pieces, then), Open::next).boxed());
            }
        };
        let pieces = pieces.into_iter().chain([StreamEvent::Usage(usage), StreamEvent::Finished(then)]).collect();
        Ok(unfold(Open::new(&self.streams, pieces, Then::End), Open::next).boxed())
    }

    /// The model as the runner takes it: one attempt, no fallback.
    #[must_use]
    pub fn alone(self: &Arc<Self>) -> Fallback {
        Fallback::new(self.retrying(), Vec::new())
    }

    /// One attempt at the model.
    #[must_use]
    pub fn retrying(self: &Arc<Self>) -> Retrying {
        Retrying::new(Arc::clone(self) as _, RetryPolicy::never(), Arc::new(FixedRandom::default()))
    }
}

#[async_trait]
impl LLMClient for ScriptedModel {
    async fn generate(
        &self,
        prompt: &Prompt,
        temperature: Option<Temperature>,
        max_tokens: MaxTokens,
    ) -> Result<Generation, LlmError> {
        let stream = self.open(self.next(prompt, temperature, max_tokens)).await?;
        fold(stream, self.metadata.model.clone()).await
    }

    async fn stream(
        &self,
        prompt: &Prompt,
        temperature: Option<Temperature>,
        max_tokens: MaxTokens,
    ) -> Result<GenerationStream, LlmError> {
        self.open(self.next(prompt, temperature, max_tokens)).await
    }

    async fn list_models(&self) -> Result<Vec<ModelInfo>, LlmError> {
        self.listed.clone().ok_or(LlmError::Unreachable("scripted"))
    }

    fn get_metadata(&self) -> &ClientMetadata {
        &self.metadata
    }
}

/// A clock that stands until it is moved.
#[derive(Debug)]
pub struct ManualClock(AtomicU64);

impl ManualClock {
    /// A clock at this point.
    #[must_use]
    pub fn at(millis: u64) -> Arc<Self> {
        Arc::new(Self(AtomicU64::new(millis)))
    }

    /// Moves it on.
    pub fn advance(&self, by: Duration) {
        self.0.fetch_add(u64::try_from(by.as_millis()).unwrap_or(u64::MAX), Ordering::Relaxed);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.0.load(Ordering::Relaxed))
    }
}

/// Random that gives one id after another and no jitter.
#[derive(Debug, Default)]
pub struct FixedRandom(AtomicU64);

impl Random for FixedRandom {
    fn uuid(&self) -> Uuid {
        let number = u128::from(self.0.fetch_add(1, Ordering::Relaxed));
        Builder::from_random_bytes(number.to_be_bytes()).into_uuid()
    }

    fn fraction(&self) -> f64 {
        0.0
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
