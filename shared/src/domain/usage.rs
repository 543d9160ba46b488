//! Token usage and finish reasons of model calls.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The tokens of one or more model calls.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Usage {
    /// Tokens read, cached ones included.
    pub input_tokens: u64,
    /// Tokens written.
    pub output_tokens: u64,
}

impl std::ops::Add for Usage {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            input_tokens: self.input_tokens.saturating_add(other.input_tokens),
            output_tokens: self.output_tokens.saturating_add(other.output_tokens),
        }
    }
}

/// Why a model stopped, in terms that cover all providers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FinishReason {
    /// The model finished its turn.
    EndTurn,
    /// The output reached the token limit.
    MaxTokens,
    /// The model wrote a stop sequence.
    StopSequence,
    /// The model proposes tool calls.
    ToolCalls,
    /// The provider's filter or guardrail stopped the model, or the model refused.
    Policy,
}
