//! What the gateway knows of models, for checking the configuration.

use crate::actions::action_kinds;
use crate::agent::{NoSchemaChecks, SchemaChecks};
use crate::config::{ActionKind, ModelRules};
use crate::domain::{MaxTokens, ModelRef, Provider, Temperature};
use crate::llm::{self, LlmError, anthropic, bedrock, ollama, openai};

/// The rules of the models that the gateway knows, with what checks the schemas of actions.
#[derive(Debug, Clone, Copy, Default)]
pub struct KnownModels<C = NoSchemaChecks>(pub C);

impl<C: SchemaChecks> ModelRules for KnownModels<C> {
    fn check_model(&self, model: &ModelRef) -> Result<(), String> {
        match model.provider {
            Provider::Bedrock => bedrock::validate(&model.model).map_err(|fault| fault.to_string()),
            Provider::Anthropic | Provider::OpenAi | Provider::Ollama => Ok(()),
        }
    }

    fn check_sampling(
        &self,
        model: &ModelRef,
        temperature: Option<Temperature>,
        max_tokens: MaxTokens,
    ) -> Result<(), (&'static str, String)> {
        llm::check(model, temperature, max_tokens).map_err(|fault| match fault {
            LlmError::Unsupported { member, detail } => (member, detail),
            other => ("temperature", other.to_string()),
        })
    }

    fn context_tokens(&self, model: &ModelRef) -> Option<u32> {
        llm::capabilities(model.provider, &model.model).context_tokens
    }

    fn action_kinds(&self) -> &[&'static dyn ActionKind] {
        action_kinds()
    }

    fn schemas(&self) -> &dyn SchemaChecks {
        &self.0
    }

    fn default_base_url(&self, provider: Provider) -> Option<&'static str> {
        match provider {
            Provider::Bedrock => None,
            Provider::Anthropic => Some(anthropic::DEFAULT_BASE_URL),
            Provider::OpenAi => Some(openai::DEFAULT_BASE_URL),
            Provider::Ollama => Some(ollama::DEFAULT_BASE_URL),
        }
    }
}
