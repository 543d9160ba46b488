//! No output shows a secret, wherever in the document it stands.
#![expect(clippy::unwrap_used, reason = "a test that cannot continue has failed")]

mod directories;

use directories::{Configuration, openclaw};
use openclaw::agent::NoSchemaChecks;
use openclaw::app::KnownModels;
use openclaw::config::{Environment, load};
use serde_json::json;

/// Documents with faults in which `sk-SECRET123` stands where it does not belong.
const FAULTY: [&str; 46] = [
    "providers: { openai: { bogus: 1, \"0\": sk-SECRET123 } }",
    "providers: { openai: { 0: sk-SECRET123 } }",
    "authentication: { clients: { \"12345\": sk-SECRET123 } }",
    "authentication: { clients: { \"12345\": { tenant: [sk-SECRET123] } } }",
    "llm: { provider: openai, api_key: { sk-SECRET123 } }",
    "llm: { provider: openai, api_key: { sk-SECRET123: 1, sk-SECRET123: 2 } }",
    "llm: { provider: openai, api_key: [sk-SECRET123] }",
    "llm: { provider: openai, sk-SECRET123 }",
    "llm: { provider: openai, sk-SECRET123: x }",
    "llm: { provider: openai, \"a.sk-SECRET123.b\": x }",
    "llm: { provider: openai, \"a[sk-SECRET123]\": x }",
    "llm: { ? [sk-SECRET123] : x }",
    "{ sk-SECRET123, sk-SECRET123 }",
    "sk-SECRET123: &sk-SECRET123 { sk-SECRET123: sk-SECRET123 }",
    "providers: { openai: { headers: { Authorization: { Bearer sk-SECRET123 } } } }",
    "providers: { openai: { headers: { Authorization: { Bearer: sk-SECRET123 } } } }",
    "providers: { openai: { headers: { 'Authorization: Bearer sk-SECRET123': x } } }",
    "providers: { openai: { headers: { sk-SECRET123: [x] } } }",
    "providers: { openai: { headers: [sk-SECRET123] } }",
    "providers: { openai: { headers: sk-SECRET123 } }",
    "providers: { openai: { headers: { x: \"sk-SECRET123\\n\" } } }",
    "providers: { openai: { base_url: ['https://u:sk-SECRET123@h'] } }",
    "providers: { openai: { base_url: { 'https://u:sk-SECRET123@h': x } } }",
    "providers: { openai: { base_url: 'https://u:sk-SECRET123@h' } }",
    "providers: { openai: { base_url: 'h?key=sk-SECRET123' } }",
    "providers: { openai: { ca: \"-----BEGIN sk-SECRET123\" } }",
    "providers: { openai: { ca: \"-----BEGIN CERTIFICATE-----\\nsk-SECRET123\" } }",
    "providers: { openai: { timeouts: { request_ms: sk-SECRET123 } } }",
    "providers: { openai: sk-SECRET123 }",
    "providers: [sk-SECRET123]",
    "llm: sk-SECRET123",
    "llm: { provider: sk-SECRET123 }",
    "llm: { provider: bedrok } # sk-SECRET123",
    "llm: # sk-SECRET123\n  provider: bedrok # sk-SECRET123\n  # sk-SECRET123",
    "agents: { name: x, token: sk-SECRET123 }",
    "agents: [sk-SECRET123]",
    "agent: { tools: { token: sk-SECRET123 } }",
    "agent: { tools: [{ token: sk-SECRET123 }] }",
    "agent: { memory: { sk-SECRET123: }, policy: sk-SECRET123 }",
    "authentication: { jwks_url: 'http://h?key=sk-SECRET123' }",
    "cors: { allowed_origins: ['https://u:sk-SECRET123@h'] }",
    "x: &a sk-SECRET123\nllm: { api_key: [*a] }",
    "agent: { system: &a sk-SECRET123, bogus: 1 }\nllm: { api_key: *a }",
    "\u{feff}llm: { api_key: sk-SECRET123, provider: bedrok }",
    "llm: {\r\n  api_key: sk-SECRET123,\r\n  provider: bedrok } # sk-SECRET123\r\n",
    "llm: { provider: bedrok, api_key: !!str sk-SECRET123 } #é sk-SECRET123",
];

/// Texts that are not YAML, or not a configuration at all.
const UNREADABLE: [&str; 7] = [
    "sk-SECRET123",
    "- sk-SECRET123",
    "llm: { api_key: sk-SECRET123",
    "llm: *sk-SECRET123",
    "llm: { <<: sk-SECRET123 }",
    "sk-SECRET123: x\n\tsk-SECRET123: y # sk-SECRET123",
    "llm: 1\n---\nsk-SECRET123: x",
];

fn refused(name: &str, text: &str) -> String {
    let configuration = Configuration::of(name, text);
    let path = configuration.path();
    let mut shown = String::new();
    for arguments in [vec!["check", path], vec!["check", path, "--format", "json"], vec!["bundle", path]] {
        for local in ["0", "1"] {
            let finished = openclaw(arguments.clone()).with("OPENCLAW_LOCAL", local).run();
            assert_eq!(finished.status, 1, "{text} has a fault");
            shown.extend([finished.stdout, finished.stderr].map(|text| configuration.without_place(&text)));
        }
    }
    shown
}

#[test]
fn neither_a_report_nor_the_log_shows_a_secret() {
    for text in FAULTY {
        let shown = refused("faulty", text);
        assert!(!shown.contains("SECRET"), "{text}: {shown}");
        // A function that is given the document logs the error.
        let Ok(document) = openclaw_cli::read_yaml(text) else { continue };
        let bundle = json!({ "revision": 1, "sha256": "", "document": document }).to_string();
        let error = load(&bundle, "bundle.json", &Environment::default(), &KnownModels(NoSchemaChecks)).unwrap_err();
        let logged = format!("{error} {error:?}");
        assert!(!logged.contains("SECRET"), "{text}: {logged}");
    }
}

#[test]
fn a_text_that_cannot_be_read_is_not_quoted() {
    for text in UNREADABLE {
        let shown = refused("unreadable", text);
        assert!(!shown.contains("SECRET"), "{text}: {shown}");
        let error = load(text, "bundle.json", &Environment::default(), &KnownModels(NoSchemaChecks)).unwrap_err();
        assert!(!format!("{error} {error:?}").contains("SECRET"), "{text}: {error}");
    }
}
