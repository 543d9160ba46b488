use super::*;

#[test]
fn a_path_is_shown_up_to_the_first_key_that_may_be_a_secret() {
    for shown in [
        "",
        "agents[1].llm.provider",
        "agent.access.groups[0]",
        "llm.maxTokens",
        "llm.max-tokens",
        "providers.openai.headers.X-API-Key",
        "providers.openai.headers.OpenAI-Organization",
        "authentication.clients.1h57kf5cpq17m0eml12EXAMPLE.tenant",
        "authentication.clients.nightly-report.groups[0]",
        "OPENCLAW_DEADLINE_MS",
        "actions[0].parameters.additionalProperties",
        "actions[0].parameters.properties.id_2024.items[0].$ref",
    ] {
        let expected = shown.replace("1h57kf5cpq17m0eml12EXAMPLE.tenant", "***");
        assert_eq!(shown_path(shown), expected);
        let other = shown.replace("12EXAMPLE", "12example");
        assert_eq!(shown_path(&other), other);
    }
    for (path, expected) in [
        ("llm.sk-SECRET123", "llm.***"),
        ("llm.a.sk-SECRET123.b", "llm.a.***"),
        ("authentication.clients.sk-4f5g6h.tenant", "authentication.clients.***"),
        ("llm.api_key.name", "llm.api_key.***"),
        ("providers.openai.headers.bad name", "providers.openai.headers.***"),
        ("providers.openai.headers.Authorization.Bearer", "providers.openai.headers.Authorization.***"),
        ("providers.openai[12345]", "providers.***"),
        ("llm.", "llm.***"),
        ("llm.parameters.additionalProperties", "llm.parameters.***"),
        ("actions[0].parameters.sk-SECRET123", "actions[0].parameters.***"),
        ("llm.aVeryLongWordWithoutAnyEnd", "llm.***"),
    ] {
        assert_eq!(shown_path(path), expected);
    }
}

#[test]
fn an_unknown_key_without_a_value_is_a_fault() {
    let document = json!({
        "llm": { "provider": "bedrock", "model": "m", "SECRET1": null },
        "providers": { "openai": { "0": null, "bogus": null, "headers": { "x": null }, "timeouts": { "ms": null } } },
        "agents": [{ "name": "a" }, { "name": "b", "bogus": null, "tools": null, "memory": { "x": { "y": null } } }],
        "serve": null,
        "cors": null,
    });
    let error = with(signed_in(document.clone()), &[]).unwrap_err();
    let found: Vec<&str> = error.0.iter().map(|fault| fault.path.as_str()).collect();
    let expected = [
        "agents[1].bogus",
        "agents[1].memory.x",
        "llm.***",
        "providers.openai.bogus",
        "providers.openai.timeouts.ms",
        "providers.openai[0]",
        "serve",
    ];
    assert_eq!(found, expected);
    assert!(error.0.iter().all(|fault| fault.found == "an unknown key" && fault.part == FaultPart::Key), "{error}");
    assert_eq!(error.0[2].written_path.expose(), "llm.SECRET1");
    assert!(!format!("{error:?} {error}").contains("SECRET"), "{error:?}");
    assert!(source(&document).check(Stage::Deployment, &Rules).is_err());
}

#[test]
fn a_scalar_in_place_of_a_section_is_not_quoted() {
    let document = json!({
        "llm": "SECRET", "providers": { "openai": "SECRET", "bedrock": 7 }, "agents": "SECRET", "cors": true,
    });
    let error = with(signed_in(document), &[]).unwrap_err().to_string();
    for expected in [
        "llm: found text; allowed: a mapping",
        "providers.openai: found text; allowed: a mapping",
        "providers.bedrock: found a number; allowed: a mapping",
        "agents: found text; allowed: a list",
        "cors: found true or false; allowed: a mapping",
    ] {
        assert!(error.contains(expected), "{expected} in {error}");
    }
    assert!(!error.contains("SECRET"), "{error}");
}

#[test]
fn what_looks_like_a_key_is_not_quoted_wherever_it_stands() {
    for key in [
        "sk-SECRET",
        "sk_live_SECRET",
        "my key is sk-ant-SECRET",
        "AKIA7SECRET",
        "ghp_SECRETSECRET",
        "eyJhbGciOi.SECRET.c2ln",
        "wJalrXUtnFEMI/K7MDENG/bPxRfiCYSECRETKEY",
        "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQSECRET",
        "0f1e2d3c4b5a69788796a5b4c3d2e1f0SECRET",
        "c2VjcmV0c2VjcmV0c2VjcmV0SECRET==",
        "SECRETabcdefghijklmn1234567890",
    ] {
        assert!(may_hold_secret(key), "{key}");
        let document = json!({
            "agent": { "name": key, "tools": [key], "llm": { "provider": key } },
            "cors": { "allowed_origins": [key] },
            "authentication": { "user_pool_id": key },
        });
        let error = with(document, &[]).unwrap_err();
        assert!(!format!("{error:?} {error}").contains("SECRET"), "{error}");
        assert!(error.to_string().contains(&format!("a text of {} characters", key.len())), "{error}");
    }
}

#[test]
fn names_and_addresses_are_not_taken_for_keys() {
    for shown in [
        "anthropic.claude-3-sonnet-20240229-v1:0",
        "eu.anthropic.claude-sonnet-4-5-20250929-v1:0",
        "arn:aws:bedrock:eu-central-1:123456789012:application-inference-profile/abcdef123456",
        "eu-central-1_TestPool1",
        "1h57kf5cpq17m0eml12example",
        "https://api.example.com/v1/chat/completions",
        "Answers questions about internationalization.",
        "OpenClawProduction",
        "hf.co/bartowski/Llama-3.2-3B-Instruct-GGUF:Q4_K_M",
        "loose",
    ] {
        assert!(!may_hold_secret(shown), "{shown}");
    }
}
