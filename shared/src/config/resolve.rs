//! From the file as written to the configuration as used: defaults, inheritance, names, ranges.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::actions;
use super::agents::Agents;
use super::authentication;
use super::check::Check;
use super::faults::Faults;
use super::file::{AgentSection, ConfigFile, ProviderSection};
use super::limits;
use super::llm_file::LlmSection;
use super::policies;
use super::providers;
use super::settings::{Config, ProviderConfig};
use super::shown::quoted;
use crate::domain::Provider;

/// Resolves the file. The result is usable only if no fault was added.
pub(super) fn resolve(file: &ConfigFile, check: &Check<'_>, faults: &mut Faults) -> Config {
    let llm = checked_llm(file, faults);
    let sections = agent_sections(file);
    let Check { rules, replaced_provider, .. } = *check;
    let mut resolver =
        Agents { file, llm: &llm, rules, replaced_provider, actions: BTreeMap::new(), used: BTreeMap::new(), faults };
    resolver.actions = actions::resolve(&mut resolver, check);
    let mut agents = BTreeMap::new();
    for (path, section) in &sections {
        // The section as a whole is faulty, so its contents would only repeat that.
        if resolver.faults.is_known(path.trim_end_matches('.')) {
            continue;
        }
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
    let (used, actions) = (resolver.used, resolver.actions);
    let inherited = llm.api_key.as_deref().zip(llm.provider);
    let key_path = if file.llm.api_key.is_some() { "llm.api_key" } else { "llm_api_key" };
    let mut configs = BTreeMap::new();
    // Sections of providers that no agent uses are checked too, but only used ones are configured and need a key.
    for provider in Provider::ALL {
        let key = inherited.and_then(|(key, owner)| (owner == provider).then_some((key, key_path)));
        let mut config = providers::resolve(provider, file.provider(provider), key, check.directory, faults);
        if let Some(models) = used.get(&provider) {
            config.models.clone_from(models);
            configs.insert(provider, config);
        }
    }
    if check.stage.needs_keys() {
        require_keys(&configs, faults);
    }
    refuse_unused(&file.providers.bedrock, faults);
    Config {
        agents,
        actions,
        policies: policies::resolve(file, faults),
        providers: configs,
        operator_group: authentication::operator_group(&file.authentication, faults),
        authentication: authentication::resolve(
            &file.authentication,
            check.environment.is_local(),
            check.stage,
            faults,
        ),
        allowed_origins: origins(&file.cors.allowed_origins, faults),
        access_token_in_query: file.websocket.access_token_in_query.unwrap_or(false),
        limits: limits::resolve(&file.limits, faults),
        notes: notes(file),
    }
}

/// Returns remarks on settings that have no effect.
fn notes(file: &ConfigFile) -> Vec<&'static str> {
    let server =
        file.server.is_some().then_some("server.host and server.port have no effect on Lambda and are ignored");
    server.into_iter().collect()
}

/// Refuses Anthropic and `OpenAI` without a key.
fn require_keys(configs: &BTreeMap<Provider, ProviderConfig>, faults: &mut Faults) {
    for (provider, config) in configs {
        // Another server that speaks their protocol may do without a key.
        let needs_key = matches!(provider, Provider::Anthropic | Provider::OpenAi) && config.base_url.is_none();
        let base_url = format!("providers.{provider}.base_url");
        // A key or an address that is faulty already should not be reported as missing too.
        let is_faulty = ["llm.api_key", "llm_api_key", &base_url].iter().any(|path| faults.is_known(path));
        if needs_key && config.api_key.is_none() && !is_faulty {
            faults.add(
                format!("providers.{provider}.api_key"),
                "nothing",
                format!("a key, since {provider} refuses requests without one"),
            );
        }
    }
}

/// Refuses settings that would silently do nothing: the AWS SDK reaches Bedrock and has its own.
fn refuse_unused(bedrock: &ProviderSection, faults: &mut Faults) {
    let given = [
        (
            "base_url",
            bedrock.base_url.is_some(),
            "none for bedrock; AWS_ENDPOINT_URL_BEDROCK_RUNTIME names another endpoint",
        ),
        ("headers", !bedrock.headers.is_empty(), "none for bedrock"),
        ("ca", bedrock.ca.is_some(), "none for bedrock"),
    ];
    for (key, _, allowed) in given.into_iter().filter(|(_, is_given, _)| *is_given) {
        faults.add(format!("providers.bedrock.{key}"), "a setting that bedrock does not take", allowed);
    }
}

/// Returns the top-level model after checking that the flat keys say the same.
fn checked_llm(file: &ConfigFile, faults: &mut Faults) -> LlmSection {
    let nested = &file.llm;
    if nested.provider.is_some() && file.llm_provider.is_some() && nested.provider != file.llm_provider {
        faults.add("llm_provider", "another provider than llm.provider", "one of the two");
    }
    if nested.model.is_some() && file.llm_model.is_some() && nested.model != file.llm_model {
        faults.add("llm_model", "another model than llm.model", "one of the two");
    }
    if nested.api_key.is_some() && file.llm_api_key.is_some() && nested.api_key != file.llm_api_key {
        faults.add("llm_api_key", "another key than llm.api_key", "one of the two");
    }
    let llm = file.top_level_llm();
    if llm.api_key.is_some() && llm.provider.is_none() {
        faults.add(
            "llm.provider",
            "nothing",
            "the provider that llm.api_key is for: bedrock, anthropic, openai, ollama",
        );
    }
    llm
}

/// Returns the agents with the prefixes of their paths; one agent named `default` if the file has none.
fn agent_sections(file: &ConfigFile) -> Vec<(String, AgentSection)> {
    let single = file.agent.iter().map(|agent| ("agent.".to_owned(), agent.clone()));
    let many = file.agents.iter().enumerate().map(|(index, agent)| (format!("agents[{index}]."), agent.clone()));
    let mut sections: Vec<(String, AgentSection)> = single.chain(many).collect();
    if sections.is_empty() {
        sections.push((String::new(), AgentSection::default()));
    }
    sections
}

fn origins(list: &[String], faults: &mut Faults) -> BTreeSet<String> {
    for (index, origin) in list.iter().enumerate() {
        // Browsers send the canonical form, so no other spelling would ever match.
        let canonical = url::Url::parse(origin).ok().map(|url| url.origin().ascii_serialization());
        if origin != "*" && canonical.as_deref() != Some(origin) {
            faults.add(
                format!("cors.allowed_origins[{index}]"),
                quoted(origin),
                "an origin such as https://app.example.com, or *",
            );
        }
    }
    list.iter().cloned().collect()
}
