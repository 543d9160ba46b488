//! An agent's section resolved: its model and what it inherits, its names, its ranges.

use std::collections::{BTreeMap, BTreeSet};
use std::iter;
use std::sync::Arc;
use std::time::Duration;

use super::bounded::bounded;
use super::faults::Faults;
use super::file::{AccessSection, AgentSection, AuditName, ConfigFile, InputName};
use super::limits;
use super::llm_file::LlmSection;
use super::policies;
use super::rules::ModelRules;
use super::shown::quoted;
use super::state_file::StateLlmSection;
use crate::agent::{Access, ActionDefinition, AgentDefinition, MemorySettings, ModelChoice, Safeguards};
use crate::domain::{
    ADMIN_GROUP, AgentName, Guardrail, MaxTokens, ModelId, ModelRef, Provider, Temperature, ToolName, ToolSpec, Trust,
};

const PROVIDERS: &str = "bedrock, anthropic, openai, ollama";
const DAY: Duration = Duration::from_hours(24);

/// Resolves agents, and gathers the models that they use.
pub(super) struct Agents<'a> {
    pub(super) file: &'a ConfigFile,
    pub(super) llm: &'a LlmSection,
    pub(super) rules: &'a dyn ModelRules,
    pub(super) replaced_provider: Option<&'a str>,
    pub(super) actions: BTreeMap<ToolName, Arc<ActionDefinition>>,
    pub(super) used: BTreeMap<Provider, BTreeSet<ModelId>>,
    pub(super) faults: &'a mut Faults,
}

impl Agents<'_> {
    /// Resolves an agent's section; `path` is the prefix of its paths in faults.
    pub(super) fn agent(&mut self, path: &str, section: &AgentSection) -> AgentDefinition {
        let llm = &section.llm;
        // One client of a provider serves all agents, so an agent cannot have a key of its own.
        if llm.api_key.is_some() && !path.is_empty() {
            self.faults.add(
                format!("{path}llm.api_key"),
                "a key",
                "no key here: keys stand in llm.api_key and providers.<name>.api_key",
            );
        }
        let ModelChoice { model, fallbacks, guardrail, context_tokens } = self.model_choice(&format!("{path}llm"), llm);
        let (temperature, max_tokens) = self.sampling(path, llm, &model);
        let graph = self.graph(path, section, &model, temperature, max_tokens);
        // The smallest, since one window serves all states.
        let states = graph.models().filter_map(|(_, choice)| choice.context_tokens);
        let context_tokens = context_tokens.map(|own| states.fold(own, u32::min));
        let tools = self.tools(path, &section.tools);
        let calls = graph.calls().map(|(_, call)| &call.action);
        let callable = tools.iter().map(|tool| &tool.name).chain(calls);
        let action = |name: &ToolName| Some((name.clone(), Arc::clone(self.actions.get(name)?)));
        let actions: BTreeMap<ToolName, Arc<ActionDefinition>> = callable.filter_map(action).collect();
        let safeguards = self.safeguards(path, section);
        self.check_input(path, &safeguards, &actions);
        AgentDefinition {
            name: self.name(path, section),
            description: section.description.clone(),
            system: section.system.clone(),
            context_tokens,
            guardrail,
            model,
            fallbacks,
            temperature,
            max_tokens,
            tools,
            actions,
            safeguards,
            graph,
            memory: self.memory(path, section),
            access: self.access(path, &section.access),
            max_prompt_bytes: self.bytes(path, section),
            max_tokens_limit: self.max_tokens_limit(path, section, max_tokens),
            run_limits: limits::of_agent(path, section.limits, self.faults),
            max_steps: bounded(section.max_steps, 25, 1..=80, &format!("{path}max_steps"), self.faults),
        }
    }

    /// Resolves the names of tools, in the order in which they are written.
    pub(super) fn tools(&mut self, path: &str, names: &[String]) -> Vec<ToolSpec> {
        let mut tools: Vec<ToolSpec> = Vec::new();
        for (index, name) in names.iter().enumerate() {
            let at = format!("{path}tools[{index}]");
            match self.actions.get(&ToolName::new(name.as_str())) {
                Some(action) if tools.iter().any(|tool| tool.name == action.name) => {
                    self.faults.add(at, format!("{} a second time", quoted(name)), "each action once");
                }
                Some(action) => tools.push(action.tool_spec()),
                None => self.faults.add(at, quoted(name), self.action_names()),
            }
        }
        tools
    }

    /// Returns the names of all actions, as faults show them.
    pub(super) fn action_names(&self) -> String {
        let names: Vec<&str> = self.actions.keys().map(ToolName::as_str).collect();
        if names.is_empty() {
            return "the name of an action; there are none under actions".to_owned();
        }
        format!("the name of an action: {}", names.join(", "))
    }

    fn safeguards(&mut self, path: &str, section: &AgentSection) -> Safeguards {
        let policy = section.policy.clone().unwrap_or_else(|| "strict".to_owned());
        policies::check_name(path, &policy, self.file, self.faults);
        let mut model = |key: &str, llm: Option<&StateLlmSection>| {
            let llm = llm?.within(&section.llm, self.llm.provider);
            Some(self.model_choice(&format!("{path}{key}"), &llm))
        };
        Safeguards {
            policy,
            opinion: model("policy_check", section.policy_check.as_ref()),
            planner: model("plan", section.plan.as_ref()),
            input: if section.input == Some(InputName::Untrusted) { Trust::Untrusted } else { Trust::Trusted },
            audits_texts: section.audit == Some(AuditName::Full),
        }
    }

    /// Refuses actions whose own templates read what a stranger wrote: only arguments are judged.
    fn check_input(
        &mut self,
        path: &str,
        safeguards: &Safeguards,
        actions: &BTreeMap<ToolName, Arc<ActionDefinition>>,
    ) {
        if safeguards.input == Trust::Trusted {
            return;
        }
        for action in actions.values().filter(|action| action.reads_input()) {
            let found = format!("untrusted, and templates of the action {} that read input", action.name);
            self.faults.add(format!("{path}input"), found, "actions that are given such values as arguments");
        }
    }

    /// Resolves a model, its fallbacks, and what is configured for them.
    pub(super) fn model_choice(&mut self, at: &str, llm: &LlmSection) -> ModelChoice {
        let model = self.primary(at, llm);
        let fallbacks = self.fallbacks(at, llm);
        let context_tokens = self.context_tokens(at, llm);
        ModelChoice {
            context_tokens: self.smallest_context(context_tokens, &model, &fallbacks),
            guardrail: self.guardrail(at, llm, &model, &fallbacks),
            model,
            fallbacks,
        }
    }

    fn fallbacks(&mut self, at: &str, llm: &LlmSection) -> Vec<ModelRef> {
        let fallbacks = if llm.fallbacks.is_empty() { &self.llm.fallbacks } else { &llm.fallbacks };
        // A fault of an inherited list is reported where the list is written.
        let prefix = if llm.fallbacks.is_empty() { "llm" } else { at };
        let resolved = fallbacks.iter().enumerate().filter_map(|(index, fallback)| {
            let at = format!("{prefix}.fallbacks[{index}]");
            let Some(provider) = fallback.provider else {
                self.faults.add(format!("{at}.provider"), "nothing", PROVIDERS);
                return None;
            };
            Some(self.model_ref(&format!("{at}.model"), provider, fallback.model.as_deref()))
        });
        resolved.collect()
    }

    /// Returns the configured size of the model's context.
    fn context_tokens(&mut self, at: &str, llm: &LlmSection) -> Option<u32> {
        // The top-level context size is that of the top-level model alone.
        let inherited = if llm.provider.is_none() && llm.model.is_none() { self.llm.context_tokens } else { None };
        let context_tokens = llm.context_tokens.or(inherited);
        if context_tokens.is_some_and(|tokens| tokens < 256) {
            let at = if llm.context_tokens.is_some() { at } else { "llm" };
            self.faults.add(
                format!("{at}.context_tokens"),
                format!("{}", context_tokens.unwrap_or_default()),
                "256 or more",
            );
        }
        context_tokens
    }

    /// Returns the smallest context of the models that may be asked, or `None` if the first model's context is unknown.
    fn smallest_context(&self, own: Option<u32>, model: &ModelRef, fallbacks: &[ModelRef]) -> Option<u32> {
        // The smallest, since one window serves all models.
        let own = own.or_else(|| self.rules.context_tokens(model))?;
        // A fallback whose context is unknown is not guessed at.
        Some(fallbacks.iter().filter_map(|model| self.rules.context_tokens(model)).fold(own, u32::min))
    }

    /// Resolves the guardrail, which no other provider than Bedrock would apply.
    fn guardrail(&mut self, at: &str, llm: &LlmSection, model: &ModelRef, fallbacks: &[ModelRef]) -> Option<Guardrail> {
        let at = if llm.guardrail.is_some() { format!("{at}.guardrail") } else { "llm.guardrail".to_owned() };
        // The top-level guardrail is for Bedrock's models, as the top-level model is for its provider: an agent that names another
        // provider has left both.
        let inherits = llm.provider.is_none_or(|own| own == Provider::Bedrock);
        let inherited = self.llm.guardrail.as_ref().filter(|_| inherits);
        let section = llm.guardrail.as_ref().or(inherited)?;
        if let Some(other) = iter::once(model).chain(fallbacks).find(|model| model.provider != Provider::Bedrock) {
            // A guardrail that is silently left out protects nobody.
            self.faults.add(
                &at,
                format!("a guardrail for a model of {}", other.provider),
                "a guardrail only where the model and its fallbacks are all bedrock's",
            );
        }
        let mut required = |key: &str, value: &Option<String>| {
            let value = value.clone().filter(|text| !text.trim().is_empty());
            if value.is_none() {
                self.faults.add(format!("{at}.{key}"), "nothing", format!("the guardrail's {key}"));
            }
            value.unwrap_or_default()
        };
        let (id, version) = (required("id", &section.id), required("version", &section.version));
        // The API's own rule (API reference, "GuardrailConfiguration").
        let is_number =
            !version.starts_with('0') && version.len() <= 8 && version.bytes().all(|byte| byte.is_ascii_digit());
        if !(version.is_empty() || version == "DRAFT" || is_number) {
            self.faults.add(format!("{at}.version"), quoted(&version), "a number from 1 to 99999999, or DRAFT");
        }
        Some(Guardrail { id, version })
    }

    fn name(&mut self, path: &str, section: &AgentSection) -> AgentName {
        let text = section.name.as_deref().unwrap_or("default");
        text.parse().unwrap_or_else(|fault: crate::domain::InvalidName| {
            self.faults.add(format!("{path}name"), quoted(text), fault.to_string());
            // A placeholder: the configuration is refused, but its other faults are found as well.
            AgentName::fallback()
        })
    }

    fn primary(&mut self, at: &str, llm: &LlmSection) -> ModelRef {
        let provider = llm.provider.or(self.llm.provider);
        let Some(provider) = provider else {
            self.faults.add("llm.provider", "nothing", PROVIDERS);
            // A placeholder, so that the agent's other faults are found as well.
            return ModelRef { provider: Provider::Bedrock, model: ModelId::new("") };
        };
        // The top-level model belongs to the top-level provider alone.
        let inherits = llm.provider.is_none_or(|own| self.llm.provider == Some(own));
        let named = llm.model.as_deref().or(if inherits { self.llm.model.as_deref() } else { None });
        let at =
            if llm.provider.is_some() || llm.model.is_some() { format!("{at}.model") } else { "llm.model".to_owned() };
        self.model_ref(&at, provider, named)
    }

    fn model_ref(&mut self, at: &str, provider: Provider, named: Option<&str>) -> ModelRef {
        let named = named.or(self.file.provider(provider).model.as_deref());
        let Some(named) = named.filter(|name| !name.trim().is_empty()) else {
            let hint = self.replaced_provider.map_or_else(String::new, |old| {
                format!(" (the file's model is for {old}; name one in LLM_MODEL or providers.{provider}.model)")
            });
            self.faults.add(at, "nothing", format!("a model of {provider}{hint}"));
            return ModelRef { provider, model: ModelId::new("") };
        };
        let model = ModelRef { provider, model: ModelId::new(named) };
        if let Err(why) = self.rules.check_model(&model) {
            self.faults.add(at, quoted(named), why);
        }
        // Even a model that is refused is recorded, so that its provider's section is checked for a key.
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
            // Zero is the only number that the type refuses.
            self.faults.add(&tokens_at, "0", fault.allowed);
            MaxTokens::DEFAULT
        });
        if let Err((member, allowed)) = self.rules.check_sampling(model, temperature, max_tokens) {
            let at = if member == "max_tokens" { tokens_at } else { temperature_at };
            self.faults.add(at, format!("a {member} that the model refuses"), allowed);
        }
        (temperature, max_tokens)
    }

    /// Returns the largest token limit that a request may name.
    fn max_tokens_limit(&mut self, path: &str, section: &AgentSection, max_tokens: MaxTokens) -> MaxTokens {
        let Some(limit) = section.max_tokens_limit else { return max_tokens };
        let at = format!("{path}max_tokens_limit");
        match MaxTokens::try_from(limit) {
            // A request that names the agent's own limit must not be refused.
            Ok(limit) if limit < max_tokens => {
                let allowed = format!("{} or more, as llm.max_tokens says", max_tokens.get());
                self.faults.add(at, limit.get().to_string(), allowed);
                max_tokens
            }
            Ok(limit) => limit,
            Err(fault) => {
                self.faults.add(at, "0", fault.allowed);
                max_tokens
            }
        }
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
        // An empty list would admit nobody, which is most likely a mistake.
        if groups.is_empty() {
            self.faults.add(
                format!("{path}access.groups"),
                "an empty list",
                "at least one group; remove the agent if nobody may use it",
            );
        }
        Access { groups: groups.into_iter().collect(), tenants: section.tenants.iter().cloned().collect() }
    }

    fn bytes(&mut self, path: &str, section: &AgentSection) -> usize {
        // The largest value leaves room for the rest of a body, which may have 1 MB.
        let bytes =
            bounded(section.max_prompt_bytes, 128 * 1024, 1..=900_000, &format!("{path}max_prompt_bytes"), self.faults);
        usize::try_from(bytes).unwrap_or(128 * 1024)
    }
}
