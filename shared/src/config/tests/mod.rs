//! Documents that load, documents that are refused with every fault at once, and what a bundle says about them.

mod actions;
mod authentication;
mod bundle;
mod faults;
mod loading;
mod overrides;
mod rights;
mod shown;
mod states;
mod steering;

use std::path::Path;

use serde_json::{Value, json};

use super::*;
use crate::agent::{AgentDefinition, FullSchemaChecks, SchemaChecks};
use crate::domain::{MaxTokens, ModelRef, Provider, Temperature};

/// Rules that know a model with a small range of temperatures and one that cannot be invoked.
struct Rules;

impl ModelRules for Rules {
    fn check_model(&self, model: &ModelRef) -> Result<(), String> {
        if model.model.as_str() == "bare" { Err("a deployment".to_owned()) } else { Ok(()) }
    }

    fn check_sampling(
        &self,
        model: &ModelRef,
        temperature: Option<Temperature>,
        _: MaxTokens,
    ) -> Result<(), (&'static str, String)> {
        let cold = model.model.as_str() == "cold" && temperature.is_some();
        if cold { Err(("temperature", "no temperature".to_owned())) } else { Ok(()) }
    }

    fn context_tokens(&self, model: &ModelRef) -> Option<u32> {
        (model.model.as_str() == "known").then_some(200_000)
    }

    fn action_kinds(&self) -> &[&'static dyn ActionKind] {
        &[&actions::Call, &actions::Ask]
    }

    fn schemas(&self) -> &dyn SchemaChecks {
        &FullSchemaChecks
    }

    fn default_base_url(&self, provider: Provider) -> Option<&'static str> {
        match provider {
            Provider::Bedrock => None,
            Provider::Anthropic => Some("https://anthropic.example.com"),
            Provider::OpenAi => Some("https://openai.example.com/v1"),
            Provider::Ollama => Some("http://127.0.0.1:11434"),
        }
    }
}

/// Adds a user pool and a client to the document, unless it has some.
fn signed_in(mut document: Value) -> Value {
    if let Some(sections) = document.as_object_mut() {
        sections
            .entry("authentication")
            .or_insert_with(|| json!({ "user_pool_id": "eu-central-1_Example", "client_id": "people" }));
    }
    document
}

/// Loads the document as it is.
#[expect(clippy::needless_pass_by_value, reason = "tests hand over literals")]
fn with(document: Value, pairs: &[(&str, &str)]) -> Result<Config, ConfigError> {
    let bundle = json!({ "revision": 1, "sha256": "", "document": document }).to_string();
    load(&bundle, "bundle.json", &Environment::from_pairs(pairs.iter().copied()), &Rules)
}

#[track_caller]
fn good(document: Value) -> Config {
    with(signed_in(document), &[]).unwrap_or_else(|error| panic!("{error}"))
}

#[track_caller]
fn faults_of(document: Value, pairs: &[(&str, &str)]) -> Vec<String> {
    let error = with(signed_in(document), pairs).err().unwrap_or_else(|| panic!("it was accepted"));
    error.0.iter().map(ToString::to_string).collect()
}

fn only_agent(config: &Config) -> &AgentDefinition {
    config.agents.values().next().unwrap()
}

/// Returns the secrets that a provider's key names.
fn key_references(config: &Config, provider: Provider) -> Vec<String> {
    let key = config.providers[&provider].api_key.iter();
    key.flat_map(|key| key.references().map(ToString::to_string)).collect()
}

fn source(value: &Value) -> SourceDocument<'_> {
    SourceDocument { value, source: "openclaw.yaml", directory: Path::new("") }
}
