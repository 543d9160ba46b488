use std::collections::BTreeSet;

use super::*;
use crate::domain::{Guardrail, ModelId};

#[expect(clippy::needless_pass_by_value, reason = "tests hand over literals")]
#[track_caller]
fn rights(document: Value) -> Rights {
    let bundle = source(&document).bundle(Stage::Deployment, &Rules);
    bundle.unwrap_or_else(|error| panic!("{error}")).rights
}

fn models(rights: &Rights) -> Vec<String> {
    rights.models.iter().map(|model| format!("{}/{}", model.provider, model.model)).collect()
}

#[test]
fn every_place_that_can_name_a_model_is_read() {
    let rights = rights(json!({
        "llm": {
            "provider": "bedrock", "model": "top",
            "fallbacks": [{ "provider": "bedrock", "model": "spare" }, { "provider": "openai", "model": "gpt" }],
        },
        "providers": {
            "bedrock": { "model": "of-the-provider" },
            "openai": { "api_key": "{{ secrets['openai/api-key#key'] }}", "headers": { "x-team": "{{ ssm['/app/team'] }}" } },
            "ollama": { "model": "llama3", "api_key": "{{ secrets[\"ollama/token\"] }}" },
        },
        "agent": { "name": "single", "llm": { "model": "single" } },
        "agents": [
            { "name": "one" },
            { "name": "two", "llm": { "model": "two", "fallbacks": [{ "provider": "bedrock", "model": "two-spare" }] } },
            { "name": "three", "llm": { "provider": "ollama" } },
        ],
        "authentication": { "clients": { "nightly-report": {}, "audit": { "groups": ["admin"] } } },
    }));
    let expected = [
        "bedrock/of-the-provider",
        "bedrock/single",
        "bedrock/spare",
        "bedrock/top",
        "bedrock/two",
        "bedrock/two-spare",
        "openai/gpt",
        "ollama/llama3",
    ];
    assert_eq!(models(&rights), expected);
    assert_eq!(rights.default_model, DefaultModel { provider: Some(Provider::Bedrock), model: Some("top".to_owned()) });
    assert_eq!(rights.secrets.iter().collect::<Vec<_>>(), ["ollama/token", "openai/api-key"]);
    assert!(rights.action_secrets.is_empty());
    assert_eq!(rights.parameters.iter().collect::<Vec<_>>(), ["/app/team"]);
    assert_eq!(rights.clients.iter().collect::<Vec<_>>(), ["audit", "nightly-report"]);
    assert_eq!(rights.hosts.iter().collect::<Vec<_>>(), ["openai.example.com:443"], "Ollama's own is the loopback");
    assert!(!rights.bedrock_api_key && rights.literal_keys.is_empty());
}

#[test]
fn the_flat_keys_count_too() {
    let rights = rights(json!({ "llm_provider": "bedrock", "llm_model": "m", "llm_api_key": "{{ secrets['k'] }}" }));
    assert_eq!(rights.default_model.model.as_deref(), Some("m"));
    assert_eq!(rights.models.first().map(|model| &model.model), Some(&ModelId::new("m")));
    assert!(rights.bedrock_api_key && rights.hosts.is_empty());
    assert_eq!(rights.secrets.first().map(String::as_str), Some("k"));
}

#[test]
fn bedrock_has_a_key_only_if_it_is_bedrocks() {
    let key = "{{ secrets['k'] }}";
    let of_bedrock =
        json!({ "llm": { "provider": "bedrock", "model": "m" }, "providers": { "bedrock": { "api_key": key } } });
    assert!(rights(of_bedrock).bedrock_api_key);
    let of_openai = json!({
        "llm": { "provider": "openai", "model": "m", "api_key": key },
        "agents": [{ "name": "a", "llm": { "provider": "bedrock", "model": "m" } }],
    });
    assert!(!rights(of_openai).bedrock_api_key);
}

#[test]
fn what_only_actions_use_is_listed_apart() {
    let document = |key: &str| {
        json!({
            "llm": { "provider": "openai", "model": "gpt" },
            "providers": { "openai": {
                "api_key": format!("{{{{ secrets['{key}'] }}}}"),
                "headers": { "openai-project": format!("{{{{ ssm['/{key}'] }}}}") },
            } },
            "actions": [{ "name": "ticket", "description": "Reads a ticket.", "type": "call" }],
        })
    };
    let names = |secrets: &BTreeSet<String>| secrets.iter().cloned().collect::<Vec<_>>().join(" ");
    let apart = rights(document("openai/api-key"));
    assert_eq!(
        (names(&apart.secrets), names(&apart.action_secrets)),
        ("api/key openai/api-key".into(), "api/key".into())
    );
    assert_eq!(
        (names(&apart.parameters), names(&apart.action_parameters)),
        ("/api/key /openai/api-key".into(), "/api/key".into())
    );
    let shared = rights(document("api/key"));
    assert_eq!((names(&shared.secrets), names(&shared.action_secrets)), ("api/key".into(), String::new()));
    assert_eq!((names(&shared.parameters), names(&shared.action_parameters)), ("/api/key".into(), String::new()));
}

#[test]
fn hosts_are_those_of_the_addresses_unless_these_are_templates() {
    let rights = rights(json!({
        "llm": { "provider": "anthropic", "model": "m", "api_key": "{{ secrets['k'] }}" },
        "providers": {
            "openai": { "base_url": "https://models.example.org:8443/v1" },
            "ollama": { "base_url": "https://{{ ssm['/app/host'] }}" },
        },
    }));
    assert_eq!(rights.hosts.iter().collect::<Vec<_>>(), ["anthropic.example.com:443", "models.example.org:8443"]);
    assert_eq!(rights.parameters.first().map(String::as_str), Some("/app/host"));
}

#[test]
fn credentials_in_the_clear_are_listed_by_their_paths() {
    let rights = rights(json!({
        "llm": { "provider": "openai", "model": "m", "api_key": "not-a-real-key" },
        "providers": {
            "openai": { "headers": {
                "Authorization": "Bearer not-a-real-key",
                "x-upstream": "bearer not-a-real-key",
                "x-team": "search",
                "x-api-key": "Bearer {{ secrets['one'] }}",
                "cookie": "a={{ secrets['two'] }}",
            } },
            "anthropic": { "api_key": "not-a-real-key{{ secrets['three'] }}" },
            "ollama": { "api_key": "{{ env['TOKEN'] }}", "base_url": "https://user:word@{{ env['HOST'] }}" },
        },
    }));
    let expected = [
        "llm.api_key",
        "providers.anthropic.api_key",
        "providers.ollama.base_url",
        "providers.openai.headers.Authorization",
        "providers.openai.headers.cookie",
        "providers.openai.headers.x-upstream",
    ];
    assert_eq!(rights.literal_keys.iter().collect::<Vec<_>>(), expected);
    assert_eq!(rights.secrets.iter().collect::<Vec<_>>(), ["one", "three", "two"]);
}

#[test]
fn guardrails_are_named_and_belong_to_bedrock_alone() {
    let guardrail = |id: &str| json!({ "id": id, "version": "1" });
    let rights = rights(json!({
        "llm": { "provider": "bedrock", "model": "m", "guardrail": guardrail("top") },
        "providers": { "openai": { "api_key": "{{ secrets['k'] }}" } },
        "agents": [
            { "name": "a" },
            { "name": "b", "llm": { "guardrail": guardrail("own") } },
            { "name": "c", "llm": { "provider": "openai", "model": "gpt" } },
        ],
    }));
    assert_eq!(rights.guardrails.iter().collect::<Vec<_>>(), ["own", "top"]);
    let document = |llm: Value| json!({ "llm": llm, "providers": { "openai": { "api_key": "k" } } });
    let config = good(document(json!({ "provider": "bedrock", "model": "m", "guardrail": guardrail("top") })));
    let expected = Guardrail { id: "top".to_owned(), version: "1".to_owned() };
    assert_eq!(only_agent(&config).guardrail, Some(expected));
    let fallbacks = json!([{ "provider": "openai", "model": "gpt" }]);
    for (llm, fault) in [
        (
            json!({ "provider": "bedrock", "model": "m", "guardrail": { "id": "g", "version": "latest" } }),
            "llm.guardrail.version: found \"latest\"; allowed: a number from 1 to 99999999, or DRAFT",
        ),
        (
            json!({ "provider": "bedrock", "model": "m", "guardrail": { "id": "g", "version": "0" } }),
            "llm.guardrail.version: found \"0\"",
        ),
        (
            json!({ "provider": "openai", "model": "gpt", "guardrail": guardrail("g") }),
            "llm.guardrail: found a guardrail",
        ),
        (
            json!({ "provider": "bedrock", "model": "m", "guardrail": guardrail("g"), "fallbacks": fallbacks }),
            "llm.guardrail: found a guardrail for a model of openai",
        ),
        (
            json!({ "provider": "bedrock", "model": "m", "guardrail": { "id": "g" } }),
            "llm.guardrail.version: found nothing",
        ),
        (
            json!({ "provider": "bedrock", "model": "m", "guardrail": { "version": "1" } }),
            "llm.guardrail.id: found nothing",
        ),
    ] {
        let agents = json!([{ "llm": llm }]);
        for document in [document(llm), json!({ "agents": agents, "providers": { "openai": { "api_key": "k" } } })] {
            let faults = faults_of(document, &[]);
            assert!(faults.iter().any(|one| one.contains(fault)), "{faults:?}");
        }
    }
}
