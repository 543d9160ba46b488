//! The questions about models and providers that the check of a configuration asks.

use super::action_kind::ActionKind;
use crate::agent::SchemaChecks;
use crate::domain::{MaxTokens, ModelRef, Provider, Temperature};

/// The rules of models and providers, which live outside this room.
pub trait ModelRules {
    /// Checks that a model can be invoked under its name.
    ///
    /// # Errors
    /// The text says what is allowed instead.
    fn check_model(&self, model: &ModelRef) -> Result<(), String>;

    /// Checks that a model takes these sampling settings.
    ///
    /// # Errors
    /// The setting that it refuses (`temperature` or `max_tokens`), and what it takes.
    fn check_sampling(
        &self,
        model: &ModelRef,
        temperature: Option<Temperature>,
        max_tokens: MaxTokens,
    ) -> Result<(), (&'static str, String)>;

    /// Returns the size of the model's context in tokens, where known.
    fn context_tokens(&self, model: &ModelRef) -> Option<u32>;

    /// Returns the address at which a provider is reached unless `base_url` names another; `None` for a provider that the
    /// AWS SDK reaches.
    fn default_base_url(&self, provider: Provider) -> Option<&'static str>;

    /// Returns the kinds of actions.
    fn action_kinds(&self) -> &[&'static dyn ActionKind];

    /// Returns what checks the schemas of actions.
    fn schemas(&self) -> &dyn SchemaChecks;
}
