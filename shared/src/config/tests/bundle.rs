use super::*;
use crate::config::bundle::sections;
use crate::config::faults::Faults;
use crate::domain::sha256_hex;

fn document() -> Value {
    json!({
        "llm": { "provider": "openai", "model": "gpt-4o-mini", "api_key": "{{ secrets['openai/api-key'] }}" },
        "agents": [{ "name": "b" }, { "name": "a", "system": "Be brief.", "memory_size": null }],
    })
}

#[test]
fn a_bundle_loads_as_the_document_that_it_was_made_of() {
    let document = signed_in(document());
    let bundle = source(&document).bundle(Stage::Deployment, &Rules).unwrap();
    let bundled = load(&bundle.to_string(), "bundle.json", &Environment::default(), &Rules).unwrap();
    assert_eq!(format!("{bundled:?}"), format!("{:?}", with(document, &[]).unwrap()));
    assert_eq!(serde_json::from_str::<Bundle>(&bundle.to_string()).unwrap(), bundle);
}

/// Parameter Store refuses two opening braces in a row, so deployments escape one of them.
#[test]
fn escaped_braces_are_the_same() {
    let document = signed_in(document());
    let bundle = source(&document).bundle(Stage::Deployment, &Rules).unwrap().to_string();
    let stored = bundle.replace("{{", "\\u007b{");
    assert_ne!(bundle, stored);
    let config = load(&stored, "ssm:/app/config", &Environment::default(), &Rules).unwrap();
    assert_eq!(key_references(&config, Provider::OpenAi), ["secrets['openai/api-key']"]);
}

#[test]
fn the_same_document_gives_the_same_bytes_with_sorted_keys() {
    let (one, two) = (document(), json!({ "agents": document()["agents"], "llm": document()["llm"] }));
    let bundle = |value: &Value| source(value).bundle(Stage::Deployment, &Rules).unwrap();
    assert_eq!(bundle(&one).to_string(), bundle(&two).to_string());
    let text = bundle(&one).document.to_string();
    let expected = r#"{"agents":[{"name":"b"},{"name":"a","system":"Be brief."}],"llm":{"api_key":"{{ secrets['openai/api-key'] }}","model":"gpt-4o-mini","provider":"openai"}}"#;
    assert_eq!(text, expected, "keys are sorted, and null counts as left out");
    let canonical = format!(r#"{{"document":{expected},"policies":{{}},"schemas":{{}}}}"#);
    assert_eq!(bundle(&one).sha256, sha256_hex(canonical.as_bytes()));
    let other = json!({ "llm": { "provider": "bedrock", "model": "m" } });
    assert_ne!(bundle(&one).sha256, bundle(&other).sha256);
}

#[test]
fn null_is_a_value_within_data_and_left_out_elsewhere() {
    let data = json!({ "a": null, "b": [{ "c": null }] });
    let states = json!({ "find": { "type": "action", "on_error": null, "arguments": data } });
    let action = json!({
        "name": "n", "effect": null, "args": data, "body": data, "query": data, "response": data, "parameters": data, "key": data,
        "headers": { "x-a": null },
    });
    let document = json!({
        "agent": { "states": states, "system": null },
        "agents": [{ "states": states, "llm": { "model": null } }, { "states": { "find": { "arguments": null } } }],
        "actions": [action, { "args": null, "body": null }],
    });
    let found = sections(document, &mut Faults::default());
    let states = json!({ "find": { "type": "action", "arguments": data } });
    let action = json!({
        "name": "n", "args": data, "body": data, "query": data, "response": data, "parameters": data, "key": data, "headers": {},
    });
    let expected = json!({
        "agent": { "states": states },
        "agents": [{ "states": states, "llm": {} }, { "states": { "find": {} } }],
        "actions": [action, {}],
    });
    assert_eq!(found, expected);
}

#[test]
fn a_document_that_the_check_refuses_is_not_bundled() {
    let document = json!({ "llm": { "provider": "bedrok", "model": "m" } });
    let refused = source(&document).bundle(Stage::Deployment, &Rules).unwrap_err();
    assert_eq!(refused, source(&document).check(Stage::Deployment, &Rules).unwrap_err());
}

#[test]
fn text_that_is_not_a_bundle_says_how_to_make_one() {
    let yaml = "llm: { provider: bedrock, model: m }\n";
    let json = signed_in(document()).to_string();
    for text in [yaml, &json, "", "[]", "{\"revision\": 1"] {
        let error = load(text, "openclaw.yaml", &Environment::default(), &Rules).unwrap_err();
        let expected = "openclaw.yaml: found text that is not a bundle; allowed: a bundle; run `openclaw bundle DIR -o bundle.json`";
        assert_eq!(error.0[0].to_string(), expected, "{text}");
    }
    let error = load(r#"{"revision":1}"#, "b", &Environment::default(), &Rules).unwrap_err();
    assert!(error.0[0].found.contains("without some of its members"), "{error}");
}

#[test]
fn another_revision_is_refused_with_what_to_do() {
    let text = json!({ "revision": 2, "shape": "unknown" }).to_string();
    let error = load(&text, "bundle.json", &Environment::default(), &Rules).unwrap_err();
    let expected =
        "bundle.json: revision: found 2; allowed: 1; write the bundle again with the `openclaw` of this release";
    assert_eq!(error.0[0].to_string(), expected);
}
