use super::*;
use crate::domain::ModelId;

#[test]
fn the_environment_overrides_any_scalar_and_is_named_in_faults() {
    let document = signed_in(json!({
        "llm": { "provider": "bedrock", "model": "m" },
        "agents": [{ "name": "a" }, { "name": "b" }],
    }));
    let pairs = [
        ("OPENCLAW__AGENTS__1__MEMORY_SIZE", "7"),
        ("OPENCLAW__AUTHENTICATION__CLIENT_ID", "12345"),
        ("OPENCLAW__PROVIDERS__OPENAI__MODEL", "gpt"),
    ];
    let config = with(document.clone(), &pairs).unwrap();
    assert_eq!(config.agents[&"b".parse().unwrap()].memory.window_messages, 7);
    assert_eq!(config.authentication.unwrap().client_id, "12345");
    let pairs = [("OPENCLAW__AGENTS__1__MEMORY_SIZE", "lots"), ("OPENCLAW__AGENTS__5__NAME", "x")];
    let error = with(document, &pairs).unwrap_err();
    let found: Vec<&str> = error.0.iter().map(|fault| fault.source.as_str()).collect();
    assert!(found.contains(&"OPENCLAW__AGENTS__1__MEMORY_SIZE"), "{error}");
    assert_eq!(error.0.len(), 2, "{error}");
}

#[test]
fn a_provider_is_switched_by_one_variable_and_keeps_keys_apart() {
    let document = signed_in(json!({
        "llm": { "provider": "bedrock", "model": "m", "api_key": "{{ secrets['bedrock/api-key'] }}" },
        "providers": { "openai": { "model": "gpt", "api_key": "{{ secrets['openai/api-key'] }}" } },
    }));
    let switched = |pairs: &[(&str, &str)]| with(document.clone(), pairs);
    let config = switched(&[("LLM_PROVIDER", "openai")]).unwrap();
    assert_eq!(only_agent(&config).model, ModelRef { provider: Provider::OpenAi, model: ModelId::new("gpt") });
    assert_eq!(key_references(&config, Provider::OpenAi), ["secrets['openai/api-key']"]);
    let config = switched(&[("LLM_PROVIDER", "ollama"), ("LLM_MODEL", "llama3"), ("LLM_API_KEY", "t")]).unwrap();
    assert_eq!(only_agent(&config).model.model.as_str(), "llama3");
    let config = switched(&[("OPENCLAW__LLM__PROVIDER", "openai")]).unwrap();
    assert_eq!(only_agent(&config).model.model.as_str(), "gpt");
    assert_eq!(key_references(&config, Provider::OpenAi), ["secrets['openai/api-key']"], "however it is switched");
    let error = switched(&[("LLM_PROVIDER", "anthropic")]).unwrap_err().to_string();
    assert!(error.contains("the file's model is for bedrock"), "{error}");
    let error = switched(&[("LLM_PROVIDER", "bedrok")]).unwrap_err().to_string();
    assert!(error.contains("LLM_PROVIDER: llm.provider: found \"bedrok\""), "{error}");
}

#[test]
fn faults_that_only_the_environment_makes_name_the_environment() {
    let document = json!({ "llm": { "provider": "bedrock", "model": "m" } });
    let pairs = [("OPENCLAW__NOPE__X", "1"), ("OPENCLAW__AGENTS__0__NAME", "z")];
    let found = faults_of(document.clone(), &pairs);
    assert!(found[0].starts_with("OPENCLAW__NOPE__X: nope: found an unknown key"), "{found:?}");
    assert!(found[1].contains("agents[0].name: found OPENCLAW__AGENTS__0__NAME, which leads"), "{found:?}");
    let pairs = [("OPENCLAW_DEADLINE_MS", "abc"), ("OPENCLAW_LOG_LEVEL", "loud"), ("LLM_PROVIDER", "x")];
    let expected = [
        "LLM_PROVIDER: llm.provider: found \"x\"; allowed: bedrock, anthropic, openai, ollama",
        "environment: OPENCLAW_DEADLINE_MS: found \"abc\"; allowed: a whole number of milliseconds from 1",
        "environment: OPENCLAW_LOG_LEVEL: found \"loud\"; allowed: error, warn, info, debug",
    ];
    assert_eq!(faults_of(document, &pairs), expected);
}

/// A value that cannot be read must not admit everybody.
#[test]
fn connections_may_be_opened_from_anywhere_only_if_nothing_is_set() {
    let allowed = |value: &str| Environment::from_pairs([("OPENCLAW_ALLOWED_CIDRS", value)]).allowed_cidrs();
    assert_eq!(Environment::default().allowed_cidrs(), Ok(None));
    assert_eq!(allowed("none"), Ok(Some(Vec::new())));
    assert_eq!(allowed("192.0.2.0/24, 2001:db8::/32").map(|blocks| blocks.map(|blocks| blocks.len())), Ok(Some(2)));
    assert_eq!(allowed("192.0.2.0/24@2030-12-31"), Ok(Some(vec!["192.0.2.0/24@2030-12-31".parse().unwrap()])));
    for wrong in ["", " ", "192.0.2.0", "192.0.2.0/33", "192.0.2.0/24,", "192.0.2.0/24@2030-13-01", "everywhere"] {
        assert!(allowed(wrong).is_err(), "{wrong:?}");
        let expected = format!(
            "environment: OPENCLAW_ALLOWED_CIDRS: found {wrong:?}; allowed: blocks such as 192.0.2.0/24 or \
             192.0.2.0/24@2030-12-31 with commas between them, or none"
        );
        let document = json!({ "llm": { "provider": "bedrock", "model": "m" } });
        assert_eq!(faults_of(document, &[("OPENCLAW_ALLOWED_CIDRS", wrong)]), [expected]);
    }
}

#[test]
fn the_environments_key_replaces_the_documents() {
    let document = json!({
        "llm": { "provider": "openai", "model": "m" },
        "providers": { "openai": { "api_key": "{{ env['OLD'] }}" } },
    });
    let config = with(signed_in(document.clone()), &[("LLM_API_KEY", "{{ env['NEW'] }}")]).unwrap();
    assert_eq!(key_references(&config, Provider::OpenAi), ["env['NEW']"]);
    let found = faults_of(document, &[("LLM_API_KEY", "{{ env['NEW'")]);
    assert_eq!(found.len(), 1, "it is checked even if it is faulty: {found:?}");
}
