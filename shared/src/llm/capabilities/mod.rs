//! What each model takes, by family: temperature, context, output, tools. Unknown models are taken to be able to do
//! what their provider's API allows at all; the provider has the last word.
//!
//! Each row names the page that it is from. A limit that is not known for sure is left out or too wide, since refusing
//! what a model takes is worse than passing on what it refuses.

mod bedrock;
mod claude;
mod gpt;
mod name;

use super::LlmError;
use crate::domain::{MaxTokens, ModelId, ModelRef, Provider, Temperature};

pub(super) use gpt::takes_completion_limit;

/// What a model takes. `None` is: not known.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Capabilities {
    /// Its temperatures.
    pub temperature: TemperatureRule,
    /// Its context, in tokens: prompt and answer together.
    pub context_tokens: Option<u32>,
    /// The longest answer, in tokens.
    pub max_output_tokens: Option<u32>,
    /// Whether it can be offered tools.
    pub tools: Option<bool>,
}

/// The temperatures that a model takes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum TemperatureRule {
    /// From 0 up to and with this.
    UpTo(f64),
    /// None but its default, 1; the member is then left out of the request.
    OnlyDefault,
}

impl TemperatureRule {
    const DEFAULT: f64 = 1.0;

    fn takes(self, temperature: Temperature) -> bool {
        match self {
            Self::UpTo(most) => temperature.get() <= most,
            Self::OnlyDefault => (temperature.get() - Self::DEFAULT).abs() < f64::EPSILON,
        }
    }

    fn nearest(self, temperature: Temperature) -> Option<Temperature> {
        match self {
            Self::UpTo(most) => Temperature::try_from(temperature.get().min(most)).ok(),
            Self::OnlyDefault => None,
        }
    }

    fn in_words(self) -> String {
        match self {
            Self::UpTo(most) => format!("it takes 0 to {most}"),
            Self::OnlyDefault => "it takes none but its default, 1: leave it out".to_owned(),
        }
    }
}

impl Capabilities {
    const fn unknown(most: f64) -> Self {
        Self { temperature: TemperatureRule::UpTo(most), context_tokens: None, max_output_tokens: None, tools: None }
    }

    const fn limits(self, context_tokens: u32, max_output_tokens: u32) -> Self {
        Self { context_tokens: Some(context_tokens), max_output_tokens: Some(max_output_tokens), ..self }
    }

    const fn context(self, context_tokens: u32) -> Self {
        Self { context_tokens: Some(context_tokens), ..self }
    }

    const fn with_tools(self, tools: bool) -> Self {
        Self { tools: Some(tools), ..self }
    }

    const fn only_default_temperature(self) -> Self {
        Self { temperature: TemperatureRule::OnlyDefault, ..self }
    }

    /// The nearest temperature and limit that the model takes; a temperature that it refuses is left out.
    #[must_use]
    pub fn nearest(&self, temperature: Option<Temperature>, max_tokens: MaxTokens) -> (Option<Temperature>, MaxTokens) {
        let most = self.max_output_tokens.and_then(|most| MaxTokens::try_from(most).ok());
        (
            temperature.and_then(|temperature| self.temperature.nearest(temperature)),
            most.map_or(max_tokens, |most| max_tokens.min(most)),
        )
    }
}

/// What the model takes, as far as it is known.
#[must_use]
pub fn capabilities(provider: Provider, model: &ModelId) -> Capabilities {
    let name = name::plain(provider, model.as_str());
    match provider {
        Provider::Bedrock => claude::find(&name).unwrap_or_else(|| bedrock::find(&name)),
        // "Create a Message": temperature ranges from 0 to 1
        Provider::Anthropic => claude::find(&name).unwrap_or(Capabilities::unknown(1.0)),
        Provider::OpenAi => gpt::find(&name),
        // "Modelfile reference": no upper bound. Whatever the model could take, the server cuts prompts off at
        // num_ctx, which is 4096 unless it is told otherwise ("FAQ", context window size).
        Provider::Ollama => Capabilities::unknown(2.0).context(4096),
    }
}

pub(super) fn capabilities_of(model: &ModelRef) -> Capabilities {
    capabilities(model.provider, &model.model)
}

/// Refuses what the model is known not to take.
///
/// # Errors
/// [`LlmError::Unsupported`], whose detail names the model and what it takes.
pub fn check(model: &ModelRef, temperature: Option<Temperature>, max_tokens: MaxTokens) -> Result<(), LlmError> {
    let able = capabilities_of(model);
    if let Some(refused) = temperature.filter(|temperature| !able.temperature.takes(*temperature)) {
        return Err(LlmError::Unsupported {
            member: "temperature",
            detail: format!(
                "{} ({}) refuses temperature {}; {}",
                model.model,
                model.provider,
                refused.get(),
                able.temperature.in_words()
            ),
        });
    }
    match able.max_output_tokens.filter(|most| max_tokens.get() > *most) {
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
