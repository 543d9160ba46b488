//! From the file as written to the configuration as used: defaults, inheritance, names, ranges.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use super::env::Environment;
use super::faults::Faults;
use super::file::{
    AccessSection, AgentSection, AuthenticationSection, ConfigFile, LlmSection, ProviderSection, SignatureAlgorithm,
};
use super::providers::{self, bounded, checked_base_url};
use super::{AuthenticationConfig, ClientConfig, Config, ModelRules, ProviderConfig};
use crate::agent::{Access, AgentDefinition, Graph, MemorySettings};
use crate::domain::{ADMIN_GROUP, AgentName, MaxTokens, ModelId, ModelRef, Provider, Temperature, TenantId};

const DAY: Duration = Duration::from_hours(24);

pub(super) fn resolve(
    file: &ConfigFile,
    environment: &Environment,
    rules: &dyn ModelRules,
    replaced_provider: Option<&str>,
    faults: &mut Faults,
) -> Config {
    let llm = top_level_llm(file, faults);
    let sections = agent_sections(file);
    let mut resolver = Agents { file, llm: &llm, rules, replaced_provider, used: BTreeMap::new(), faults };
    let mut agents = BTreeMap::new();
    for (path, section) in &sections {
        let agent = resolver.agent(path, section);
        let name = agent.name.clone();
        if agents.insert(name.clone(), Arc::new(agent)).is_some() {
            resolver.faults.add(
                format!("{path}name"),
                format!("\"{name}\" a second time"),
                "a name of its own for each agent",
            );
        }
    }
    let used = resolver.used;
    let inherited = llm.api_key.as_deref().zip(llm.provider);
    let key_path = if file.llm.api_key.is_some() { "llm.api_key" } else { "llm_api_key" };
    let mut configs = BTreeMap::new();
    for provider in Provider::ALL {
        let key = inherited.and_then(|(key, owner)| (owner == provider).then_some((key, key_path)));
        let mut config = providers::resolve(provider, section_of(file, provider), key, faults);
        if let Some(models) = used.get(&provider) {
            config.models.clone_from(models);
            configs.insert(provider, config);
        }
    }
    require_keys(&configs, faults);
    Config {
        agents,
        providers: configs,
        authentication: authentication(&file.authentication, environment, faults),
        allowed_origins: origins(&file.cors.allowed_origins, faults),
        notes: notes(file),
    }
}

fn notes(file: &ConfigFile) -> Vec<&'static str> {
    let server = file.server.is_some().then_some("server.host and server.port mean nothing on Lambda and are ignored");
    server.into_iter().collect()
}

const fn section_of(file: &ConfigFile, provider: Provider) -> &ProviderSection {
    match provider {
        Provider::Bedrock => &file.providers.bedrock,
        Provider::Anthropic => &file.providers.anthropic,
        Provider::OpenAi => &file.providers.openai,
        Provider::Ollama => &file.providers.ollama,
    }
}

/// Anthropic and `OpenAI` themselves take no call without a key; a server of one's own may.
fn require_keys(configs: &BTreeMap<Provider, ProviderConfig>, faults: &mut Faults) {
    for (provider, config) in configs {
        let needs_key = matches!(provider, Provider::Anthropic | Provider::OpenAi) && config.base_url.is_none();
        if needs_key && config.api_key.is_none() {
            faults.add(
                format!("providers.{provider}.api_key"),
                "nothing",
                format!("a key, since {provider} takes no call without one"),
            );
        }
    }
}

/// The top-level model, with the flat keys of the reference system folded in.
fn top_level_llm(file: &ConfigFile, faults: &mut Faults) -> LlmSection {
    let mut llm = file.llm.clone();
    if llm.provider.is_some() && file.llm_provider.is_some() && llm.provider != file.llm_provider {
        faults.add("llm_provider", "another provider than llm.provider", "one of the two");
    }
    if llm.model.is_some() && file.llm_model.is_some() && llm.model != file.llm_model {
        faults.add("llm_model", "another model than llm.model", "one of the two");
    }
    if llm.api_key.is_some() && file.llm_api_key.is_some() && llm.api_key != file.llm_api_key {
        faults.add("llm_api_key", "another key than llm.api_key", "one of the two");
    }
    llm.provider = llm.provider.or(file.llm_provider);
    llm.model = llm.model.or_else(|| file.llm_model.clone());
    llm.api_key = llm.api_key.or_else(|| file.llm_api_key.clone());
    if llm.api_key.is_some() && llm.provider.is_none() {
        faults.add(
            "llm.provider",
            "nothing",
            "the provider that llm.api_key is for: bedrock, anthropic, openai, ollama",
        );
    }
    llm
}

/// The agents and where they stand; one by the name of `default` where the file has none.
fn agent_sections(file: &ConfigFile) -> Vec<(String, AgentSection)> {
    let single = file.agent.iter().map(|agent| ("agent.".to_owned(), agent.clone()));
    let many = file.agents.iter().enumerate().map(|(index, agent)| (format!("agents[{index}]."), agent.clone()));
    let mut sections: Vec<(String, AgentSection)> = single.chain(many).collect();
    if sections.is_empty() {
        sections.push((String::new(), AgentSection::default()));
    }
    sections
}

struct Agents<'a> {
    file: &'a ConfigFile,
    llm: &'a LlmSection,
    rules: &'a dyn ModelRules,
    replaced_provider: Option<&'a str>,
    used: BTreeMap<Provider, BTreeSet<ModelId>>,
    faults: &'a mut Faults,
}

impl Agents<'_> {
    fn agent(&mut self, path: &str, section: &AgentSection) -> AgentDefinition {
        let llm = &section.llm;
        if llm.api_key.is_some() && !path.is_empty() {
            self.faults.add(
                format!("{path}llm.api_key"),
                "a key",
                "no key here: keys stand in llm.api_key and providers.<name>.api_key",
            );
        }
        let model = self.primary(path, llm);
        let fallbacks = if llm.fallbacks.is_empty() { &self.llm.fallbacks } else { &llm.fallbacks };
        let fallback_base = if llm.fallbacks.is_empty() { String::new() } else { path.to_owned() };
        let fallbacks: Vec<ModelRef> = fallbacks
            .iter()
            .enumerate()
            .map(|(index, fallback)| {
                let at = format!("{fallback_base}llm.fallbacks[{index}].model");
                self.model_ref(&at, fallback.provider, fallback.model.as_deref())
            })
            .collect();
        let (temperature, max_tokens) = self.sampling(path, llm, &model);
        let context_tokens = llm.context_tokens.or(self.llm.context_tokens);
        if context_tokens.is_some_and(|tokens| tokens < 256) {
            self.faults.add(
                format!("{path}llm.context_tokens"),
                format!("{}", context_tokens.unwrap_or_default()),
                "256 or more",
            );
        }
        for (index, tool) in section.tools.iter().enumerate() {
            self.faults.add(
                format!("{path}tools[{index}]"),
                format!("\"{tool}\", which is not registered"),
                "a registered action's name; none is registered",
            );
        }
        AgentDefinition {
            name: self.name(path, section),
            description: section.description.clone(),
            system: section.system.clone(),
            context_tokens: context_tokens.or_else(|| self.rules.context_tokens(&model)),
            model,
            fallbacks,
            temperature,
            max_tokens,
            tools: Vec::new(),
            graph: Graph::default_graph(),
            memory: self.memory(path, section),
            access: self.access(path, &section.access),
            max_prompt_bytes: self.bytes(path, section),
            max_steps: bounded(section.max_steps, 25, 1..=100, &format!("{path}max_steps"), self.faults),
        }
    }

    fn name(&mut self, path: &str, section: &AgentSection) -> AgentName {
        let text = section.name.as_deref().unwrap_or("default");
        text.parse().unwrap_or_else(|fault: crate::domain::InvalidName| {
            self.faults.add(
                format!("{path}name"),
                format!("\"{}\"", text.chars().take(60).collect::<String>()),
                fault.to_string(),
            );
            AgentName::fallback()
        })
    }

    fn primary(&mut self, path: &str, llm: &LlmSection) -> ModelRef {
        let provider = llm.provider.or(self.llm.provider);
        let Some(provider) = provider else {
            self.faults.add("llm.provider", "nothing", "bedrock, anthropic, openai, ollama");
            return ModelRef { provider: Provider::Bedrock, model: ModelId::new("") };
        };
        // The top-level model belongs to the top-level provider alone.
        let inherits = llm.provider.is_none_or(|own| self.llm.provider == Some(own));
        let named = llm.model.as_deref().or(if inherits { self.llm.model.as_deref() } else { None });
        let at = if llm.provider.is_some() || llm.model.is_some() {
            format!("{path}llm.model")
        } else {
            "llm.model".to_owned()
        };
        self.model_ref(&at, provider, named)
    }

    fn model_ref(&mut self, at: &str, provider: Provider, named: Option<&str>) -> ModelRef {
        let named = named.or(section_of(self.file, provider).model.as_deref());
        let Some(named) = named.filter(|name| !name.trim().is_empty()) else {
            let hint = self.replaced_provider.map_or_else(String::new, |old| {
                format!(" (the file's model is for {old}; name one in LLM_MODEL or providers.{provider}.model)")
            });
            self.faults.add(at, "nothing", format!("a model of {provider}{hint}"));
            return ModelRef { provider, model: ModelId::new("") };
        };
        let model = ModelRef { provider, model: ModelId::new(named) };
        if let Err(why) = self.rules.check_model(&model) {
            self.faults.add(at, format!("\"{named}\""), why);
        }
        self.used.entry(provider).or_default().insert(model.model.clone());
        model
    }

    fn sampling(&mut self, path: &str, llm: &LlmSection, model: &ModelRef) -> (Option<Temperature>, MaxTokens) {
        let here = |own: bool, key: &str| if own { format!("{path}llm.{key}") } else { format!("llm.{key}") };
        let temperature_at = here(llm.temperature.is_some(), "temperature");
        let temperature = llm.temperature.or(self.llm.temperature).and_then(|value| {
            Temperature::try_from(value)
                .map_err(|fault| self.faults.add(&temperature_at, value.to_string(), fault.allowed))
                .ok()
        });
        let tokens_at = here(llm.max_tokens.is_some(), "max_tokens");
        let max_tokens = llm.max_tokens.or(self.llm.max_tokens).map_or(Ok(MaxTokens::DEFAULT), MaxTokens::try_from);
        let max_tokens = max_tokens.unwrap_or_else(|fault| {
            self.faults.add(tokens_at, "0", fault.allowed);
            MaxTokens::DEFAULT
        });
        if let Err(allowed) = self.rules.check_sampling(model, temperature, max_tokens) {
            self.faults.add(temperature_at, "sampling numbers that the model refuses", allowed);
        }
        (temperature, max_tokens)
    }

    fn memory(&mut self, path: &str, section: &AgentSection) -> MemorySettings {
        let memory = &section.memory;
        if memory.window_messages.is_some() && section.memory_size.is_some() {
            self.faults.add(format!("{path}memory_size"), "memory.window_messages beside it", "one of the two");
        }
        let at = if section.memory_size.is_some() {
            format!("{path}memory_size")
        } else {
            format!("{path}memory.window_messages")
        };
        let window = bounded(section.memory_size.or(memory.window_messages), 100, 1..=10_000, &at, self.faults);
        let days = bounded(memory.retention_days, 30, 1..=3650, &format!("{path}memory.retention_days"), self.faults);
        MemorySettings { window_messages: usize::try_from(window).unwrap_or(100), retention: DAY * days }
    }

    fn access(&mut self, path: &str, section: &AccessSection) -> Access {
        let groups = section.groups.clone().unwrap_or_else(|| vec!["user".to_owned(), ADMIN_GROUP.to_owned()]);
        if groups.is_empty() {
            self.faults.add(
                format!("{path}access.groups"),
                "an empty list",
                "at least one group; leave the agent out where nobody may use it",
            );
        }
        Access { groups: groups.into_iter().collect(), tenants: section.tenants.iter().cloned().collect() }
    }

    fn bytes(&mut self, path: &str, section: &AgentSection) -> usize {
        let bytes =
            bounded(section.max_prompt_bytes, 128 * 1024, 1..=900_000, &format!("{path}max_prompt_bytes"), self.faults);
        usize::try_from(bytes).unwrap_or(128 * 1024)
    }
}

fn authentication(
    section: &AuthenticationSection,
    environment: &Environment,
    faults: &mut Faults,
) -> Option<AuthenticationConfig> {
    if section.enabled == Some(false) {
        if !environment.is_local() {
            faults.add(
                "authentication.enabled",
                "false",
                "true; false only on a developer's machine, where OPENCLAW_LOCAL=1",
            );
        }
        return None;
    }
    let mut required = |key: &str, value: &Option<String>| {
        let value = value.clone().filter(|text| !text.trim().is_empty());
        if value.is_none() {
            faults.add(format!("authentication.{key}"), "nothing", "the Cognito user pool's own");
        }
        value.unwrap_or_default()
    };
    let user_pool_id = required("user_pool_id", &section.user_pool_id);
    let client_id = required("client_id", &section.client_id);
    let region = user_pool_id.split_once('_').map(|(region, _)| region.to_owned());
    if region.as_deref().is_none_or(str::is_empty) && !user_pool_id.is_empty() {
        faults.add("authentication.user_pool_id", format!("\"{user_pool_id}\""), "a user pool's id, <region>_<id>");
    }
    if section.jwks_url.as_deref().is_some_and(|url| checked_base_url(url).is_err()) {
        faults.add("authentication.jwks_url", "another kind of address", "https, or http on the loopback interface");
    }
    let algorithms = section.algorithms.as_deref().unwrap_or(&[SignatureAlgorithm::Rs256]);
    if algorithms.is_empty() {
        faults.add("authentication.algorithms", "an empty list", "RS256");
    }
    let mut clients = BTreeMap::new();
    for (id, client) in &section.clients {
        let tenant = client.tenant.as_deref().map_or_else(|| Some(TenantId::default()), TenantId::parse);
        let Some(tenant) = tenant else {
            let found = format!("\"{}\"", client.tenant.as_deref().unwrap_or_default());
            faults.add(format!("authentication.clients.{id}.tenant"), found, "1 to 64 of a-z, A-Z, 0-9, _ and -");
            continue;
        };
        clients.insert(id.clone(), ClientConfig { tenant, groups: client.groups.iter().cloned().collect() });
    }
    Some(AuthenticationConfig {
        region: region.unwrap_or_default(),
        user_pool_id,
        client_id,
        jwks_url: section.jwks_url.clone(),
        clients,
    })
}

fn origins(list: &[String], faults: &mut Faults) -> BTreeSet<String> {
    for (index, origin) in list.iter().enumerate() {
        let canonical = url::Url::parse(origin).ok().map(|url| url.origin().ascii_serialization());
        if origin != "*" && canonical.as_deref() != Some(origin) {
            faults.add(
                format!("cors.allowed_origins[{index}]"),
                format!("\"{origin}\""),
                "an origin such as https://app.example.com, or *",
            );
        }
    }
    list.iter().cloned().collect()
}
