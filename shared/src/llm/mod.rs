//! The port to language models, and the four providers behind it.
//!
//! Must not know conversations or policy; a provider must not know another.

pub mod anthropic;
mod assembly;
pub mod bedrock;
mod capabilities;
mod error;
mod fallback;
mod frames;
#[cfg(any(test, feature = "testing"))]
pub mod fuzzing;
pub mod ollama;
pub mod openai;
mod retry;
mod settings;
mod stream;
#[cfg(test)]
mod test_support;
mod transport;

use async_trait::async_trait;
use schemars::JsonSchema;
use serde::Serialize;

pub use anthropic::AnthropicClient;
pub use capabilities::{Capabilities, TemperatureRule, capabilities, check};
pub use error::LlmError;
pub use fallback::{Fallback, ModelError, StreamedAnswer};
pub use ollama::OllamaClient;
pub use openai::OpenAiClient;
pub use retry::{RetryPolicy, Retrying};
pub use settings::{HttpContext, InvalidSettings, ProviderSettings};
pub use stream::{GenerationStream, PartialGeneration, StreamEvent, fold};

use crate::domain::{Generation, MaxTokens, ModelId, ModelRef, Prompt, Provider, Temperature};

/// A client of one model at one provider.
///
/// Dropping a future or a stream cancels the call. Every call has its provider's time-outs; the caller adds its
/// deadline. Errors hold no prompt, no answer and no key.
#[async_trait]
pub trait LLMClient: Send + Sync {
    /// Asks for a whole answer.
    ///
    /// # Errors
    /// [`LlmError`]; [`LlmError::is_transient`] says whether to try again.
    async fn generate(
        &self,
        prompt: &Prompt,
        temperature: Option<Temperature>,
        max_tokens: MaxTokens,
    ) -> Result<Generation, LlmError>;

    /// Asks for an answer piece by piece; `fold` of the pieces equals what [`Self::generate`] gives.
    ///
    /// # Errors
    /// As [`Self::generate`]; an error after the first piece is an item of the stream.
    async fn stream(
        &self,
        prompt: &Prompt,
        temperature: Option<Temperature>,
        max_tokens: MaxTokens,
    ) -> Result<GenerationStream, LlmError>;

    /// The models that the provider offers to these credentials.
    ///
    /// # Errors
    /// As [`Self::generate`].
    async fn list_models(&self) -> Result<Vec<ModelInfo>, LlmError>;

    /// Which model this is a client of.
    fn get_metadata(&self) -> &ClientMetadata;
}

/// What a client is a client of.
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
