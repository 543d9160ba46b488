//! What loads, what is refused, and that everything wrong is said at once.

use serde_json::json;

use super::*;

/// Rules that know one model too hot and one that cannot be invoked.
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
}

const REFERENCE: &str = r#"
server: { host: 0.0.0.0, port: 8080 }
agent: { name: default, memory_size: 1000, policy: strict }
llm:
  provider: bedrock
  api_key: "{{ secrets['bedrock/api-key'] }}"
  model: anthropic.claude-3-sonnet-20240229-v1:0
authentication: { enabled: true, provider: cognito, user_pool_id: eu-central-1_Example, client_id: people }
"#;

const SIGNED_IN: &str = "authentication: { user_pool_id: eu-central-1_Example, client_id: people }\n";

fn with(text: &str, pairs: &[(&str, &str)]) -> Result<Config, ConfigError> {
    load(text, "openclaw.yaml", &Environment::from_pairs(pairs.iter().copied()), &Rules)
}

fn good(text: &str) -> Config {
    with(&format!("{SIGNED_IN}{text}"), &[]).unwrap_or_else(|error| panic!("{error}"))
}

fn faults(text: &str, pairs: &[(&str, &str)]) -> Vec<String> {
    let error = with(&format!("{SIGNED_IN}{text}"), pairs).err().unwrap_or_else(|| panic!("was taken: {text}"));
    error.0.iter().map(ToString::to_string).collect()
}

fn only_agent(config: &Config) -> &AgentDefinition {
    config.agents.values().next().unwrap()
}

#[test]
fn the_reference_systems_file_loads_as_it_is() {
    let config = with(REFERENCE, &[]).unwrap();
    let agent = only_agent(&config);
    assert_eq!((agent.name.as_str(), agent.memory.window_messages), ("default", 1000));
    assert_eq!(agent.model.provider, Provider::Bedrock);
    let key = config.providers[&Provider::Bedrock].api_key.as_ref().unwrap();
    assert_eq!(key.references().map(ToString::to_string).collect::<Vec<_>>(), ["secrets['bedrock/api-key']"]);
    assert_eq!(config.authentication.unwrap().region, "eu-central-1");
    assert_eq!(config.notes.len(), 1, "server is said once");
}

#[test]
fn the_flat_keys_are_the_nested_ones() {
    let config = good("llm_provider: ollama\nllm_model: llama3\nllm_api_key: \"{{ env['TOKEN'] }}\"\n");
    assert_eq!(only_agent(&config).model.model.as_str(), "llama3");
    assert!(config.providers[&Provider::Ollama].api_key.is_some());
    assert_eq!(faults("llm: {provider: bedrock, model: m}\nllm_provider: ollama\n", &[]).len(), 1);
}

#[test]
fn defaults_are_the_contracts() {
    let config = good("llm: {provider: bedrock, model: known}\n");
    let agent = only_agent(&config);
    assert_eq!((agent.max_prompt_bytes, agent.max_steps, agent.max_tokens), (131_072, 25, MaxTokens::DEFAULT));
    assert_eq!((agent.memory.window_messages, agent.memory.retention), (100, Duration::from_hours(30 * 24)));
    assert_eq!(agent.context_tokens, Some(200_000), "from the capability table");
    assert_eq!(agent.access.groups.iter().map(String::as_str).collect::<Vec<_>>(), ["admin", "user"]);
    assert!(config.allowed_origins.is_empty());
}

#[test]
fn every_fault_is_reported_at_once_with_its_place() {
    let found = faults(
        r"
llm: { provider: bedrok, model: m, temperature: 5 }
serve: {}
agents:
  - { name: good, memory_size: many }
  - { name: 'bad name', llm: { provider: openai, model: m, max_token: 3 }, tools: [search] }
cors: { allowed_origins: ['https://app.example.com/path'] }
",
        &[],
    );
    let expected = [
        "openclaw.yaml: agents[0].memory_size: found \"many\"; allowed: a whole number of 0 or more",
        "openclaw.yaml: agents[1].llm.max_token: found an unknown key; allowed: one of provider, model, api_key, temperature, \
         max_tokens, context_tokens, fallbacks",
        "openclaw.yaml: agents[1].name: found \"bad name\"; allowed: 1 to 64 characters of a-z, A-Z, 0-9, _ and -",
        "openclaw.yaml: agents[1].tools[0]: found \"search\", which is not registered; allowed: a registered action's name; \
         none is registered",
        "openclaw.yaml: cors.allowed_origins[0]: found \"https://app.example.com/path\"; allowed: an origin such as \
         https://app.example.com, or *",
        "openclaw.yaml: llm.provider: found \"bedrok\"; allowed: bedrock, anthropic, openai, ollama",
        "openclaw.yaml: llm.temperature: found 5; allowed: a number from 0 to 2",
        "openclaw.yaml: providers.openai.api_key: found nothing; allowed: a key, since openai takes no call without one",
        "openclaw.yaml: serve: found an unknown key; allowed: one of server, agent, agents, llm, llm_provider, \
         llm_api_key, llm_model, providers, authentication, cors, websocket",
    ];
    assert_eq!(found, expected);
}

#[test]
fn faults_in_lists_and_missing_values_keep_their_places() {
    let found = faults(
        "llm: {provider: bedrock, model: m, fallbacks: [{model: x}, {provider: 5}]}\n\
         agents: [{name: a, access: {groups: [1, x, {}]}}, 7]\ncors: no\n",
        &[],
    );
    let expected = [
        "openclaw.yaml: agents[0].access.groups[0]: found 1; allowed: text",
        "openclaw.yaml: agents[0].access.groups[2]: found a mapping; allowed: text",
        "openclaw.yaml: agents[1]: found 7; allowed: a mapping",
        "openclaw.yaml: cors: found \"no\"; allowed: a mapping",
        "openclaw.yaml: llm.fallbacks[0].provider: found nothing; allowed: bedrock, anthropic, openai, ollama",
        "openclaw.yaml: llm.fallbacks[1].provider: found 5; allowed: text",
    ];
    assert_eq!(found, expected);
    let many = format!("agents: [{}]\n", "{a: 1, b: 2}, ".repeat(80));
    assert_eq!(faults(&many, &[]).len(), 100, "a limit, not an endless list");
}

#[test]
fn ranges_are_checked_also_where_the_types_fit() {
    let found = faults(
        "llm: {provider: bedrock, model: m, temperature: 2.5, max_tokens: 0}\n\
         agent: {memory_size: 0, max_steps: 101, max_prompt_bytes: 1000000, memory: {retention_days: 0}}\n",
        &[],
    );
    for place in [
        "llm.temperature",
        "llm.max_tokens",
        "agent.memory_size",
        "agent.max_steps",
        "agent.max_prompt_bytes",
        "agent.memory.retention_days",
    ] {
        assert!(found.iter().any(|fault| fault.contains(&format!(" {place}: "))), "{place} in {found:?}");
    }
}

#[test]
fn what_only_the_provider_knows_is_checked_too() {
    assert_eq!(
        faults("llm: {provider: bedrock, model: bare}\n", &[]),
        ["openclaw.yaml: llm.model: found \"bare\"; allowed: a deployment"]
    );
    let found = faults("llm: {provider: bedrock, model: cold, temperature: 1}\n", &[]);
    assert_eq!(
        found,
        ["openclaw.yaml: llm.temperature: found a temperature that the model refuses; allowed: no temperature"]
    );
}

#[test]
fn no_fault_shows_a_key() {
    let text = "llm: {provider: openai, model: m, api_key: [SECRET-VALUE]}\n\
                providers: {openai: {api_key: '{{ SECRET-VALUE }}', headers: {x: [SECRET-VALUE], 'bad name': SECRET-VALUE, y: \"SECRET-VALUE\\n\"}, \
                base_url: 'http://user:SECRET-VALUE@example.com'}}\n";
    let found = faults(text, &[]);
    assert!(found.len() >= 4, "{found:?}");
    assert!(!found.join("\n").contains("SECRET-VALUE"), "{found:?}");
    let broken = faults("llm: {api_key: 'SECRET-VALUE\n", &[]);
    assert!(!broken.join("\n").contains("SECRET-VALUE"), "{broken:?}");
}

#[test]
fn the_environment_overrides_any_scalar_and_is_named_in_faults() {
    let text = format!("{SIGNED_IN}llm: {{provider: bedrock, model: m}}\nagents: [{{name: a}}, {{name: b}}]\n");
    let pairs = [
        ("OPENCLAW__AGENTS__1__MEMORY_SIZE", "7"),
        ("OPENCLAW__AUTHENTICATION__CLIENT_ID", "12345"),
        ("OPENCLAW__PROVIDERS__OPENAI__MODEL", "gpt"),
    ];
    let config = with(&text, &pairs).unwrap();
    assert_eq!(config.agents[&"b".parse().unwrap()].memory.window_messages, 7);
    assert_eq!(config.authentication.unwrap().client_id, "12345");
    let error =
        with(&text, &[("OPENCLAW__AGENTS__1__MEMORY_SIZE", "lots"), ("OPENCLAW__AGENTS__5__NAME", "x")]).unwrap_err();
    let found: Vec<&str> = error.0.iter().map(|fault| fault.source.as_str()).collect();
    assert!(found.contains(&"OPENCLAW__AGENTS__1__MEMORY_SIZE"), "{error}");
    assert_eq!(error.0.len(), 2, "{error}");
}

#[test]
fn a_provider_is_switched_by_one_variable_and_keeps_keys_apart() {
    let text = format!(
        "{SIGNED_IN}llm: {{provider: bedrock, model: m, api_key: \"{{{{ secrets['bedrock/api-key'] }}}}\"}}\n\
         providers: {{openai: {{model: gpt, api_key: \"{{{{ secrets['openai/api-key'] }}}}\"}}}}\n"
    );
    let config = with(&text, &[("LLM_PROVIDER", "openai")]).unwrap();
    assert_eq!(only_agent(&config).model, ModelRef { provider: Provider::OpenAi, model: ModelId::new("gpt") });
    let key = config.providers[&Provider::OpenAi].api_key.as_ref().unwrap();
    assert_eq!(key.references().map(ToString::to_string).collect::<Vec<_>>(), ["secrets['openai/api-key']"]);
    let config = with(&text, &[("LLM_PROVIDER", "ollama"), ("LLM_MODEL", "llama3"), ("LLM_API_KEY", "t")]).unwrap();
    assert_eq!(only_agent(&config).model.model.as_str(), "llama3");
    let config = with(&text, &[("OPENCLAW__LLM__PROVIDER", "openai")]).unwrap();
    assert_eq!(only_agent(&config).model.model.as_str(), "gpt");
    let keys: Vec<String> = config.providers[&Provider::OpenAi]
        .api_key
        .iter()
        .flat_map(|key| key.references().map(ToString::to_string))
        .collect();
    assert_eq!(keys, ["secrets['openai/api-key']"], "however the provider is switched");
    let error = with(&text, &[("LLM_PROVIDER", "anthropic")]).unwrap_err().to_string();
    assert!(error.contains("the file's model is for bedrock"), "{error}");
    let error = with(&text, &[("LLM_PROVIDER", "bedrok")]).unwrap_err().to_string();
    assert!(error.contains("LLM_PROVIDER: llm.provider: found \"bedrok\""), "{error}");
}

#[test]
fn an_agent_inherits_what_it_leaves_out_but_not_another_providers_model() {
    let config = good(
        "llm: {provider: bedrock, model: m, max_tokens: 9}\n\
         providers: {ollama: {model: llama3}}\n\
         agents: [{name: a}, {name: b, llm: {provider: ollama, fallbacks: [{provider: bedrock, model: f}]}}]\n",
    );
    let a = &config.agents[&"a".parse().unwrap()];
    assert_eq!((a.model.model.as_str(), a.max_tokens.get()), ("m", 9));
    let b = &config.agents[&"b".parse().unwrap()];
    assert_eq!(b.model.model.as_str(), "llama3");
    assert_eq!(b.fallbacks, [ModelRef { provider: Provider::Bedrock, model: ModelId::new("f") }]);
    assert_eq!(config.providers[&Provider::Bedrock].models.len(), 2);
}

#[test]
fn the_window_fits_every_model_that_may_be_asked() {
    let context = |text: &str| only_agent(&good(text)).context_tokens;
    let fallback = "fallbacks: [{provider: bedrock, model: known}]";
    assert_eq!(
        context(&format!("llm: {{provider: bedrock, model: m, context_tokens: 1000, {fallback}}}\n")),
        Some(1000)
    );
    assert_eq!(
        context(&format!("llm: {{provider: bedrock, model: m, context_tokens: 1000000, {fallback}}}\n")),
        Some(200_000)
    );
    assert_eq!(context(&format!("llm: {{provider: bedrock, model: m, {fallback}}}\n")), None, "the first is unknown");
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
fn authentication_is_switched_off_only_on_a_developers_machine() {
    let text = "llm: {provider: bedrock, model: m}\nauthentication: {enabled: false}\n";
    assert!(with(text, &[("OPENCLAW_LOCAL", "1")]).unwrap().authentication.is_none());
    let error = with(text, &[]).unwrap_err().to_string();
    assert!(error.contains("authentication.enabled"), "{error}");
    let error = with("llm: {provider: bedrock, model: m}\n", &[]).unwrap_err();
    assert_eq!(error.0.len(), 2, "pool and client are required: {error}");
}

#[test]
fn nonsense_is_refused_without_a_panic() {
    for text in
        ["- a\n", "a: [", "x: &a [*a]\n", "agents: {}\n", "agents: [1, null, {name: 3}]\n", "llm: 5\n", "a: 1\na: 2\n"]
    {
        assert!(with(text, &[]).is_err(), "{text}");
    }
}

#[test]
fn settings_that_would_do_nothing_are_refused() {
    let found = faults(
        "llm: {provider: bedrock, model: m}\nproviders: {bedrock: {base_url: 'https://b.example.com', ca: x, headers: {a: b}}}\n",
        &[],
    );
    assert!(found.len() >= 3, "{found:?}");
}

#[test]
fn what_only_the_environment_names_is_told_of_the_environment() {
    let text = "llm: {provider: bedrock, model: m}\n";
    let pairs = [("OPENCLAW__NOPE__X", "1"), ("OPENCLAW__AGENTS__0__NAME", "z")];
    let found = faults(text, &pairs);
    assert!(found[0].starts_with("OPENCLAW__NOPE__X: nope: found an unknown key"), "{found:?}");
    assert!(found[1].contains("agents[0].name: found OPENCLAW__AGENTS__0__NAME, which leads"), "{found:?}");
    let found = faults(text, &[("OPENCLAW_DEADLINE_MS", "abc"), ("OPENCLAW_LOG_LEVEL", "loud"), ("LLM_PROVIDER", "x")]);
    let expected = [
        "LLM_PROVIDER: llm.provider: found \"x\"; allowed: bedrock, anthropic, openai, ollama",
        "environment: OPENCLAW_DEADLINE_MS: found \"abc\"; allowed: a whole number of milliseconds from 1",
        "environment: OPENCLAW_LOG_LEVEL: found \"loud\"; allowed: error, warn, info, debug",
    ];
    assert_eq!(found, expected);
}

/// What is set and cannot be read must not open the door to everybody.
#[test]
fn from_where_connections_may_be_opened_is_everywhere_only_where_nothing_is_said() {
    let text = "llm: {provider: bedrock, model: m}\n";
    let allowed = |value: &str| Environment::from_pairs([("OPENCLAW_ALLOWED_CIDRS", value)]).allowed_cidrs();
    assert_eq!(Environment::default().allowed_cidrs(), Ok(None));
    assert_eq!(allowed("none"), Ok(Some(Vec::new())));
    assert_eq!(allowed("192.0.2.0/24, 2001:db8::/32").map(|blocks| blocks.map(|blocks| blocks.len())), Ok(Some(2)));
    for wrong in ["", " ", "192.0.2.0", "192.0.2.0/33", "192.0.2.0/24,", "everywhere"] {
        assert!(allowed(wrong).is_err(), "{wrong:?}");
        let expected = format!(
            "environment: OPENCLAW_ALLOWED_CIDRS: found {wrong:?}; allowed: blocks such as 192.0.2.0/24 with commas \
             between them, or none"
        );
        assert_eq!(faults(text, &[("OPENCLAW_ALLOWED_CIDRS", wrong)]), [expected]);
    }
}

#[test]
fn one_fault_has_no_echo() {
    for text in ["llm: {provider: bedrock\n", "llm: {provider: bedrock, model: m}\nllm: {}\n"] {
        assert_eq!(faults(text, &[]).len(), 1, "{text}");
    }
    let few = "llm: {provider: bedrock, model: m, context_tokens: 10}\nagents: [{name: a}, {name: default}, 7]\n";
    let expected = [
        "openclaw.yaml: agents[2]: found 7; allowed: a mapping",
        "openclaw.yaml: llm.context_tokens: found 10; allowed: 256 or more",
    ];
    assert_eq!(faults(few, &[]), expected);
}

#[test]
fn the_environments_key_comes_before_the_files() {
    let text = "llm: {provider: openai, model: m}\nproviders: {openai: {api_key: \"{{ env['OLD'] }}\"}}\n";
    let config = with(&format!("{SIGNED_IN}{text}"), &[("LLM_API_KEY", "{{ env['NEW'] }}")]).unwrap();
    let key = config.providers[&Provider::OpenAi].api_key.as_ref().unwrap();
    assert_eq!(key.references().map(ToString::to_string).collect::<Vec<_>>(), ["env['NEW']"]);
    assert_eq!(faults(text, &[("LLM_API_KEY", "{{ env['NEW'")]).len(), 1, "it is read even where it is faulty");
}

#[test]
fn doubled_names_and_empty_access_are_refused() {
    let found =
        faults("llm: {provider: bedrock, model: m}\nagents: [{name: a}, {name: a, access: {groups: []}}]\n", &[]);
    assert_eq!(found.len(), 2, "{found:?}");
}

#[test]
fn what_the_schema_knows_the_reader_takes() {
    let schema = json_schema();
    assert_eq!(schema["additionalProperties"], json!(false));
    assert_eq!(schema["properties"]["llm_provider"]["$ref"], json!("#/$defs/Provider"));
    assert_eq!(schema["$defs"]["Provider"]["enum"], json!(["bedrock", "anthropic", "openai", "ollama"]));
    assert!(!schema.to_string().contains("\"null\""), "null is no value that people write");
}

/// Parameter Store refuses two opening braces in a row, so Terraform keeps the file as JSON with one of them escaped.
#[test]
fn the_file_in_json_with_escaped_braces_is_the_same() {
    let json = r#"{"authentication":{"enabled":true,"provider":"cognito","user_pool_id":"eu-central-1_Example","client_id":"people"},
        "llm":{"provider":"openai","model":"gpt-4o-mini","api_key":"\u007b{ secrets['openai/api-key'] }}"}} "#;
    let yaml = "llm: { provider: openai, model: gpt-4o-mini, api_key: \"{{ secrets['openai/api-key'] }}\" }";
    let (json, yaml) = (with(json, &[]).unwrap(), good(yaml));
    let key = |config: &Config| config.providers[&Provider::OpenAi].api_key.clone();
    assert!(key(&json).is_some());
    assert_eq!(key(&json), key(&yaml));
}
