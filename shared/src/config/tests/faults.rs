use super::*;
use crate::agent::RunLimits;

#[test]
fn every_fault_is_reported_at_once_with_its_place() {
    let found = faults_of(
        json!({
            "llm": { "provider": "bedrok", "model": "m", "temperature": 5 },
            "serve": {},
            "agents": [
                { "name": "good", "memory_size": "many" },
                {
                    "name": "bad name",
                    "llm": { "provider": "openai", "model": "m", "max_token": 3 },
                    "tools": ["search"],
                },
            ],
            "cors": { "allowed_origins": ["https://app.example.com/path"] },
        }),
        &[],
    );
    let expected = [
        "bundle.json: agents[0].memory_size: found \"many\"; allowed: a whole number of 0 or more",
        "bundle.json: agents[1].llm.max_token: found an unknown key; allowed: one of provider, model, api_key, temperature, \
         max_tokens, context_tokens, fallbacks, guardrail",
        "bundle.json: agents[1].name: found \"bad name\"; allowed: 1 to 64 characters of a-z, A-Z, 0-9, _ and -",
        "bundle.json: agents[1].tools[0]: found \"search\"; allowed: the name of an action; there are none under actions",
        "bundle.json: cors.allowed_origins[0]: found \"https://app.example.com/path\"; allowed: an origin such as \
         https://app.example.com, or *",
        "bundle.json: llm.provider: found \"bedrok\"; allowed: bedrock, anthropic, openai, ollama",
        "bundle.json: llm.temperature: found 5; allowed: a number from 0 to 2",
        "bundle.json: providers.openai.api_key: found nothing; allowed: a key, since openai refuses requests without one",
        "bundle.json: serve: found an unknown key; allowed: one of server, agent, actions, policies, agents, llm, llm_provider, \
         llm_api_key, llm_model, providers, authentication, cors, limits, websocket",
    ];
    assert_eq!(found, expected);
}

#[test]
fn a_credential_of_the_function_is_not_a_key() {
    for name in ["AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "aws_access_key_id"] {
        let value = format!("Bearer {{{{ env['{name}'] }}}}");
        let found = faults_of(
            json!({
                "llm": { "provider": "openai", "model": "m", "api_key": "k" },
                "providers": { "openai": { "headers": { "x-key": value } } },
            }),
            &[(name, "secret")],
        );
        let expected = format!(
            "bundle.json: providers.openai.headers.x-key: found env['{name}']; allowed: a variable whose name does not \
             begin with AWS_"
        );
        assert_eq!(found, [expected]);
    }
}

#[test]
fn a_fault_says_whether_the_key_or_the_value_is_wrong() {
    let document = json!({
        "llm": { "provider": "openai", "model": "m", "api_key": "{{ env['K'] }}" },
        "providers": { "openai": { "headers": { "bad name": "x" } } },
        "serve": {},
        "agents": [{ "name": "bad name" }],
    });
    let parts: Vec<(String, FaultPart)> =
        with(signed_in(document), &[]).unwrap_err().0.into_iter().map(|fault| (fault.path, fault.part)).collect();
    let expected = [
        ("agents[0].name", FaultPart::Value),
        ("providers.openai.headers.***", FaultPart::Key),
        ("serve", FaultPart::Key),
    ];
    assert_eq!(parts, expected.map(|(path, part)| (path.to_owned(), part)));
}

#[test]
fn faults_in_lists_and_missing_values_keep_their_places() {
    let found = faults_of(
        json!({
            "llm": { "provider": "bedrock", "model": "m", "fallbacks": [{ "model": "x" }, { "provider": 5 }] },
            "agents": [{ "name": "a", "access": { "groups": [1, "x", {}] } }, 7],
            "cors": "no",
        }),
        &[],
    );
    let expected = [
        "bundle.json: agents[0].access.groups[0]: found 1; allowed: text",
        "bundle.json: agents[0].access.groups[2]: found a mapping; allowed: text",
        "bundle.json: agents[1]: found a number; allowed: a mapping",
        "bundle.json: cors: found text; allowed: a mapping",
        "bundle.json: llm.fallbacks[0].provider: found nothing; allowed: bedrock, anthropic, openai, ollama",
        "bundle.json: llm.fallbacks[1].provider: found 5; allowed: text",
    ];
    assert_eq!(found, expected);
    let many = json!({ "agents": vec![json!({ "a": 1, "b": 2 }); 80] });
    assert_eq!(faults_of(many, &[]).len(), 100, "there is a limit");
}

#[test]
fn ranges_are_checked_even_if_the_types_fit() {
    let found = faults_of(
        json!({
            "llm": { "provider": "bedrock", "model": "m", "temperature": 2.5, "max_tokens": 0 },
            "agent": {
                "memory_size": 0, "max_steps": 101, "max_prompt_bytes": 1_000_000, "memory": { "retention_days": 0 },
            },
        }),
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
fn the_rules_of_providers_are_checked_too() {
    assert_eq!(
        faults_of(json!({ "llm": { "provider": "bedrock", "model": "bare" } }), &[]),
        ["bundle.json: llm.model: found \"bare\"; allowed: a deployment"]
    );
    assert_eq!(
        faults_of(json!({ "llm": { "provider": "bedrock", "model": "cold", "temperature": 1 } }), &[]),
        ["bundle.json: llm.temperature: found a temperature that the model refuses; allowed: no temperature"]
    );
}

#[test]
fn no_fault_shows_a_key() {
    let document = json!({
        "llm": { "provider": "openai", "model": "m", "api_key": ["SECRET-VALUE"] },
        "providers": { "openai": {
            "api_key": "{{ SECRET-VALUE }}",
            "headers": { "x": ["SECRET-VALUE"], "bad name": "SECRET-VALUE", "y": "SECRET-VALUE\n" },
            "base_url": "http://user:SECRET-VALUE@example.com",
        } },
    });
    let found = faults_of(document, &[]);
    assert!(found.len() >= 4, "{found:?}");
    assert!(!found.join("\n").contains("SECRET-VALUE"), "{found:?}");
    let error = load("llm: {api_key: 'SECRET-VALUE", "bundle.json", &Environment::default(), &Rules).unwrap_err();
    assert!(!error.to_string().contains("SECRET-VALUE"), "{error}");
}

#[test]
fn authentication_is_switched_off_only_on_a_developers_machine() {
    let document = json!({ "llm": { "provider": "bedrock", "model": "m" }, "authentication": { "enabled": false } });
    assert!(with(document.clone(), &[("OPENCLAW_LOCAL", "1")]).unwrap().authentication.is_none());
    let error = with(document, &[]).unwrap_err().to_string();
    assert!(error.contains("authentication.enabled"), "{error}");
    let error = with(json!({ "llm": { "provider": "bedrock", "model": "m" } }), &[]).unwrap_err();
    assert_eq!(error.0.len(), 2, "user pool and client are required: {error}");
}

#[test]
fn nonsense_is_refused_without_a_panic() {
    for document in [
        json!(["a"]),
        json!("text"),
        json!({ "agents": {} }),
        json!({ "agents": [1, null, { "name": 3 }] }),
        json!({ "llm": 5 }),
    ] {
        assert!(with(document.clone(), &[]).is_err(), "{document}");
    }
}

#[test]
fn settings_without_an_effect_are_refused() {
    let document = json!({
        "llm": { "provider": "bedrock", "model": "m" },
        "providers": { "bedrock": { "base_url": "https://b.example.com", "ca": "x", "headers": { "a": "b" } } },
    });
    assert!(faults_of(document, &[]).len() >= 3);
}

#[test]
fn one_fault_has_no_consequences() {
    let few = json!({
        "llm": { "provider": "bedrock", "model": "m", "context_tokens": 10 },
        "agents": [{ "name": "a" }, { "name": "default" }, 7],
    });
    let expected = [
        "bundle.json: agents[2]: found a number; allowed: a mapping",
        "bundle.json: llm.context_tokens: found 10; allowed: 256 or more",
    ];
    assert_eq!(faults_of(few, &[]), expected);
    let address = json!({
        "llm": { "provider": "openai", "model": "m" },
        "providers": { "openai": { "base_url": "http://models.example.com" } },
    });
    assert_eq!(faults_of(address, &[]).len(), 1, "another server may do without a key");
}

#[test]
fn doubled_names_and_empty_access_are_refused() {
    let document = json!({
        "llm": { "provider": "bedrock", "model": "m" },
        "agents": [{ "name": "a" }, { "name": "a", "access": { "groups": [] } }],
    });
    assert_eq!(faults_of(document, &[]).len(), 2);
}

#[test]
fn each_stage_says_what_may_be_missing() {
    let document = json!({ "llm": { "provider": "openai", "model": "m" } });
    let paths = |stage: Stage, document: &Value| -> Vec<String> {
        let checked = source(document).check(stage, &Rules);
        checked.err().map_or_else(Vec::new, |error| error.0.into_iter().map(|fault| fault.path).collect())
    };
    let pool = ["authentication.client_id", "authentication.user_pool_id", "providers.openai.api_key"];
    assert_eq!(paths(Stage::Start, &document), pool);
    assert_eq!(paths(Stage::Deployment, &document), ["providers.openai.api_key"]);
    assert_eq!(paths(Stage::LocalCloud, &document), [""; 0]);
    let open = json!({ "llm": { "provider": "bedrock", "model": "m" }, "authentication": { "enabled": false } });
    assert_eq!(paths(Stage::Deployment, &open), ["authentication.enabled"]);
    assert_eq!(paths(Stage::LocalCloud, &open), [""; 0]);
    let wrong = json!({ "llm": { "provider": "bedrock", "model": "m" }, "authentication": { "user_pool_id": "pool" } });
    assert_eq!(paths(Stage::LocalCloud, &wrong), ["authentication.user_pool_id"], "what is there must be right");
}

#[test]
fn limits_have_ranges_and_defaults() {
    let config = good(json!({ "llm": { "provider": "bedrock", "model": "m", "max_tokens": 100 } }));
    assert_eq!(
        (config.limits.runs.user, config.limits.runs.tenant, config.limits.connections),
        (Some(32), Some(256), 16)
    );
    let agent = only_agent(&config);
    assert_eq!((agent.max_tokens_limit.get(), agent.run_limits), (100, RunLimits::default()));
    let document = json!({
        "llm": { "provider": "bedrock", "model": "m", "max_tokens": 100 },
        "limits": { "runs": { "user": 0, "tenant": 4097 }, "connections": { "user": 0 } },
        "agents": [
            { "max_tokens_limit": 99, "limits": { "runs": { "user": 0 } } },
            { "name": "other", "max_tokens_limit": 0 },
        ],
    });
    let expected = [
        "bundle.json: agents[0].limits.runs.user: found 0; allowed: 1 to 4096",
        "bundle.json: agents[0].max_tokens_limit: found 99; allowed: 100 or more, as llm.max_tokens says",
        "bundle.json: agents[1].max_tokens_limit: found 0; allowed: a whole number from 1",
        "bundle.json: limits.connections.user: found 0; allowed: 1 to 4096",
        "bundle.json: limits.runs.tenant: found 4097; allowed: 1 to 4096",
        "bundle.json: limits.runs.user: found 0; allowed: 1 to 4096",
    ];
    assert_eq!(faults_of(document, &[]), expected);
}
