//! The configuration as the rest of the gateway uses it: checked, with every default filled in.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use crate::agent::{ActionDefinition, AgentDefinition, RunLimits};
use crate::domain::{AgentName, ModelId, Provider, SecretTemplate, TenantId, ToolName};

/// A checked configuration.
#[derive(Debug, Clone)]
pub struct Config {
    /// The agents by name.
    pub agents: BTreeMap<AgentName, Arc<AgentDefinition>>,
    /// The actions by name.
    pub actions: BTreeMap<ToolName, Arc<ActionDefinition>>,
    /// The sets of policies by name, besides the shipped ones.
    pub policies: BTreeMap<String, PolicyConfig>,
    /// The providers that agents use.
    pub providers: BTreeMap<Provider, ProviderConfig>,
    /// Whose tokens are accepted; `None` where authentication is switched off on a developer's machine.
    pub authentication: Option<AuthenticationConfig>,
    /// The group of those who operate the installation.
    pub operator_group: String,
    /// The origins of the web pages that may call.
    pub allowed_origins: BTreeSet<String>,
    /// Whether the query of a WebSocket's address may carry the token.
    pub access_token_in_query: bool,
    /// How much may be open at once.
    pub limits: Limits,
    /// Remarks for the operator, to be logged once.
    pub notes: Vec<&'static str>,
}

/// How much may be open at once, whatever the agent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Runs.
    pub runs: RunLimits,
    /// WebSocket connections of one user.
    pub connections: u32,
}

/// The address, the key and the limits of a provider.
#[derive(Debug, Clone)]
pub struct ProviderConfig {
    /// The address where it differs from the provider's own; [`super::checked_base_url`] checks it once its secrets are
    /// filled in.
    pub base_url: Option<SecretTemplate>,
    /// The API key.
    pub api_key: Option<SecretTemplate>,
    /// Additional headers.
    pub headers: Vec<(String, SecretTemplate)>,
    /// A certificate authority to trust besides the public ones: PEM text.
    pub ca_pem: Option<String>,
    /// The limit of one attempt at a whole answer; `None` where the request's deadline decides.
    pub request_timeout: Option<Duration>,
    /// The limit between two pieces of a streamed answer.
    pub idle_timeout: Duration,
    /// The number of attempts, the first included.
    pub max_attempts: u32,
    /// The models that agents use, for deep health.
    pub models: BTreeSet<ModelId>,
}

/// Whose tokens are accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuthenticationConfig {
    /// The region, taken from the user pool's id.
    pub region: String,
    /// The Cognito user pool.
    pub user_pool_id: String,
    /// The app client through which people sign in.
    pub client_id: String,
    /// The address of the key set where it differs from the user pool's own.
    pub jwks_url: Option<String>,
    /// The app clients of programs, by client id.
    pub clients: BTreeMap<String, ClientConfig>,
    /// The scopes that every access token must have.
    pub required_scopes: BTreeSet<String>,
    /// The audiences that a token may name, besides its app client.
    pub audiences: BTreeSet<String>,
}

/// The tenant and the groups of a program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientConfig {
    /// The tenant.
    pub tenant: TenantId,
    /// The groups.
    pub groups: BTreeSet<String>,
}

/// The shipped set that a set of policies extends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExtendedSet {
    /// `strict`.
    Strict,
    /// `permissive`.
    Permissive,
    /// None.
    None,
}

/// A set of policies, as it is configured.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyConfig {
    /// The paths of its files.
    pub files: Vec<String>,
    /// The texts of its files, in their order; empty before a bundle has them.
    pub texts: Vec<String>,
    /// The path of the file with its examples.
    pub tests: Option<String>,
    /// The shipped set that it extends.
    pub extends: ExtendedSet,
}
