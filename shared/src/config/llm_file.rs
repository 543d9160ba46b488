//! Models as people write them, as [`super::file`] is the rest.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::domain::Provider;

/// A model.
#[derive(Clone, Default, PartialEq, Deserialize, JsonSchema, derive_more::Debug)]
#[serde(deny_unknown_fields, default)]
pub(super) struct LlmSection {
    /// The provider. Required here or in each agent.
    pub(super) provider: Option<Provider>,
    /// The provider's name of the model; for Bedrock also an inference profile or an ARN. Default:
    /// `providers.<name>.model`.
    pub(super) model: Option<String>,
    /// The key of `llm.provider`, unless `providers.<name>.api_key` is set. Templates are resolved. Only in the
    /// top-level `llm`.
    #[debug("[hidden]")]
    pub(super) api_key: Option<String>,
    /// The temperature of a request that does not name one. Default: the provider's own.
    #[schemars(range(min = 0.0, max = 2.0))]
    pub(super) temperature: Option<f64>,
    /// The largest answer, in tokens, of a request that does not name a limit. Default 1024.
    #[schemars(range(min = 1))]
    pub(super) max_tokens: Option<u32>,
    /// The model's context in tokens. With fallbacks, the smallest context of all models counts. Default: the context
    /// that the gateway knows; 4096 for Ollama; 8192 for an unknown model.
    #[schemars(range(min = 256))]
    pub(super) context_tokens: Option<u32>,
    /// The models that are called, in order, if this one fails. Default none.
    pub(super) fallbacks: Vec<FallbackSection>,
    /// A guardrail of Bedrock, which checks prompts and answers; only for agents whose models are all Bedrock's. Default none.
    pub(super) guardrail: Option<GuardrailSection>,
}

/// A guardrail of Amazon Bedrock.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(extend("required" = ["id", "version"]))]
pub(super) struct GuardrailSection {
    /// The guardrail's id or ARN; required.
    pub(super) id: Option<String>,
    /// The guardrail's version, a number or `DRAFT`; required.
    pub(super) version: Option<String>,
}

/// A model to ask if the model before it fails.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
// An `Option` in the type, so that a missing provider is reported with all other faults.
#[schemars(extend("required" = ["provider"]))]
pub(super) struct FallbackSection {
    /// The provider; required.
    pub(super) provider: Option<Provider>,
    /// The model. Default: `providers.<name>.model`.
    pub(super) model: Option<String>,
}
