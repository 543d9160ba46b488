//! The limits of one model.

use crate::domain::{MaxTokens, Temperature};

/// What a model supports. `None` means that it is not known.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Capabilities {
    /// The temperatures that it supports.
    pub temperature: TemperatureRule,
    /// The size of its context, prompt and output together.
    pub context_tokens: Option<u32>,
    /// The longest output.
    pub max_output_tokens: Option<u32>,
    /// Whether it can be offered tools.
    pub tools: Option<bool>,
}

/// The temperatures that a model supports.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum TemperatureRule {
    /// From 0 to this value, inclusive.
    UpTo(f64),
    /// Only its default, 1. The member is then left out of the request.
    OnlyDefault,
}

impl TemperatureRule {
    const DEFAULT: f64 = 1.0;

    pub(super) fn allows(self, temperature: Temperature) -> bool {
        match self {
            Self::UpTo(most) => temperature.get() <= most,
            // A caller may name the default explicitly.
            Self::OnlyDefault => (temperature.get() - Self::DEFAULT).abs() < f64::EPSILON,
        }
    }

    fn nearest(self, temperature: Temperature) -> Option<Temperature> {
        match self {
            Self::UpTo(most) => Temperature::try_from(temperature.get().min(most)).ok(),
            Self::OnlyDefault => None,
        }
    }

    /// Describes the allowed temperatures as the end of an error text.
    pub(super) fn describe(self) -> String {
        match self {
            Self::UpTo(most) => format!("it allows 0 to {most}"),
            Self::OnlyDefault => "it allows only its default, 1: leave it out".to_owned(),
        }
    }
}

impl Capabilities {
    pub(super) const fn unknown(most: f64) -> Self {
        Self { temperature: TemperatureRule::UpTo(most), context_tokens: None, max_output_tokens: None, tools: None }
    }

    pub(super) const fn limits(self, context_tokens: u32, max_output_tokens: u32) -> Self {
        Self { context_tokens: Some(context_tokens), max_output_tokens: Some(max_output_tokens), ..self }
    }

    pub(super) const fn context(self, context_tokens: u32) -> Self {
        Self { context_tokens: Some(context_tokens), ..self }
    }

    pub(super) const fn with_tools(self, tools: bool) -> Self {
        Self { tools: Some(tools), ..self }
    }

    pub(super) const fn only_default_temperature(self) -> Self {
        Self { temperature: TemperatureRule::OnlyDefault, ..self }
    }

    /// Returns the nearest temperature and token limit that the model supports. Leaves the temperature out if the model
    /// allows only its default.
    #[must_use]
    pub fn nearest(&self, temperature: Option<Temperature>, max_tokens: MaxTokens) -> (Option<Temperature>, MaxTokens) {
        let most = self.max_output_tokens.and_then(|most| MaxTokens::try_from(most).ok());
        (
            temperature.and_then(|temperature| self.temperature.nearest(temperature)),
            most.map_or(max_tokens, |most| max_tokens.min(most)),
        )
    }
}
