//! `openclaw.yaml` as people write it: every key is optional, no other key is allowed. [`super::resolve`] decides which
//! are needed.
//!
//! These descriptions are the schema's descriptions. The ranges here are checked again when the file is resolved.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

use crate::domain::Provider;

/// The gateway's configuration.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(title = "openclaw.yaml")]
pub(super) struct ConfigFile {
    /// Accepted for compatibility; has no effect on Lambda.
    pub(super) server: Option<ServerSection>,
    /// A single agent; the same as an entry of `agents`.
    pub(super) agent: Option<AgentSection>,
    /// Agents.
    pub(super) agents: Vec<AgentSection>,
    /// The default model of agents.
    pub(super) llm: LlmSection,
    /// The same as `llm.provider`.
    pub(super) llm_provider: Option<Provider>,
    /// The same as `llm.api_key`.
    pub(super) llm_api_key: Option<String>,
    /// The same as `llm.model`.
    pub(super) llm_model: Option<String>,
    /// Addresses, keys and limits of providers.
    pub(super) providers: ProvidersSection,
    /// Whose tokens are accepted.
    pub(super) authentication: AuthenticationSection,
    /// Web pages that may call.
    pub(super) cors: CorsSection,
    /// Settings of WebSocket connections.
    pub(super) websocket: WebSocketSection,
}

impl ConfigFile {
    /// Returns the agents as written, the single one first.
    pub(super) fn agents(&self) -> impl Iterator<Item = &AgentSection> {
        self.agent.iter().chain(&self.agents)
    }

    /// Returns the section of a provider.
    pub(super) const fn provider(&self, provider: Provider) -> &ProviderSection {
        match provider {
            Provider::Bedrock => &self.providers.bedrock,
            Provider::Anthropic => &self.providers.anthropic,
            Provider::OpenAi => &self.providers.openai,
            Provider::Ollama => &self.providers.ollama,
        }
    }

    /// Returns the top-level model, with the flat keys of the reference system folded in.
    pub(super) fn top_level_llm(&self) -> LlmSection {
        let mut llm = self.llm.clone();
        llm.provider = llm.provider.or(self.llm_provider);
        llm.model = llm.model.or_else(|| self.llm_model.clone());
        llm.api_key = llm.api_key.or_else(|| self.llm_api_key.clone());
        llm
    }
}

/// The address on which the reference system listens.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(super) struct ServerSection {
    /// The address.
    pub(super) host: Option<String>,
    /// The port.
    pub(super) port: Option<u16>,
}

/// An agent.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(super) struct AgentSection {
    /// The name in `/v1/agent/{agent_name}`: 1 to 64 of a-z, A-Z, 0-9, _ and -. Default `default`.
    #[schemars(regex(pattern = "^[A-Za-z0-9_-]{1,64}$"))]
    pub(super) name: Option<String>,
    /// A description for people.
    pub(super) description: Option<String>,
    /// Instructions to the model.
    pub(super) system: Option<String>,
    /// The model; keys that are left out come from the top-level `llm`.
    pub(super) llm: LlmSection,
    /// Limits of the conversation's memory.
    pub(super) memory: MemorySection,
    /// The same as `memory.window_messages`.
    #[schemars(range(min = 1, max = 10000))]
    pub(super) memory_size: Option<u32>,
    /// The policy that judges the agent's actions.
    pub(super) policy: Option<PolicyName>,
    /// Tools that the model may call.
    pub(super) tools: Vec<String>,
    /// Groups and tenants that may see and invoke the agent.
    pub(super) access: AccessSection,
    /// The longest prompt in bytes. Default 131072.
    #[schemars(range(min = 1, max = 900_000))]
    pub(super) max_prompt_bytes: Option<u32>,
    /// The most steps of a run. Default 25.
    #[schemars(range(min = 1, max = 100))]
    pub(super) max_steps: Option<u32>,
}

/// A named policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum PolicyName {
    /// Denies every action that no rule allows.
    Strict,
}

/// A model.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(super) struct LlmSection {
    /// The provider.
    pub(super) provider: Option<Provider>,
    /// The model as the provider names it. Default: the provider's `model`.
    pub(super) model: Option<String>,
    /// The API key; `{{ secrets['name'] }}`, `{{ ssm['/path'] }}` and `{{ env['NAME'] }}` are filled in. Only in the
    /// top-level `llm`.
    pub(super) api_key: Option<String>,
    /// The sampling temperature of requests that do not set one.
    #[schemars(range(min = 0.0, max = 2.0))]
    pub(super) temperature: Option<f64>,
    /// The most tokens that the model may write for requests that do not set a limit. Default 1024.
    #[schemars(range(min = 1))]
    pub(super) max_tokens: Option<u32>,
    /// The size of the model's context in tokens, if it differs from the one that the gateway knows.
    #[schemars(range(min = 256))]
    pub(super) context_tokens: Option<u32>,
    /// Models to ask, in this order, if the model before them fails.
    pub(super) fallbacks: Vec<FallbackSection>,
}

/// A model to ask if the model before it fails.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(extend("required" = ["provider"]))]
pub(super) struct FallbackSection {
    /// The provider; required.
    pub(super) provider: Option<Provider>,
    /// The model. Default: the provider's `model`.
    pub(super) model: Option<String>,
}

/// Limits of a conversation's memory.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(super) struct MemorySection {
    /// The most messages in the model's window. Default 100.
    #[schemars(range(min = 1, max = 10000))]
    pub(super) window_messages: Option<u32>,
    /// The number of days that a turn is kept. Default 30.
    #[schemars(range(min = 1, max = 3650))]
    pub(super) retention_days: Option<u32>,
}

/// Groups and tenants that may see and invoke an agent.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(super) struct AccessSection {
    /// Groups; a caller needs one of them. Default `user` and `admin`.
    pub(super) groups: Option<Vec<String>>,
    /// Tenants. Default: every tenant.
    pub(super) tenants: Vec<String>,
}

/// Addresses, keys and limits of providers.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(super) struct ProvidersSection {
    /// Amazon Bedrock.
    pub(super) bedrock: ProviderSection,
    /// Anthropic.
    pub(super) anthropic: ProviderSection,
    /// `OpenAI`, or a server that speaks its protocol.
    pub(super) openai: ProviderSection,
    /// Ollama.
    pub(super) ollama: ProviderSection,
}

/// The address, the key and the limits of a provider.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(super) struct ProviderSection {
    /// The address: https, or http on the loopback interface; templates are filled in.
    pub(super) base_url: Option<String>,
    /// The API key; templates are filled in.
    pub(super) api_key: Option<String>,
    /// The model of agents that use this provider and name no model.
    pub(super) model: Option<String>,
    /// Additional headers; templates in their values are filled in.
    pub(super) headers: BTreeMap<String, String>,
    /// A certificate authority to trust besides the public ones: PEM text, or the path of a PEM file, from the directory of
    /// `openclaw.yaml`.
    pub(super) ca: Option<String>,
    /// Timeouts.
    pub(super) timeouts: TimeoutsSection,
    /// Retries.
    pub(super) retries: RetriesSection,
}

/// Timeouts of requests to a provider.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(super) struct TimeoutsSection {
    /// The limit of one attempt at a whole answer, in milliseconds. Default: the time left until the deadline; with
    /// fallbacks, an equal share of that time for each model.
    #[schemars(range(min = 1, max = 900_000))]
    pub(super) request_ms: Option<u32>,
    /// The limit between two pieces of a streamed answer, in milliseconds. Default 20000.
    #[schemars(range(min = 1, max = 900_000))]
    pub(super) idle_ms: Option<u32>,
}

/// Retries of requests to a provider.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(super) struct RetriesSection {
    /// The number of attempts, the first included. Default 3.
    #[schemars(range(min = 1, max = 10))]
    pub(super) max_attempts: Option<u32>,
}

/// Whose tokens are accepted.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(super) struct AuthenticationSection {
    /// `false` is refused unless `OPENCLAW_LOCAL=1`. Default true.
    pub(super) enabled: Option<bool>,
    /// The issuer of the tokens. Default cognito.
    pub(super) provider: Option<IdentityProvider>,
    /// The id of the user pool, `<region>_<id>`.
    pub(super) user_pool_id: Option<String>,
    /// The app client through which people sign in.
    pub(super) client_id: Option<String>,
    /// The address of the key set. Default: the user pool's own.
    pub(super) jwks_url: Option<String>,
    /// Accepted signature algorithms. Default RS256.
    pub(super) algorithms: Option<Vec<SignatureAlgorithm>>,
    /// App clients of programs (client credentials), by client id.
    pub(super) clients: BTreeMap<String, ClientSection>,
}

/// An issuer of tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum IdentityProvider {
    /// Amazon Cognito.
    Cognito,
}

/// A signature algorithm (RFC 7518).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
pub(super) enum SignatureAlgorithm {
    /// RSASSA-PKCS1-v1_5 with SHA-256, the one that Cognito uses.
    #[serde(rename = "RS256")]
    Rs256,
}

/// The tenant and the groups of a program.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(super) struct ClientSection {
    /// The tenant. Default `default`.
    pub(super) tenant: Option<String>,
    /// The groups.
    pub(super) groups: Vec<String>,
}

/// Web pages that may call.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(super) struct CorsSection {
    /// Origins such as `https://app.example.com`, or `*`. None by default.
    pub(super) allowed_origins: Vec<String>,
}

/// Settings of WebSocket connections.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(super) struct WebSocketSection {
    /// Accepts tokens in `?access_token=` too, where access logs record them. Default false.
    pub(super) access_token_in_query: Option<bool>,
}
