//! Requests for models and their results.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{FinishReason, MaxTokens, Message, ModelId, Provider, Temperature, ToolName, Usage};

/// A guardrail of Amazon Bedrock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Guardrail {
    /// The id or ARN.
    pub id: String,
    /// The version: a number, or `DRAFT`.
    pub version: String,
}

/// A model at a provider.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ModelRef {
    /// The provider.
    pub provider: Provider,
    /// The model, as that provider names it.
    pub model: ModelId,
}

/// A tool, as it is offered to a model.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ToolSpec {
    /// Its name.
    pub name: ToolName,
    /// What the tool does, as the model reads it.
    pub description: String,
    /// The JSON Schema of its arguments, an object.
    pub input_schema: Value,
}

/// All that a model reads for one generation.
#[derive(Clone, Default, PartialEq, Eq, derive_more::Debug)]
pub struct Prompt {
    /// The agent's instructions.
    #[debug("{:?} bytes", system.as_ref().map(String::len))]
    pub system: Option<String>,
    /// The conversation, oldest message first; the last one is the user's.
    pub messages: Vec<Message>,
    /// The tools that the model may call.
    pub tools: Vec<ToolSpec>,
}

impl Prompt {
    /// Returns the size of all that the model reads, in bytes.
    #[must_use]
    pub fn size_bytes(&self) -> usize {
        let system = self.system.as_ref().map_or(0, String::len);
        let tools: usize =
            self.tools.iter().map(|tool| tool.description.len() + tool.input_schema.to_string().len()).sum();
        system + tools + self.messages.iter().map(Message::size_bytes).sum::<usize>()
    }
}

/// A request for one generation, the same from the run to the provider's wire.
#[derive(Debug, Clone, PartialEq)]
pub struct GenerationRequest {
    /// All that the model reads.
    pub prompt: Prompt,
    /// The sampling temperature; `None` leaves it to the model's default.
    pub temperature: Option<Temperature>,
    /// The most tokens that the model may write.
    pub max_tokens: MaxTokens,
}

/// The whole result of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Generation {
    /// The assistant's message; its content is empty if the model wrote nothing.
    pub message: Message,
    /// Why the model stopped.
    pub finish: FinishReason,
    /// The tokens, as the provider reports them.
    pub usage: Usage,
    /// The model that produced the message.
    pub served_by: ModelRef,
}

/// The throttles and fallbacks of a call, for the metrics.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RetryStats {
    /// The number of throttled attempts (HTTP 429 and the like).
    pub throttles: u32,
    /// The number of models that failed before the last one called.
    pub fallbacks: u32,
}

impl std::ops::Add for RetryStats {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            throttles: self.throttles.saturating_add(other.throttles),
            fallbacks: self.fallbacks.saturating_add(other.fallbacks),
        }
    }
}
