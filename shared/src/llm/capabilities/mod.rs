//! The capabilities of models by family: temperature, context, output, tools. An unknown model is assumed to support
//! whatever its provider's API allows; the provider has the last word.
//!
//! Each row names the page that it is taken from. A limit that is not certain is left out or set too wide: it is worse
//! to refuse a request that the model supports than to send one that it refuses.

mod bedrock;
mod claude;
mod gpt;
mod limits;
mod name;

use super::LlmError;
use crate::domain::{MaxTokens, ModelId, ModelRef, Provider, Temperature};

pub(super) use gpt::takes_completion_limit;
pub use limits::{Capabilities, TemperatureRule};

/// Returns what the model supports, as far as it is known.
#[must_use]
pub fn capabilities(provider: Provider, model: &ModelId) -> Capabilities {
    let name = name::plain(provider, model.as_str());
    match provider {
        Provider::Bedrock => claude::find(&name).unwrap_or_else(|| bedrock::find(&name)),
        // "Create a Message": temperature ranges from 0 to 1
        Provider::Anthropic => claude::find(&name).unwrap_or(Capabilities::unknown(1.0)),
        Provider::OpenAi => gpt::find(&name),
        // "Modelfile reference": no upper bound. Whatever the model supports, the server cuts prompts off at num_ctx,
        // which is 4096 unless it is set ("FAQ", context window size).
        Provider::Ollama => Capabilities::unknown(2.0).context(4096),
    }
}

pub(super) fn capabilities_of(model: &ModelRef) -> Capabilities {
    capabilities(model.provider, &model.model)
}

/// Checks that the model supports the temperature and the token limit, as far as it is known.
///
/// # Errors
/// [`LlmError::Unsupported`], whose detail names the model and the allowed values.
pub fn check(model: &ModelRef, temperature: Option<Temperature>, max_tokens: MaxTokens) -> Result<(), LlmError> {
    let supported = capabilities_of(model);
    if let Some(refused) = temperature.filter(|temperature| !supported.temperature.allows(*temperature)) {
        return Err(LlmError::Unsupported {
            member: "temperature",
            detail: format!(
                "{} ({}) refuses temperature {}; {}",
                model.model,
                model.provider,
                refused.get(),
                supported.temperature.describe()
            ),
        });
    }
    match supported.max_output_tokens.filter(|most| max_tokens.get() > *most) {
        Some(most) => Err(LlmError::Unsupported {
            member: "max_tokens",
            detail: format!(
                "{} ({}) writes at most {most} tokens, not {}",
                model.model,
                model.provider,
                max_tokens.get()
            ),
        }),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests;
