//! `openclaw.yaml` as people write it: every key optional, none unknown. [`super::resolve`] says what is needed.
//!
//! Descriptions here are the schema's descriptions; ranges here are checked again when the file is resolved.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

use crate::domain::Provider;

/// The gateway's configuration.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(title = "openclaw.yaml")]
pub(super) struct ConfigFile {
    /// Accepted for compatibility; means nothing on Lambda.
    pub(super) server: Option<ServerSection>,
    /// One agent; the same as one entry of `agents`.
    pub(super) agent: Option<AgentSection>,
    /// Agents.
    pub(super) agents: Vec<AgentSection>,
    /// The model of agents that name none.
    pub(super) llm: LlmSection,
    /// The same as `llm.provider`.
    pub(super) llm_provider: Option<Provider>,
    /// The same as `llm.api_key`.
    pub(super) llm_api_key: Option<String>,
    /// The same as `llm.model`.
    pub(super) llm_model: Option<String>,
    /// How each provider is reached.
    pub(super) providers: ProvidersSection,
    /// Who may call.
    pub(super) authentication: AuthenticationSection,
    /// Which web pages may call.
    pub(super) cors: CorsSection,
    /// How WebSocket connections are opened.
    pub(super) websocket: WebSocketSection,
}

/// Where the reference system listens.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(super) struct ServerSection {
    /// Its address.
    pub(super) host: Option<String>,
    /// Its port.
    pub(super) port: Option<u16>,
}

/// An agent.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(super) struct AgentSection {
    /// Its name in `/v1/agent/{agent_name}`: 1 to 64 of a-z, A-Z, 0-9, _ and -. Default `default`.
    #[schemars(regex(pattern = "^[A-Za-z0-9_-]{1,64}$"))]
    pub(super) name: Option<String>,
    /// What it is for, for people.
    pub(super) description: Option<String>,
    /// Its instructions to the model.
    pub(super) system: Option<String>,
    /// Its model; what it leaves out comes from the top-level `llm`.
    pub(super) llm: LlmSection,
    /// What it remembers.
    pub(super) memory: MemorySection,
    /// The same as `memory.window_messages`.
    #[schemars(range(min = 1, max = 10000))]
    pub(super) memory_size: Option<u32>,
    /// The policy that judges its actions.
    pub(super) policy: Option<PolicyName>,
    /// Tools that its model may ask for.
    pub(super) tools: Vec<String>,
    /// Who may see and invoke it.
    pub(super) access: AccessSection,
    /// The longest prompt in bytes. Default 131072.
    #[schemars(range(min = 1, max = 900_000))]
    pub(super) max_prompt_bytes: Option<u32>,
    /// Steps a run may take. Default 25.
    #[schemars(range(min = 1, max = 100))]
    pub(super) max_steps: Option<u32>,
}

/// A named policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum PolicyName {
    /// What is not allowed is denied.
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
    /// The key; `{{ secrets['name'] }}`, `{{ ssm['/path'] }}` and `{{ env['NAME'] }}` are filled in. Only in the
    /// top-level `llm`.
    pub(super) api_key: Option<String>,
    /// Sampling temperature where the caller names none.
    #[schemars(range(min = 0.0, max = 2.0))]
    pub(super) temperature: Option<f64>,
    /// Tokens that the model may write where the caller names no limit. Default 1024.
    #[schemars(range(min = 1))]
    pub(super) max_tokens: Option<u32>,
    /// The model's context in tokens, where it is not the one that the gateway knows.
    #[schemars(range(min = 256))]
    pub(super) context_tokens: Option<u32>,
    /// Models asked when this one fails, in order.
    pub(super) fallbacks: Vec<FallbackSection>,
}

/// A model asked when the one before it fails.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(extend("required" = ["provider"]))]
pub(super) struct FallbackSection {
    /// The provider; required.
    pub(super) provider: Option<Provider>,
    /// The model. Default: the provider's `model`.
    pub(super) model: Option<String>,
}

/// What an agent remembers.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(super) struct MemorySection {
    /// Messages in the model's window at most. Default 100.
    #[schemars(range(min = 1, max = 10000))]
    pub(super) window_messages: Option<u32>,
    /// Days that a turn is kept. Default 30.
    #[schemars(range(min = 1, max = 3650))]
    pub(super) retention_days: Option<u32>,
}

/// Who may see and invoke an agent.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(super) struct AccessSection {
    /// Groups, any of which suffices. Default `user` and `admin`.
    pub(super) groups: Option<Vec<String>>,
    /// Tenants; all where none is named.
    pub(super) tenants: Vec<String>,
}

/// How each provider is reached.
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

/// How a provider is reached.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(super) struct ProviderSection {
    /// Its address: https, or http on the loopback interface; templates are filled in.
    pub(super) base_url: Option<String>,
    /// The key; templates are filled in.
    pub(super) api_key: Option<String>,
    /// The model of agents that name none.
    pub(super) model: Option<String>,
    /// More headers; templates in their values are filled in.
    pub(super) headers: BTreeMap<String, String>,
    /// A certificate authority to trust besides the public ones: PEM text, or a path to it.
    pub(super) ca: Option<String>,
    /// Time-outs.
    pub(super) timeouts: TimeoutsSection,
    /// Retries.
    pub(super) retries: RetriesSection,
}

/// Time-outs of calls to a provider.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(super) struct TimeoutsSection {
    /// For one attempt at a whole answer, in milliseconds. Default: what the deadline leaves; for a model with
    /// fallbacks, the deadline shared out between the models.
    #[schemars(range(min = 1, max = 900_000))]
    pub(super) request_ms: Option<u32>,
    /// Between two pieces of a streamed answer, in milliseconds. Default 20000.
    #[schemars(range(min = 1, max = 900_000))]
    pub(super) idle_ms: Option<u32>,
}

/// Retries of calls to a provider.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(super) struct RetriesSection {
    /// Attempts in all. Default 3.
    #[schemars(range(min = 1, max = 10))]
    pub(super) max_attempts: Option<u32>,
}

/// Who may call.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(super) struct AuthenticationSection {
    /// `false` is refused unless `OPENCLAW_LOCAL=1`. Default true.
    pub(super) enabled: Option<bool>,
    /// Where tokens come from. Default cognito.
    pub(super) provider: Option<IdentityProvider>,
    /// The user pool, `<region>_<id>`.
    pub(super) user_pool_id: Option<String>,
    /// The app client of people.
    pub(super) client_id: Option<String>,
    /// The key set's address. Default: the pool's own.
    pub(super) jwks_url: Option<String>,
    /// Accepted signature algorithms. Default RS256.
    pub(super) algorithms: Option<Vec<SignatureAlgorithm>>,
    /// App clients of programs (client credentials), by client id.
    pub(super) clients: BTreeMap<String, ClientSection>,
}

/// Where tokens come from.
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

/// A program's place.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(super) struct ClientSection {
    /// Its tenant. Default `default`.
    pub(super) tenant: Option<String>,
    /// Its groups.
    pub(super) groups: Vec<String>,
}

/// Which web pages may call.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(super) struct CorsSection {
    /// Origins such as `https://app.example.com`, or `*`. None by default.
    pub(super) allowed_origins: Vec<String>,
}

/// How WebSocket connections are opened.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(super) struct WebSocketSection {
    /// Whether a token may also come as `?access_token=`, which ends up in access logs. Default false.
    pub(super) access_token_in_query: Option<bool>,
}
