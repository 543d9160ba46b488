//! The configuration: `openclaw.yaml` and the environment, checked whole before anything starts.
//!
//! Must not know adapters. What only a provider knows of its models is asked through [`ModelRules`].

mod agents;
#[cfg(test)]
mod config_tests;
mod document;
pub mod env;
mod faults;
mod file;
mod providers;
mod resolve;
mod schema;
mod structure;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

pub use env::Environment;
pub use faults::{ConfigError, ConfigFault};
pub use providers::{UrlFault, checked_base_url};
pub use schema::json_schema;

use crate::agent::AgentDefinition;
use crate::domain::{AgentName, MaxTokens, ModelId, ModelRef, Provider, SecretTemplate, Temperature, TenantId};

/// A checked configuration.
#[derive(Debug, Clone)]
pub struct Config {
    /// The agents by name.
    pub agents: BTreeMap<AgentName, Arc<AgentDefinition>>,
    /// How the providers that agents use are reached.
    pub providers: BTreeMap<Provider, ProviderConfig>,
    /// Who may call; none where authentication is switched off on a developer's machine.
    pub authentication: Option<AuthenticationConfig>,
    /// Which web pages may call.
    pub allowed_origins: BTreeSet<String>,
    /// Whether a token may also come in the query of a WebSocket's address.
    pub access_token_in_query: bool,
    /// What the operator should know, to be logged once.
    pub notes: Vec<&'static str>,
}

/// How a provider is reached.
#[derive(Debug, Clone)]
pub struct ProviderConfig {
    /// Its address, where it is not the provider's own; checked by [`checked_base_url`] once it is filled in.
    pub base_url: Option<SecretTemplate>,
    /// The key.
    pub api_key: Option<SecretTemplate>,
    /// More headers.
    pub headers: Vec<(String, SecretTemplate)>,
    /// A certificate authority to trust besides the public ones: PEM text.
    pub ca_pem: Option<String>,
    /// For one attempt at a whole answer; none where the request's deadline decides.
    pub request_timeout: Option<Duration>,
    /// Between two pieces of a streamed answer.
    pub idle_timeout: Duration,
    /// Attempts in all.
    pub max_attempts: u32,
    /// The models that agents use, for deep health.
    pub models: BTreeSet<ModelId>,
}

/// Whose tokens are accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuthenticationConfig {
    /// The region, from the pool's id.
    pub region: String,
    /// The user pool.
    pub user_pool_id: String,
    /// The app client of people.
    pub client_id: String,
    /// The key set's address, where it is not the pool's own.
    pub jwks_url: Option<String>,
    /// App clients of programs.
    pub clients: BTreeMap<String, ClientConfig>,
}

/// A program's place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientConfig {
    /// Its tenant.
    pub tenant: TenantId,
    /// Its groups.
    pub groups: BTreeSet<String>,
}

/// What a provider knows of its models.
pub trait ModelRules {
    /// Checks that a model can be invoked as it is named.
    ///
    /// # Errors
    /// What is wrong with the name and what to use instead.
    fn check_model(&self, model: &ModelRef) -> Result<(), String>;

    /// Checks that a model takes these numbers.
    ///
    /// # Errors
    /// Which of the two it refuses (`temperature`, `max_tokens`), and what it takes.
    fn check_sampling(
        &self,
        model: &ModelRef,
        temperature: Option<Temperature>,
        max_tokens: MaxTokens,
    ) -> Result<(), (&'static str, String)>;

    /// The model's context in tokens, where known.
    fn context_tokens(&self, model: &ModelRef) -> Option<u32>;
}

/// Reads a configuration.
///
/// # Errors
/// [`ConfigError`] with every fault: unknown keys, wrong types, unknown names, impossible values.
pub fn load(
    text: &str,
    source: &str,
    environment: &Environment,
    rules: &dyn ModelRules,
) -> Result<Config, ConfigError> {
    let mut faults = faults::Faults::default();
    let value = document::read_yaml(text, &mut faults);
    if !faults.is_empty() {
        // What stands in a file that cannot be read is unknown, so nothing more can be said of it.
        return Err(faults.into_error(|_| source.to_owned()));
    }
    let mut document = document::lay_over(value, environment, &mut faults);
    let overridden = std::mem::take(&mut document.overridden);
    let source_of = |path: &str| {
        let from_environment = env::CHECKED.contains(&path).then(|| "environment".to_owned());
        from_environment.or_else(|| overridden.get(path).cloned()).unwrap_or_else(|| source.to_owned())
    };
    let Some(file) = structure::read_file(document.value, &mut faults) else {
        return Err(faults.into_error(source_of));
    };
    environment.check(&mut faults);
    let config = resolve::resolve(&file, environment, rules, document.replaced_provider.as_deref(), &mut faults);
    if faults.is_empty() { Ok(config) } else { Err(faults.into_error(source_of)) }
}

/// Whether a path holds keys or headers, whose values no fault may show.
fn is_sensitive(path: &str) -> bool {
    path.contains("api_key") || path.contains("headers")
}
