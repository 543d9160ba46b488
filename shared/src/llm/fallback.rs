//! Asking one model after another until one answers, and saying which was asked last.

use super::capabilities::{Capabilities, capabilities_of};
use super::retry::RetriesExhausted;
use super::{GenerationStream, LLMClient, LlmError, Retrying};
use crate::domain::{Generation, LlmFailure, MaxTokens, ModelRef, Prompt, RetryStats, Temperature};

/// A model and the models that stand in for it.
///
/// The first one refuses what it cannot do ([`LlmError::Unsupported`]), since the caller asked it; a stand-in is given
/// the nearest temperature and token limit that it takes, since the caller did not choose it.
pub struct Fallback {
    first: Retrying,
    others: Vec<Retrying>,
}

/// A failure and whose it was. Kept beside [`LlmError`], so that a client need not name itself in each of its errors.
#[derive(Debug, thiserror::Error)]
#[error("{} at {} gave no answer", model.model, model.provider)]
pub struct ModelError {
    /// The model asked last.
    pub model: ModelRef,
    /// What all attempts took.
    pub retry_stats: RetryStats,
    /// What went wrong there.
    pub source: LlmError,
}

impl ModelError {
    /// What the run is told.
    #[must_use]
    pub fn into_failure(self) -> LlmFailure {
        let retry_after = self.source.retry_after();
        LlmFailure {
            provider: self.model.provider,
            model: self.model.model,
            kind: self.source.into_failure(),
            retry_after,
        }
    }
}

/// A stream that has begun.
pub struct StreamedAnswer {
    /// The events.
    pub events: GenerationStream,
    /// Who answers.
    pub served_by: ModelRef,
    /// What it took to get there.
    pub retry_stats: RetryStats,
}

impl Fallback {
    /// Asks `first`, then `others` in order.
    #[must_use]
    pub const fn new(first: Retrying, others: Vec<Retrying>) -> Self {
        Self { first, others }
    }

    /// The model that is asked first.
    #[must_use]
    pub fn model(&self) -> &ModelRef {
        &self.first.get_metadata().model
    }

    /// Asks for a whole answer. `effort` counts throttles and fallbacks of all attempts.
    ///
    /// # Errors
    /// [`ModelError`] of the last model asked.
    pub async fn generate(
        &self,
        prompt: &Prompt,
        temperature: Option<Temperature>,
        max_tokens: MaxTokens,
    ) -> Result<Generation, ModelError> {
        let mut asking = Asking::new(self, temperature, max_tokens)?;
        loop {
            match asking.client.ask(prompt, asking.temperature, asking.max_tokens).await {
                Ok(generation) => {
                    return Ok(Generation { retry_stats: generation.retry_stats + asking.retry_stats, ..generation });
                }
                Err(exhausted) => asking.turn_to_next(exhausted)?,
            }
        }
    }

    /// Asks for an answer piece by piece. Once a stream has begun, its errors are its own: nothing stands in.
    ///
    /// # Errors
    /// As [`Self::generate`].
    pub async fn stream(
        &self,
        prompt: &Prompt,
        temperature: Option<Temperature>,
        max_tokens: MaxTokens,
    ) -> Result<StreamedAnswer, ModelError> {
        let mut asking = Asking::new(self, temperature, max_tokens)?;
        loop {
            match asking.client.ask_streaming(prompt, asking.temperature, asking.max_tokens).await {
                Ok((events, retry_stats)) => {
                    return Ok(StreamedAnswer {
                        events,
                        served_by: asking.model().clone(),
                        retry_stats: retry_stats + asking.retry_stats,
                    });
                }
                Err(exhausted) => asking.turn_to_next(exhausted)?,
            }
        }
    }
}

/// Where a call stands among the models.
struct Asking<'a> {
    client: &'a Retrying,
    others: std::slice::Iter<'a, Retrying>,
    wished: (Option<Temperature>, MaxTokens),
    temperature: Option<Temperature>,
    max_tokens: MaxTokens,
    retry_stats: RetryStats,
}

impl<'a> Asking<'a> {
    fn new(models: &'a Fallback, temperature: Option<Temperature>, max_tokens: MaxTokens) -> Result<Self, ModelError> {
        let model = models.model();
        super::capabilities::check(model, temperature, max_tokens).map_err(|source| ModelError {
            model: model.clone(),
            retry_stats: RetryStats::default(),
            source,
        })?;
        let mut asking = Self {
            client: &models.first,
            others: models.others.iter(),
            wished: (temperature, max_tokens),
            temperature,
            max_tokens,
            retry_stats: RetryStats::default(),
        };
        asking.fit();
        Ok(asking)
    }

    fn model(&self) -> &'a ModelRef {
        &self.client.get_metadata().model
    }

    fn fit(&mut self) {
        let able: Capabilities = capabilities_of(self.model());
        (self.temperature, self.max_tokens) = able.nearest(self.wished.0, self.wished.1);
    }

    fn turn_to_next(&mut self, exhausted: RetriesExhausted) -> Result<(), ModelError> {
        self.retry_stats = self.retry_stats + exhausted.retry_stats;
        let next = if is_worth_another_model(&exhausted.error) { self.others.next() } else { None };
        let Some(next) = next else {
            return Err(ModelError {
                model: self.model().clone(),
                retry_stats: self.retry_stats,
                source: exhausted.error,
            });
        };
        self.client = next;
        self.retry_stats.fallbacks = self.retry_stats.fallbacks.saturating_add(1);
        self.fit();
        Ok(())
    }
}

/// Whether the fault lies with the provider, its key or the model's name, and not with the request: another model would
/// be asked the same and refuse it too.
fn is_worth_another_model(error: &LlmError) -> bool {
    match error {
        LlmError::Unauthorized { .. } | LlmError::Secret(_) | LlmError::Malformed(_) => true,
        LlmError::Rejected { status, .. } if *status == 404 || !(400..500).contains(status) => true,
        LlmError::Unsupported { .. } => false,
        other => other.is_transient(),
    }
}

#[cfg(test)]
#[path = "fallback_tests.rs"]
mod tests;
