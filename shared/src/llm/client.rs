//! The port to a language model.

use async_trait::async_trait;
use schemars::JsonSchema;
use serde::Serialize;

use super::{GenerationStream, LlmError};
use crate::domain::{Generation, GenerationRequest, MaxTokens, ModelId, ModelRef, Prompt, Provider, Temperature};

/// A client of one model at one provider.
///
/// Dropping a future or a stream cancels the call. Every call ends by the provider's time-outs at the latest; the
/// caller adds the deadline of its own. Errors contain no prompt, no generated text and no key.
#[async_trait]
pub trait LLMClient: Send + Sync {
    /// Sends the request and returns the whole generation.
    ///
    /// # Errors
    /// [`LlmError`]; [`LlmError::is_transient`] says whether a retry may succeed.
    async fn complete(&self, request: &GenerationRequest) -> Result<Generation, LlmError>;

    /// Sends the request and returns the generation as a stream. [`fold`](super::fold) of the stream equals what
    /// [`Self::complete`] returns.
    ///
    /// # Errors
    /// As [`Self::complete`]; an error after the first event is an item of the stream.
    async fn stream(&self, request: &GenerationRequest) -> Result<GenerationStream, LlmError>;

    /// Calls [`Self::complete`] with a request of these parts.
    ///
    /// # Errors
    /// As [`Self::complete`].
    async fn generate(
        &self,
        prompt: Prompt,
        temperature: Option<Temperature>,
        max_tokens: MaxTokens,
    ) -> Result<Generation, LlmError> {
        self.complete(&GenerationRequest { prompt, temperature, max_tokens }).await
    }

    /// Counts the tokens of a prompt, or returns `None` where the provider does not count for this model.
    ///
    /// # Errors
    /// As [`Self::complete`].
    async fn count_tokens(&self, _prompt: &Prompt) -> Result<Option<u64>, LlmError> {
        Ok(None)
    }

    /// Lists the models that the provider offers to these credentials.
    ///
    /// # Errors
    /// As [`Self::complete`].
    async fn list_models(&self) -> Result<Vec<ModelInfo>, LlmError>;

    /// Returns the provider and the model that the client calls.
    fn get_metadata(&self) -> &ClientMetadata;
}

/// What lists a provider's models. Every client does; where it is known as this alone, nothing else of it is linked.
#[async_trait]
pub trait ListModels: Send + Sync {
    /// Calls [`LLMClient::list_models`].
    ///
    /// # Errors
    /// As there.
    async fn models(&self) -> Result<Vec<ModelInfo>, LlmError>;
}

#[async_trait]
impl<C: LLMClient + ?Sized> ListModels for C {
    async fn models(&self) -> Result<Vec<ModelInfo>, LlmError> {
        self.list_models().await
    }
}

/// The provider and the model that a client calls.
#[derive(Debug, Clone, PartialEq)]
pub struct ClientMetadata {
    /// The provider and the model.
    pub model: ModelRef,
}

/// A model that a provider lists.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct ModelInfo {
    /// The provider.
    pub provider: Provider,
    /// The model, as it is named in the configuration.
    pub id: ModelId,
    /// A name for people, where the provider gives one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Context size in tokens, where known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub context_tokens: Option<u32>,
    /// What it can do, where known: `tools`, `streaming`, `vision`, `embedding` …
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub capabilities: Vec<String>,
}
