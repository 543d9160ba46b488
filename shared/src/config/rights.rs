//! The rights that a deployment has to grant for a configuration: models, secrets, parameters, clients, hosts.
//!
//! Derived from the types that the check reads, never from the document's text.

use std::collections::BTreeSet;
use std::iter;

use serde::{Deserialize, Serialize};
use url::Url;

use super::action_file::ActionSection;
use super::address::{checked_base_url, is_loopback};
use super::file::{ConfigFile, ProviderSection};
use super::llm_file::LlmSection;
use super::rules::ModelRules;
use crate::domain::{ModelId, ModelRef, Provider, SecretRef, SecretTemplate, TemplatePart};

/// The parts of a header's name by which its value counts as a credential.
const CREDENTIAL_WORDS: [&str; 6] = ["auth", "cookie", "key", "pass", "secret", "token"];

/// The rights that a deployment has to grant. Every list is sorted and has no entry twice.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Rights {
    /// Every model that the document names: the top-level one, those of agents, fallbacks and providers.
    pub models: BTreeSet<ModelRef>,
    /// The top-level model, which `LLM_PROVIDER` and `LLM_MODEL` override.
    pub default_model: DefaultModel,
    /// Whether Bedrock has a key configured, so that roles need no right to sign.
    pub bedrock_api_key: bool,
    /// The names in `{{ secrets['name#key'] }}`, without the key.
    pub secrets: BTreeSet<String>,
    /// Those of `secrets` that only actions use, so that only functions that run agents read them.
    pub action_secrets: BTreeSet<String>,
    /// The paths in `{{ ssm['/path'] }}`.
    pub parameters: BTreeSet<String>,
    /// Those of `parameters` that only actions use.
    pub action_parameters: BTreeSet<String>,
    /// The keys of `authentication.clients`.
    pub clients: BTreeSet<String>,
    /// The hosts at which providers and targets of actions are reached, as `host:port`; without Bedrock, the loopback interface, and addresses
    /// that hold a secret.
    pub hosts: BTreeSet<String>,
    /// The guardrails of Bedrock.
    pub guardrails: BTreeSet<String>,
    /// The tables of actions.
    pub tables: BTreeSet<String>,
    /// The functions of actions.
    pub functions: BTreeSet<String>,
    /// The networks inside the deployment's own that actions reach, as `cidr:port`.
    pub private: BTreeSet<String>,
    /// The database clusters of actions, as ARNs.
    pub clusters: BTreeSet<String>,
    /// The secrets of databases, as ARNs.
    pub database_secrets: BTreeSet<String>,
    /// The paths of credentials that are written in the clear.
    pub literal_keys: BTreeSet<String>,
}

/// The top-level `llm` as written, the flat keys folded in.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct DefaultModel {
    /// The provider.
    pub provider: Option<Provider>,
    /// The model.
    pub model: Option<String>,
}

impl Rights {
    /// Derives the rights of a document that has passed its check.
    pub(super) fn of(file: &ConfigFile, rules: &dyn ModelRules) -> Self {
        let llm = file.top_level_llm();
        let llms = file.llms(&llm);
        let mut rights = Self {
            default_model: DefaultModel { provider: llm.provider, model: llm.model.clone() },
            clients: file.authentication.clients.keys().cloned().collect(),
            guardrails: iter::once(&llm).chain(&llms).filter_map(|llm| llm.guardrail.as_ref()?.id.clone()).collect(),
            ..Self::default()
        };
        rights.add_models(file, &llm, &llms);
        rights.add_keys(file, &llm);
        let named = named_providers(&llm, &llms);
        for provider in Provider::ALL {
            let section = file.provider(provider);
            rights.add_provider(provider, section);
            // A provider that is only configured counts too, since `LLM_PROVIDER` may select it without a new bundle.
            if named.contains(&provider) || *section != ProviderSection::default() {
                rights.hosts.extend(host(provider, section, rules));
            }
        }
        let of_providers = (rights.secrets.clone(), rights.parameters.clone());
        for (index, action) in file.actions.iter().enumerate() {
            rights.add_action(&format!("actions[{index}]"), action, rules);
        }
        rights.action_secrets = &rights.secrets - &of_providers.0;
        rights.action_parameters = &rights.parameters - &of_providers.1;
        rights
    }

    /// Adds what an action needs, as its kind says.
    fn add_action(&mut self, path: &str, action: &ActionSection, rules: &dyn ModelRules) {
        let kind = rules.action_kinds().iter().find(|kind| Some(kind.name()) == action.kind.as_deref());
        let Some(kind) = kind else { return };
        let own = kind.rights(&action.settings);
        self.hosts.extend(own.hosts);
        self.private.extend(own.private);
        self.functions.extend(own.functions);
        self.tables.extend(own.tables);
        self.clusters.extend(own.clusters);
        self.database_secrets.extend(own.database_secrets);
        for (below, text) in own.templates {
            let name = below.rsplit('.').next().unwrap_or_default();
            if carries_credential(name, &text) && !text.contains("{{ arguments") {
                self.add_credential(format!("{path}.{below}"), &text);
            } else {
                self.add_references(&text);
            }
        }
    }

    fn add_models(&mut self, file: &ConfigFile, llm: &LlmSection, llms: &[LlmSection]) {
        self.add_model(llm.provider, llm.model.as_deref());
        for own in llms {
            self.add_model(own.provider, own.model.as_deref());
        }
        for (provider, model) in fallbacks(llm, llms) {
            self.add_model(provider, model);
        }
        for provider in Provider::ALL {
            self.add_model(Some(provider), file.provider(provider).model.as_deref());
        }
    }

    fn add_model(&mut self, provider: Option<Provider>, model: Option<&str>) {
        let named = provider.zip(model.filter(|model| !model.trim().is_empty()));
        self.models.extend(named.map(|(provider, model)| ModelRef { provider, model: ModelId::new(model) }));
    }

    /// Adds what the keys of the top-level `llm` need.
    fn add_keys(&mut self, file: &ConfigFile, llm: &LlmSection) {
        self.bedrock_api_key = file.providers.bedrock.api_key.is_some()
            || (llm.api_key.is_some() && llm.provider == Some(Provider::Bedrock));
        for (path, key) in [("llm.api_key", &file.llm.api_key), ("llm_api_key", &file.llm_api_key)] {
            if let Some(key) = key {
                self.add_credential(path.to_owned(), key);
            }
        }
    }

    fn add_provider(&mut self, provider: Provider, section: &ProviderSection) {
        if let Some(key) = &section.api_key {
            self.add_credential(format!("providers.{provider}.api_key"), key);
        }
        for (name, value) in &section.headers {
            let path = format!("providers.{provider}.headers.{name}");
            if carries_credential(name, value) {
                self.add_credential(path, value);
            } else {
                self.add_references(value);
            }
        }
        if let Some(url) = &section.base_url {
            self.add_references(url);
            if holds_password(url) {
                self.literal_keys.insert(format!("providers.{provider}.base_url"));
            }
        }
    }

    fn add_credential(&mut self, path: String, text: &str) {
        self.add_references(text);
        if is_literal(text) {
            self.literal_keys.insert(path);
        }
    }

    fn add_references(&mut self, text: &str) {
        // The check has refused every text that is not a template.
        let Ok(template) = SecretTemplate::parse(text) else { return };
        for reference in template.references() {
            match reference {
                SecretRef::Secret { name, .. } => self.secrets.insert(name.clone()),
                SecretRef::Parameter(path) => self.parameters.insert(path.clone()),
                // Variables of the environment need no right.
                SecretRef::Environment(_) => false,
            };
        }
    }
}

/// Returns the fallbacks of the top-level `llm`, of every agent and of every state.
fn fallbacks<'a>(
    llm: &'a LlmSection,
    llms: &'a [LlmSection],
) -> impl Iterator<Item = (Option<Provider>, Option<&'a str>)> {
    let all = llm.fallbacks.iter().chain(llms.iter().flat_map(|own| &own.fallbacks));
    all.map(|fallback| (fallback.provider, fallback.model.as_deref()))
}

fn named_providers(llm: &LlmSection, llms: &[LlmSection]) -> BTreeSet<Provider> {
    let own = llms.iter().filter_map(|own| own.provider);
    let fallbacks = fallbacks(llm, llms).filter_map(|(provider, _)| provider);
    llm.provider.into_iter().chain(own).chain(fallbacks).collect()
}

/// Returns the host of a provider; `None` where it is on the loopback interface or an address that holds a secret.
fn host(provider: Provider, section: &ProviderSection, rules: &dyn ModelRules) -> Option<String> {
    let address = section.base_url.as_deref().or_else(|| rules.default_base_url(provider))?;
    let url: Url = checked_base_url(address).ok()?;
    if is_loopback(&url) {
        return None;
    }
    Some(format!("{}:{}", url.host()?, url.port_or_known_default()?))
}

/// Returns whether a header carries a credential, by its name or by the scheme that its value begins with.
fn carries_credential(name: &str, value: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let scheme = value.split_once(' ').map_or("", |(scheme, _)| scheme);
    // A header that is wrongly taken for a credential only has to be a reference. One that is missed would put a key
    // into Terraform's state.
    CREDENTIAL_WORDS.iter().any(|word| name.contains(word))
        || ["basic", "bearer"].iter().any(|known| scheme.eq_ignore_ascii_case(known))
}

/// Returns whether a credential is written in the clear: any text but references and a scheme such as `Bearer ` in front.
fn is_literal(text: &str) -> bool {
    // What cannot be read may be a key.
    let Ok(template) = SecretTemplate::parse(text) else { return true };
    let parts = template.parts();
    let after_scheme = match parts {
        // A scheme with nothing behind it is itself the value.
        [TemplatePart::Literal(scheme), rest @ ..] if !rest.is_empty() && is_scheme(scheme) => rest,
        all => all,
    };
    after_scheme.iter().any(|part| matches!(part, TemplatePart::Literal(_)))
}

fn is_scheme(text: &str) -> bool {
    text.strip_suffix(' ').is_some_and(|word| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_alphabetic()))
}

/// Returns whether the text of an address holds a user or a password beside its references.
fn holds_password(url: &str) -> bool {
    let Ok(template) = SecretTemplate::parse(url) else { return true };
    template.parts().iter().any(|part| matches!(part, TemplatePart::Literal(text) if text.contains('@')))
}
