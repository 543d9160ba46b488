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
    ] {
        let expected = shown.replace("1h57kf5cpq17m0eml12EXAMPLE.tenant", "***");
        assert_eq!(shown_path(shown), expected);
        let other = shown.replace("12EXAMPLE", "12example");
        assert_eq!(shown_path(&other), other);
    }
    for (path, expected) in [
        ("llm.sk-SECRET123", "llm.***"),
        ("llm.a.sk-SECRET123.b", "llm.a.***"),
        ("llm.api_key.name", "llm.api_key.***"),
        ("providers.openai.headers.bad name", "providers.openai.headers.***"),
        ("providers.openai.headers.Authorization.Bearer", "providers.openai.headers.Authorization.***"),
        ("providers.openai[12345]", "providers.***"),
        ("llm.", "llm.***"),
        ("llm.aVeryLongWordWithoutAnyEnd", "llm.***"),
    ] {
        assert_eq!(shown_path(path), expected);
    }
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
