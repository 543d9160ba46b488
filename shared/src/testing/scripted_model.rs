//! A model that says what it is told to, and time and chance that do as they are told.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use futures_util::StreamExt;
use uuid::{Builder, Uuid};

use crate::domain::{
    Chance, Clock, Content, Effort, FinishReason, Generation, MaxTokens, Message, ModelId, ModelRef, Prompt, Provider,
    Role, Temperature, Timestamp, ToolCall, Usage,
};
use crate::llm::{
    ClientMetadata, Fallback, GenerationStream, LLMClient, LlmError, ModelInfo, RetryPolicy, Retrying, StreamEvent,
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

/// A model behind the port. Without a script left it repeats the last user's words.
#[derive(Debug)]
pub struct ScriptedModel {
    metadata: ClientMetadata,
    script: Mutex<VecDeque<Script>>,
    asked: Mutex<Vec<Asked>>,
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
        Arc::new(Self { metadata, script: Mutex::default(), asked: Mutex::default(), listed })
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

    /// The model as the runner takes it: one attempt, no fallback.
    #[must_use]
    pub fn alone(self: &Arc<Self>) -> Fallback {
        Fallback::new(self.retrying(), Vec::new())
    }

    /// One attempt at the model.
    #[must_use]
    pub fn retrying(self: &Arc<Self>) -> Retrying {
        Retrying::new(Arc::clone(self) as _, RetryPolicy::never(), Arc::new(FixedChance::default()))
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
        lock(&self.asked).push(Asked { prompt: prompt.clone(), temperature, max_tokens });
        let last = prompt.messages.last().map(Message::plain_text).unwrap_or_default();
        let script = lock(&self.script).pop_front().unwrap_or(Script::Say(last));
        let (content, finish) = match script {
            Script::Say(text) => (Content::Text(text), FinishReason::EndTurn),
            Script::Call(call) => (Content::ToolCall(call), FinishReason::ToolCalls),
            Script::Fail(error) => return Err(error),
            Script::Hang => std::future::pending().await,
        };
        Ok(Generation {
            message: Message { role: Role::Assistant, content: vec![content] },
            finish,
            usage: Usage { input_tokens: 10, output_tokens: 3 },
            served_by: self.metadata.model.clone(),
            effort: Effort::default(),
        })
    }

    async fn stream(
        &self,
        prompt: &Prompt,
        temperature: Option<Temperature>,
        max_tokens: MaxTokens,
    ) -> Result<GenerationStream, LlmError> {
        let whole = self.generate(prompt, temperature, max_tokens).await?;
        let pieces = whole.message.content.into_iter().filter_map(|part| match part {
            Content::Text(text) => Some(StreamEvent::TextDelta(text)),
            Content::ToolCall(call) => Some(StreamEvent::ToolCall(call)),
            Content::ToolResult(_) => None,
        });
        let ending = [StreamEvent::Usage(whole.usage), StreamEvent::Finished(whole.finish)];
        let events: Vec<StreamEvent> = pieces.chain(ending).collect();
        Ok(futures_util::stream::iter(events).map(Ok).boxed())
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

/// Chance that gives one id after another and no jitter.
#[derive(Debug, Default)]
pub struct FixedChance(AtomicU64);

impl Chance for FixedChance {
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
