//! Calls one model after another until one answers, and names the model that was called last.

use std::borrow::Cow;

use super::capabilities::{capabilities_of, check};
use super::{CallMeter, GenerationStream, LlmError, Retrying};
use crate::domain::{Generation, GenerationRequest, LlmFailure, ModelRef, Prompt};

/// A model and its fallbacks.
///
/// The first model refuses a request that it does not support ([`LlmError::Unsupported`]), since the caller chose it. A
/// fallback receives the nearest temperature and token limit that it supports, since the caller did not choose it.
pub struct Fallback {
    first: Retrying,
    fallbacks: Vec<Retrying>,
}

/// A failed model call and the model that failed. Kept beside [`LlmError`], so that a client need not name itself in
/// each of its errors.
#[derive(Debug, thiserror::Error)]
#[error("{} at {} failed", model.model, model.provider)]
pub struct ModelError {
    /// The model that was called last.
    pub model: ModelRef,
    /// The error of the last attempt.
    pub source: LlmError,
}

impl ModelError {
    /// Converts the error into the failure that the run records.
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

/// A stream whose first event has arrived.
pub struct StreamedGeneration {
    /// The events, the first one included.
    pub events: GenerationStream,
    /// The model that sends them.
    pub served_by: ModelRef,
}

impl Fallback {
    /// Returns a chain that calls `first`, then `fallbacks` in order.
    #[must_use]
    pub const fn new(first: Retrying, fallbacks: Vec<Retrying>) -> Self {
        Self { first, fallbacks }
    }

    /// Returns the model that is called first.
    #[must_use]
    pub fn model(&self) -> &ModelRef {
        self.first.model()
    }

    /// Counts the tokens of a prompt for the model that is called first, or returns `None` where its provider does not
    /// count them.
    pub async fn count_tokens(&self, prompt: &Prompt) -> Option<u64> {
        self.first.count_tokens(prompt).await
    }

    /// Returns a whole generation. `meter` counts what all attempts take.
    ///
    /// # Errors
    /// [`ModelError`] of the last model called.
    pub async fn complete(&self, request: &GenerationRequest, meter: &CallMeter) -> Result<Generation, ModelError> {
        let mut chain = FallbackChain::start(self, request)?;
        loop {
            match chain.client.complete(&chain.fitted, meter).await {
                Ok(generation) => return Ok(generation),
                Err(error) => chain.advance(error, meter)?,
            }
        }
    }

    /// Returns a generation as a stream. An error after the stream's first event is an item of the stream and causes
    /// no fallback. `meter` counts what all attempts take; the last one is in flight until the caller ends it there.
    ///
    /// # Errors
    /// As [`Self::complete`].
    pub async fn stream(
        &self,
        request: &GenerationRequest,
        meter: &CallMeter,
    ) -> Result<StreamedGeneration, ModelError> {
        let mut chain = FallbackChain::start(self, request)?;
        loop {
            match chain.client.stream(&chain.fitted, meter).await {
                Ok(events) => return Ok(StreamedGeneration { events, served_by: chain.client.model().clone() }),
                Err(error) => chain.advance(error, meter)?,
            }
        }
    }
}

/// The progress of one request through the models of a [`Fallback`].
struct FallbackChain<'a> {
    client: &'a Retrying,
    remaining: std::slice::Iter<'a, Retrying>,
    request: &'a GenerationRequest,
    /// The request with the temperature and token limit that the current model supports.
    fitted: Cow<'a, GenerationRequest>,
}

impl<'a> FallbackChain<'a> {
    /// Starts at the first model, which must support the request as it is.
    fn start(models: &'a Fallback, request: &'a GenerationRequest) -> Result<Self, ModelError> {
        let model = models.model();
        check(model, request.temperature, request.max_tokens)
            .map_err(|source| ModelError { model: model.clone(), source })?;
        Ok(Self {
            client: &models.first,
            remaining: models.fallbacks.iter(),
            request,
            // The first model supports the request, but a temperature that is its only default must be left out.
            fitted: fit(request, model),
        })
    }

    /// Moves on to the next model, or returns the error where there is none or another model would fail alike.
    fn advance(&mut self, error: LlmError, meter: &CallMeter) -> Result<(), ModelError> {
        let next = if allows_fallback(&error) { self.remaining.next() } else { None };
        let Some(next) = next else {
            return Err(ModelError { model: self.client.model().clone(), source: error });
        };
        self.client = next;
        self.fitted = fit(self.request, next.model());
        meter.fall_back();
        Ok(())
    }
}

/// Returns the request with the nearest temperature and token limit that the model supports.
fn fit<'a>(request: &'a GenerationRequest, model: &ModelRef) -> Cow<'a, GenerationRequest> {
    let (temperature, max_tokens) = capabilities_of(model).nearest(request.temperature, request.max_tokens);
    // A prompt may be long, so it is cloned only where a value changes.
    if (temperature, max_tokens) == (request.temperature, request.max_tokens) {
        return Cow::Borrowed(request);
    }
    Cow::Owned(GenerationRequest { prompt: request.prompt.clone(), temperature, max_tokens })
}

/// Returns whether the fault lies with the provider, its key or the model's name. A fault of the request itself would
/// make any other model fail too.
fn allows_fallback(error: &LlmError) -> bool {
    match error {
        LlmError::Unauthorized { .. } | LlmError::Secret(_) | LlmError::Malformed(_) | LlmError::Unusable { .. } => {
            true
        }
        // With 404 the provider does not know the model, which says nothing about the next provider.
        LlmError::Rejected { status, .. } if *status == 404 || !(400..500).contains(status) => true,
        LlmError::Unsupported { .. } => false,
        other => other.is_transient(),
    }
}

#[cfg(test)]
#[path = "fallback_tests.rs"]
mod tests;
