//! Retries of the same model: exponential backoff with full jitter, after the provider's own `Retry-After`.

use std::sync::Arc;
use std::time::Duration;

use futures_util::stream::{StreamExt, iter};

use super::error::TRUNCATED;
use super::{CallMeter, GenerationStream, LLMClient, LlmError, StreamEvent};
use crate::domain::{Generation, GenerationRequest, ModelRef, Prompt, Random};

/// The longest wait for a count of tokens, for which the caller's answer waits.
const COUNT_TIMEOUT: Duration = Duration::from_secs(2);

/// When a failed call is retried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RetryPolicy {
    /// Attempts in all, at least 1.
    pub max_attempts: u32,
    /// The longest duration of one attempt, besides the client's own time-out; `None` leaves it to the deadline.
    pub attempt_timeout: Option<Duration>,
    /// The longest wait before the second attempt; it doubles with each further one.
    pub first_wait: Duration,
    /// The upper bound of every wait.
    pub longest_wait: Duration,
    /// The longest `Retry-After` that is waited for. A longer one ends the attempts at once, which leaves the time to a
    /// fallback or the caller.
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
    /// Returns a policy of a single attempt.
    #[must_use]
    pub fn never() -> Self {
        Self { max_attempts: 1, ..Self::default() }
    }

    /// Returns the wait after `failed` attempts: the provider's `retry_after`, plus `fraction` of the attempt's bound.
    fn wait(&self, failed: u32, retry_after: Option<Duration>, fraction: f64) -> Duration {
        // A bound that overflows is beyond `longest_wait` as well.
        let bound = 2_u32
            .checked_pow(failed.saturating_sub(1))
            .map_or(Duration::MAX, |times| self.first_wait.saturating_mul(times));
        // The jitter comes on top of the provider's wait, so that callers do not return at the same moment.
        retry_after.unwrap_or_default().saturating_add(bound.min(self.longest_wait).mul_f64(fraction.clamp(0.0, 1.0)))
    }
}

/// A client that retries transient errors. A stream is retried only before its first event has been passed on.
pub struct Retrying {
    client: Arc<dyn LLMClient>,
    policy: RetryPolicy,
    random: Arc<dyn Random>,
}

/// The attempts of one call.
struct Attempts<'a> {
    retrying: &'a Retrying,
    failed: u32,
}

impl Retrying {
    /// Wraps a client with the policy; `random` gives the jitter.
    #[must_use]
    pub fn new(client: Arc<dyn LLMClient>, policy: RetryPolicy, random: Arc<dyn Random>) -> Self {
        Self { client, policy, random }
    }

    /// Returns the model that the client calls.
    pub(super) fn model(&self) -> &ModelRef {
        &self.client.get_metadata().model
    }

    /// Counts the tokens of a prompt, or returns `None` where that cannot be done; it is not worth a second attempt.
    pub(super) async fn count_tokens(&self, prompt: &Prompt) -> Option<u64> {
        let counting = tokio::time::timeout(COUNT_TIMEOUT, self.client.count_tokens(prompt));
        counting.await.ok()?.ok()?
    }

    async fn attempt<T>(
        &self,
        meter: &CallMeter,
        work: impl Future<Output = Result<T, LlmError>>,
    ) -> Result<T, LlmError> {
        meter.begin(self.model());
        let result = match self.policy.attempt_timeout {
            Some(timeout) => tokio::time::timeout(timeout, work).await.unwrap_or(Err(LlmError::TimedOut)),
            None => work.await,
        };
        result.inspect_err(|error| meter.fail(error))
    }

    const fn attempts(&self) -> Attempts<'_> {
        Attempts { retrying: self, failed: 0 }
    }

    /// Returns a whole generation. `meter` counts what all attempts take.
    pub(super) async fn complete(
        &self,
        request: &GenerationRequest,
        meter: &CallMeter,
    ) -> Result<Generation, LlmError> {
        let mut attempts = self.attempts();
        loop {
            match self.attempt(meter, self.client.complete(request)).await {
                Ok(generation) => {
                    meter.succeed(&generation);
                    return Ok(generation);
                }
                Err(error) => attempts.wait_or_return(error).await?,
            }
        }
    }

    /// Returns a stream whose first output has arrived. `meter` counts what all attempts take; the last one is in flight until
    /// the caller ends it there.
    pub(super) async fn stream(
        &self,
        request: &GenerationRequest,
        meter: &CallMeter,
    ) -> Result<GenerationStream, LlmError> {
        let mut attempts = self.attempts();
        loop {
            // The first output is part of the attempt: a stream that breaks before it can still be retried.
            let begin = async { await_output(meter.observing(self.client.stream(request).await?)).await };
            match self.attempt(meter, begin).await {
                Ok(stream) => return Ok(stream),
                Err(error) => attempts.wait_or_return(error).await?,
            }
        }
    }
}

/// Waits for the first event other than a token count, so that an error before it can be retried. Returns the stream
/// with all its events.
async fn await_output(mut stream: GenerationStream) -> Result<GenerationStream, LlmError> {
    let mut first = Vec::new();
    loop {
        let event = stream.next().await.ok_or(TRUNCATED)??;
        // Anthropic reports token counts before the model has produced anything.
        let is_output = !matches!(event, StreamEvent::Usage(_));
        first.push(Ok(event));
        if is_output {
            return Ok(iter(first).chain(stream).boxed());
        }
    }
}

impl Attempts<'_> {
    async fn wait_or_return(&mut self, error: LlmError) -> Result<(), LlmError> {
        tokio::time::sleep(self.next_wait(error)?).await;
        Ok(())
    }

    /// Returns the wait before the next attempt, or the error if no attempt is left.
    fn next_wait(&mut self, error: LlmError) -> Result<Duration, LlmError> {
        let policy = &self.retrying.policy;
        self.failed = self.failed.saturating_add(1);
        let retry_after = error.retry_after();
        let asks_too_long = retry_after.is_some_and(|wait| wait > policy.longest_retry_after);
        // A model that timed out has used up the time that a fallback or the caller needs.
        let timed_out = matches!(error, LlmError::TimedOut);
        if !error.is_transient() || asks_too_long || timed_out || self.failed >= policy.max_attempts {
            return Err(error);
        }
        Ok(policy.wait(self.failed, retry_after, self.retrying.random.fraction()))
    }
}

#[cfg(test)]
#[path = "retry_tests.rs"]
mod tests;
