use std::time::Duration;

use super::*;
use crate::domain::ModelId;

fn reference_document() -> Value {
    json!({
        "server": { "host": "0.0.0.0", "port": 8080 },
        "agent": { "name": "default", "memory_size": 1000, "policy": "strict" },
        "llm": {
            "provider": "bedrock",
            "api_key": "{{ secrets['bedrock/api-key'] }}",
            "model": "anthropic.claude-3-sonnet-20240229-v1:0",
        },
        "authentication": {
            "enabled": true, "provider": "cognito", "user_pool_id": "eu-central-1_Example", "client_id": "people",
        },
    })
}

#[test]
fn the_reference_systems_document_loads_as_it_is() {
    let config = with(reference_document(), &[]).unwrap();
    let agent = only_agent(&config);
    assert_eq!((agent.name.as_str(), agent.memory.window_messages), ("default", 1000));
    assert_eq!(agent.model.provider, Provider::Bedrock);
    assert_eq!(key_references(&config, Provider::Bedrock), ["secrets['bedrock/api-key']"]);
    assert_eq!(config.authentication.unwrap().region, "eu-central-1");
    assert_eq!(config.notes.len(), 1, "server is remarked on once");
}

#[test]
fn the_flat_keys_equal_the_nested_ones() {
    let flat = json!({ "llm_provider": "ollama", "llm_model": "llama3", "llm_api_key": "{{ env['TOKEN'] }}" });
    let config = good(flat);
    assert_eq!(only_agent(&config).model.model.as_str(), "llama3");
    assert!(config.providers[&Provider::Ollama].api_key.is_some());
    let both = json!({ "llm": { "provider": "bedrock", "model": "m" }, "llm_provider": "ollama" });
    assert_eq!(faults_of(both, &[]).len(), 1);
}

#[test]
fn defaults_are_the_documented_ones() {
    let config = good(json!({ "llm": { "provider": "bedrock", "model": "known" } }));
    let agent = only_agent(&config);
    assert_eq!((agent.max_prompt_bytes, agent.max_steps, agent.max_tokens), (131_072, 25, MaxTokens::DEFAULT));
    assert_eq!((agent.memory.window_messages, agent.memory.retention), (100, Duration::from_hours(30 * 24)));
    assert_eq!(agent.context_tokens, Some(200_000), "from the capability table");
    assert_eq!(agent.access.groups.iter().map(String::as_str).collect::<Vec<_>>(), ["admin", "user"]);
    assert!(config.allowed_origins.is_empty());
}

#[test]
fn an_agent_inherits_what_it_leaves_out_but_not_another_providers_model() {
    let config = good(json!({
        "llm": { "provider": "bedrock", "model": "m", "max_tokens": 9 },
        "providers": { "ollama": { "model": "llama3" } },
        "agents": [
            { "name": "a" },
            { "name": "b", "llm": { "provider": "ollama", "fallbacks": [{ "provider": "bedrock", "model": "f" }] } },
        ],
    }));
    let a = &config.agents[&"a".parse().unwrap()];
    assert_eq!((a.model.model.as_str(), a.max_tokens.get()), ("m", 9));
    let b = &config.agents[&"b".parse().unwrap()];
    assert_eq!(b.model.model.as_str(), "llama3");
    assert_eq!(b.fallbacks, [ModelRef { provider: Provider::Bedrock, model: ModelId::new("f") }]);
    assert_eq!(config.providers[&Provider::Bedrock].models.len(), 2);
}

#[test]
fn the_window_fits_every_model_that_may_be_asked() {
    let fallbacks = json!([{ "provider": "bedrock", "model": "known" }]);
    let context = |tokens: Value| {
        let llm = json!({ "provider": "bedrock", "model": "m", "context_tokens": tokens, "fallbacks": fallbacks });
        only_agent(&good(json!({ "llm": llm }))).context_tokens
    };
    assert_eq!(context(json!(1000)), Some(1000));
    assert_eq!(context(json!(1_000_000)), Some(200_000));
    assert_eq!(context(Value::Null), None, "the first model's context is unknown");
}

#[test]
fn base_urls_are_https_or_loopback() {
    for url in ["https://models.example.com/v1", "http://127.0.0.1:8080", "http://localhost/v1", "http://[::1]:1/"] {
        assert!(checked_base_url(url).is_ok(), "{url}");
    }
    for url in [
        "http://models.example.com",
        "http://127.0.0.1.example.com",
        "http://localhost.example.com",
        "ftp://localhost",
        "models",
        "https://user@example.com",
        "https://u:p@example.com",
        "https://example.com?x=1",
        "https://example.com#x",
        "http://10.0.0.5:11434",
    ] {
        assert!(checked_base_url(url).is_err(), "{url}");
    }
}

#[test]
fn the_schema_says_what_the_types_accept() {
    let schema = json_schema(&[]);
    assert_eq!(schema["additionalProperties"], json!(false));
    assert_eq!(schema["properties"]["llm_provider"]["$ref"], json!("#/$defs/Provider"));
    assert_eq!(schema["$defs"]["Provider"]["enum"], json!(["bedrock", "anthropic", "openai", "ollama"]));
    assert!(!schema.to_string().contains("\"null\""), "people leave a key out rather than write null");
}
