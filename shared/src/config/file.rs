//! `openclaw.yaml` as people write it: every key is optional, no other key is allowed. [`super::resolve`] decides which
//! are needed.
//!
//! These descriptions are the schema's descriptions. The ranges here are checked again when the file is resolved.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

use super::action_file::ActionSection;
use super::authentication::AuthenticationSection;
use super::limits::{AgentLimitsSection, LimitsSection};
use super::llm_file::LlmSection;
use super::policy_file::PolicySection;
use super::state_file::{StateLlmSection, StateSection};
use crate::domain::Provider;

/// The gateway's configuration.
#[derive(Clone, Default, PartialEq, Deserialize, JsonSchema, derive_more::Debug)]
#[serde(deny_unknown_fields, default)]
#[schemars(title = "openclaw.yaml")]
pub(super) struct ConfigFile {
    /// Accepted for compatibility; has no effect on Lambda, which the log says once at the start.
    pub(super) server: Option<ServerSection>,
    /// One agent; the same as an entry of `agents`.
    pub(super) agent: Option<AgentSection>,
    /// What agents can do besides answering.
    pub(super) actions: Vec<ActionSection>,
    /// Sets of policies, by name: a name is 1 to 64 of a-z, A-Z, 0-9, _ and -.
    pub(super) policies: BTreeMap<String, PolicySection>,
    /// The agents. Default: one agent with all defaults.
    pub(super) agents: Vec<AgentSection>,
    /// The model of agents that do not name one.
    pub(super) llm: LlmSection,
    /// The same as `llm.provider`.
    pub(super) llm_provider: Option<Provider>,
    /// The same as `llm.api_key`.
    #[debug("[hidden]")]
    pub(super) llm_api_key: Option<String>,
    /// The same as `llm.model`.
    pub(super) llm_model: Option<String>,
    /// How the gateway reaches each provider: `bedrock`, `anthropic`, `openai`, `ollama`.
    pub(super) providers: ProvidersSection,
    /// Whose tokens are accepted.
    pub(super) authentication: AuthenticationSection,
    /// Web pages that may call.
    pub(super) cors: CorsSection,
    /// How much may be open at once.
    pub(super) limits: LimitsSection,
    /// Settings of WebSocket connections.
    pub(super) websocket: WebSocketSection,
}

impl ConfigFile {
    /// Returns the agents as written, the single one first.
    pub(super) fn agents(&self) -> impl Iterator<Item = &AgentSection> {
        self.agent.iter().chain(&self.agents)
    }

    /// Returns the models of agents and of their states, each with the provider that it inherits.
    pub(super) fn llms(&self, top: &LlmSection) -> Vec<LlmSection> {
        let mut llms = Vec::new();
        for agent in self.agents() {
            let states = agent.states.values().filter_map(|state| state.llm.as_ref());
            let states = states.chain(&agent.policy_check).chain(&agent.plan);
            llms.extend(states.map(|llm| llm.within(&agent.llm, top.provider)));
            llms.push(LlmSection { provider: agent.llm.provider.or(top.provider), ..agent.llm.clone() });
        }
        let none = LlmSection::default();
        llms.extend(self.actions.iter().filter_map(ActionSection::llm).map(|llm| llm.within(&none, top.provider)));
        llms
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
    /// Accepted for compatibility; has no effect on Lambda, which the log says once at the start.
    pub(super) host: Option<String>,
    /// Accepted for compatibility; has no effect on Lambda.
    pub(super) port: Option<u16>,
}

/// An agent.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(super) struct AgentSection {
    /// The name in `/v1/agent/{agent_name}`: 1 to 64 of a-z, A-Z, 0-9, _ and -; unique. Default `default`.
    #[schemars(regex(pattern = "^[A-Za-z0-9_-]{1,64}$"))]
    pub(super) name: Option<String>,
    /// A description for people, shown in `/v1/agents`.
    pub(super) description: Option<String>,
    /// The instructions to the model.
    pub(super) system: Option<String>,
    /// The agent's model: the keys of the top-level `llm` except `api_key`. A key that is left out has the value of the
    /// top-level `llm`; `model` does so only if the provider is the same.
    pub(super) llm: LlmSection,
    /// How much of a conversation the agent remembers.
    pub(super) memory: MemorySection,
    /// The same as `memory.window_messages`; only one of the two may be set.
    #[schemars(range(min = 1, max = 10000))]
    pub(super) memory_size: Option<u32>,
    /// The policies that judge its calls: `strict`, `permissive`, or a name under `policies`. Default `strict`.
    pub(super) policy: Option<String>,
    /// A model that gives a second opinion on each call, which can only forbid it. Its keys are those of a state's `llm`.
    pub(super) policy_check: Option<StateLlmSection>,
    /// The model that lists what the caller asks for, before a call that changes something is judged in a run that has read
    /// what strangers may have written. Its keys are those of a state's `llm`. Default: the agent's own.
    pub(super) plan: Option<StateLlmSection>,
    /// Whose text the prompt and the metadata are. Default `caller`.
    pub(super) input: Option<InputName>,
    /// What the audit trail holds of prompts, arguments and answers. Default `digest`.
    pub(super) audit: Option<AuditName>,
    /// The actions that the model may propose, by name, in the order in which it reads them. Default none.
    pub(super) tools: Vec<String>,
    /// The states of a run, by name: a name is 1 to 64 of a-z, A-Z, 0-9 and _. Default: one generation with the tools.
    pub(super) states: BTreeMap<String, StateSection>,
    /// The callers that may see and invoke the agent.
    pub(super) access: AccessSection,
    /// The longest prompt, in bytes. Default 131072.
    #[schemars(range(min = 1, max = 900_000))]
    pub(super) max_prompt_bytes: Option<u32>,
    /// The largest `max_tokens` that a request may name. Default: `llm.max_tokens`.
    #[schemars(range(min = 1))]
    pub(super) max_tokens_limit: Option<u32>,
    /// How much may be open at once with this agent.
    pub(super) limits: AgentLimitsSection,
    /// The largest number of steps in a run. Default 25.
    #[schemars(range(min = 1, max = 80))]
    pub(super) max_steps: Option<u32>,
}

/// Whose text an agent's input is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum InputName {
    /// The caller's.
    Caller,
    /// A stranger's, as that of a mail that a program passes on.
    Untrusted,
}

/// What the audit trail holds of texts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum AuditName {
    /// Keyed digests.
    Digest,
    /// The texts, apart from the trail itself.
    Full,
}

/// Limits of a conversation's memory.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(super) struct MemorySection {
    /// The largest number of messages of the conversation that the model reads. Default 100.
    #[schemars(range(min = 1, max = 10000))]
    pub(super) window_messages: Option<u32>,
    /// The number of days that a turn is kept, counted from that turn. Default 30.
    #[schemars(range(min = 1, max = 3650))]
    pub(super) retention_days: Option<u32>,
}

/// Groups and tenants that may see and invoke an agent.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(super) struct AccessSection {
    /// The groups of which a caller needs one to see and invoke the agent. Default `user` and `admin`.
    pub(super) groups: Option<Vec<String>>,
    /// The tenants whose callers may see and invoke the agent. Default: all tenants.
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
#[derive(Clone, Default, PartialEq, Deserialize, JsonSchema, derive_more::Debug)]
#[serde(deny_unknown_fields, default)]
pub(super) struct ProviderSection {
    /// The provider's address: https, or http on the loopback address; without user, query or fragment. For OpenAI and
    /// servers with its API the path `/v1` is part of it. Templates are resolved. Refused for Bedrock. Default: the
    /// provider's own address; `http://127.0.0.1:11434` for Ollama.
    pub(super) base_url: Option<String>,
    /// The key. Templates are resolved. Required by Anthropic and OpenAI themselves, but not by a server of your own.
    /// For Bedrock, a Bedrock API key; without one the role signs the requests.
    #[debug("[hidden]")]
    pub(super) api_key: Option<String>,
    /// The model of agents that use this provider and do not name a model.
    pub(super) model: Option<String>,
    /// Additional headers. Templates in their values are resolved. Refused for Bedrock. Default none.
    #[debug("[{} headers]", headers.len())]
    pub(super) headers: BTreeMap<String, String>,
    /// A certificate authority to trust in addition to the public ones: PEM text of certificates, or the path of a PEM
    /// file. A private key in it is refused. Refused for Bedrock.
    pub(super) ca: Option<String>,
    /// The time-outs of calls.
    pub(super) timeouts: TimeoutsSection,
    /// The retries of calls.
    pub(super) retries: RetriesSection,
}

/// Timeouts of requests to a provider.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(super) struct TimeoutsSection {
    /// The time-out of one attempt, in milliseconds. Default: the time until the deadline. For a model that has
    /// fallbacks, except the last of them: `OPENCLAW_DEADLINE_MS` divided by the number of models.
    #[schemars(range(min = 1, max = 900_000))]
    pub(super) request_ms: Option<u32>,
    /// The longest silence within a streamed answer, in milliseconds, from its first text on; after it the run fails. Until
    /// then `request_ms` is the limit, since a model may think before it writes. Default 20000.
    #[schemars(range(min = 1, max = 900_000))]
    pub(super) idle_ms: Option<u32>,
}

/// Retries of requests to a provider.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(super) struct RetriesSection {
    /// The number of attempts, the first one included. Default 3.
    #[schemars(range(min = 1, max = 10))]
    pub(super) max_attempts: Option<u32>,
}

/// Web pages that may call.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(super) struct CorsSection {
    /// The origins of web pages that may call the API or open a WebSocket, such as `https://app.example.com`, or `*`.
    /// Default none.
    pub(super) allowed_origins: Vec<String>,
}

/// Settings of WebSocket connections.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(super) struct WebSocketSection {
    /// Accepts a token as `?access_token=` when a WebSocket is opened; addresses are often logged. Default `false`.
    pub(super) access_token_in_query: Option<bool>,
}
