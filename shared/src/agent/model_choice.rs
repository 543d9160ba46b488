//! The model of an agent or of a state.

use crate::domain::{Guardrail, ModelRef};

/// A model, its fallbacks, and what is configured for them beside a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModelChoice {
    /// The model that is called first.
    pub model: ModelRef,
    /// The models that are called when the first one fails, in order.
    pub fallbacks: Vec<ModelRef>,
    /// The guardrail of Bedrock that checks prompts and answers.
    pub guardrail: Option<Guardrail>,
    /// The smallest context of the model and its fallbacks, in tokens, if the configuration or the capability table
    /// states it.
    pub context_tokens: Option<u32>,
}
