//! What a model is asked and what it answers.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{FinishReason, Message, ModelId, Provider, ToolName, Usage};

/// A model at a provider.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct ModelRef {
    /// The provider.
    pub provider: Provider,
    /// The model, as that provider names it.
    pub model: ModelId,
}

/// A tool as it is offered to a model.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ToolSpec {
    /// Its name.
    pub name: ToolName,
    /// What it does, for the model.
    pub description: String,
    /// JSON Schema of its arguments, an object.
    pub input_schema: Value,
}

/// All that a model reads for one generation.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Prompt {
    /// The agent's instructions.
    pub system: Option<String>,
    /// The conversation, oldest first; the last one is the user's.
    pub messages: Vec<Message>,
    /// Tools that the model may ask for.
    pub tools: Vec<ToolSpec>,
}

impl Prompt {
    /// Size of all that the model reads, in bytes.
    #[must_use]
    pub fn size_bytes(&self) -> usize {
        let system = self.system.as_ref().map_or(0, String::len);
        let tools: usize =
            self.tools.iter().map(|tool| tool.description.len() + tool.input_schema.to_string().len()).sum();
        system + tools + self.messages.iter().map(Message::size_bytes).sum::<usize>()
    }
}

/// A whole answer of a model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Generation {
    /// The assistant's message; empty content when the model said nothing.
    pub message: Message,
    /// Why it stopped.
    pub finish: FinishReason,
    /// What it used, as the provider reports it.
    pub usage: Usage,
    /// Who answered in the end.
    pub served_by: ModelRef,
    /// What it took to get there.
    pub retry_stats: RetryStats,
}

/// What retries and fallbacks a call took, for the metrics.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RetryStats {
    /// How often a provider asked for patience (HTTP 429 and its like).
    pub throttles: u32,
    /// How many models were given up before one answered.
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
