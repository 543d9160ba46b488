//! Trying the same model again: exponential backoff with full jitter, and the provider's own `Retry-After`.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use futures_util::stream::{StreamExt, iter};

use super::assembly::TRUNCATED;
use super::{ClientMetadata, GenerationStream, LLMClient, LlmError, ModelInfo, StreamEvent};
use crate::domain::{Generation, MaxTokens, Prompt, Random, RetryStats, Temperature};

/// When to try again and when to give up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RetryPolicy {
    /// Attempts in all, at least 1.
    pub max_attempts: u32,
    /// How long one attempt may take, besides the client's own time-out; none where the deadline alone decides.
    pub attempt_timeout: Option<Duration>,
    /// The longest wait before the second attempt; it doubles with each.
    pub first_wait: Duration,
    /// The longest wait of all.
    pub longest_wait: Duration,
    /// A provider that asks for more patience than this is given up at once: a fallback or the caller has better use
    /// of the time.
    pub longest_retry_after: Duration,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self {
            max_attempts: 3,
            attempt_timeout: None,
            first_wait: Duration::from_millis(250),
            longest_wait: Duration::from_secs(4),
            longest_retry_after: Duration::from_secs(10),
        }
    }
}

impl RetryPolicy {
    /// One attempt and no more.
    #[must_use]
    pub fn never() -> Self {
        Self { max_attempts: 1, ..Self::default() }
    }

    /// Waits from 0 to the bound of this attempt, evenly spread; behind what the provider asks for, if it does.
    fn wait(&self, failed: u32, retry_after: Option<Duration>, fraction: f64) -> Duration {
        let bound = 2_u32
            .checked_pow(failed.saturating_sub(1))
            .map_or(Duration::MAX, |times| self.first_wait.saturating_mul(times));
        retry_after.unwrap_or_default().saturating_add(bound.min(self.longest_wait).mul_f64(fraction.clamp(0.0, 1.0)))
    }
}

/// A client that tries again what may succeed a little later. A stream is tried again only while nothing of it has
/// been passed on.
pub struct Retrying {
    client: Arc<dyn LLMClient>,
    policy: RetryPolicy,
    random: Arc<dyn Random>,
}

/// The last error, and what it took to get there.
#[derive(Debug)]
pub(super) struct RetriesExhausted {
    pub(super) error: LlmError,
    pub(super) retry_stats: RetryStats,
}

struct Attempts<'a> {
    of: &'a Retrying,
    failed: u32,
    retry_stats: RetryStats,
}

impl Retrying {
    /// Wraps a client.
    #[must_use]
    pub fn new(client: Arc<dyn LLMClient>, policy: RetryPolicy, random: Arc<dyn Random>) -> Self {
        Self { client, policy, random }
    }

    async fn in_time<T>(&self, attempt: impl Future<Output = Result<T, LlmError>>) -> Result<T, LlmError> {
        match self.policy.attempt_timeout {
            Some(timeout) => tokio::time::timeout(timeout, attempt).await.unwrap_or(Err(LlmError::TimedOut)),
            None => attempt.await,
        }
    }

    const fn attempts(&self) -> Attempts<'_> {
        Attempts { of: self, failed: 0, retry_stats: RetryStats { throttles: 0, fallbacks: 0 } }
    }

    pub(super) async fn ask(
        &self,
        prompt: &Prompt,
        temperature: Option<Temperature>,
        max_tokens: MaxTokens,
    ) -> Result<Generation, RetriesExhausted> {
        let mut attempts = self.attempts();
        loop {
            match self.in_time(self.client.generate(prompt, temperature, max_tokens)).await {
                Ok(generation) => {
                    return Ok(Generation { retry_stats: generation.retry_stats + attempts.retry_stats, ..generation });
                }
                Err(error) => attempts.wait_or_give_up(error).await?,
            }
        }
    }

    pub(super) async fn ask_streaming(
        &self,
        prompt: &Prompt,
        temperature: Option<Temperature>,
        max_tokens: MaxTokens,
    ) -> Result<(GenerationStream, RetryStats), RetriesExhausted> {
        let mut attempts = self.attempts();
        loop {
            let begin = async { begun(self.client.stream(prompt, temperature, max_tokens).await?).await };
            match self.in_time(begin).await {
                Ok(stream) => return Ok((stream, attempts.retry_stats)),
                Err(error) => attempts.wait_or_give_up(error).await?,
            }
        }
    }
}

/// Waits for the first event that says something (a count of tokens does not), so that what fails before it can be
/// tried again.
async fn begun(mut stream: GenerationStream) -> Result<GenerationStream, LlmError> {
    let mut first = Vec::new();
    loop {
        let event = stream.next().await.ok_or(TRUNCATED)??;
        let says_something = !matches!(event, StreamEvent::Usage(_));
        first.push(Ok(event));
        if says_something {
            return Ok(iter(first).chain(stream).boxed());
        }
    }
}

impl Attempts<'_> {
    async fn wait_or_give_up(&mut self, error: LlmError) -> Result<(), RetriesExhausted> {
        tokio::time::sleep(self.next_wait(error)?).await;
        Ok(())
    }

    /// How long to wait before the next attempt, where there is to be one.
    fn next_wait(&mut self, error: LlmError) -> Result<Duration, RetriesExhausted> {
        let policy = &self.of.policy;
        self.failed = self.failed.saturating_add(1);
        let throttled = matches!(error, LlmError::Throttled { .. });
        self.retry_stats.throttles = self.retry_stats.throttles.saturating_add(u32::from(throttled));
        let retry_after = error.retry_after();
        let too_patient = retry_after.is_some_and(|wait| wait > policy.longest_retry_after);
        // A model that was too slow once has used up time that a fallback or the caller needs.
        let too_slow = matches!(error, LlmError::TimedOut);
        if !error.is_transient() || too_patient || too_slow || self.failed >= policy.max_attempts {
            return Err(RetriesExhausted { error, retry_stats: self.retry_stats });
        }
        Ok(policy.wait(self.failed, retry_after, self.of.random.fraction()))
    }
}

#[async_trait]
impl LLMClient for Retrying {
    async fn generate(
        &self,
        prompt: &Prompt,
        temperature: Option<Temperature>,
        max_tokens: MaxTokens,
    ) -> Result<Generation, LlmError> {
        self.ask(prompt, temperature, max_tokens).await.map_err(|exhausted| exhausted.error)
    }

    async fn stream(
        &self,
        prompt: &Prompt,
        temperature: Option<Temperature>,
        max_tokens: MaxTokens,
    ) -> Result<GenerationStream, LlmError> {
        let asked = self.ask_streaming(prompt, temperature, max_tokens).await;
        asked.map(|(stream, _)| stream).map_err(|exhausted| exhausted.error)
    }

    async fn list_models(&self) -> Result<Vec<ModelInfo>, LlmError> {
        let mut attempts = self.attempts();
        loop {
            match self.client.list_models().await {
                Ok(models) => return Ok(models),
                Err(error) => attempts.wait_or_give_up(error).await.map_err(|exhausted| exhausted.error)?,
            }
        }
    }

    fn get_metadata(&self) -> &ClientMetadata {
        self.client.get_metadata()
    }
}

#[cfg(test)]
#[path = "retry_tests.rs"]
mod tests;
