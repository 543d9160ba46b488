//! `openclaw bundle`, run as people and machines run it.
#![expect(clippy::unwrap_used, reason = "a test that cannot continue has failed")]

mod directories;

use std::fs;

use directories::{Configuration, openclaw};
use openclaw::agent::NoSchemaChecks;
use openclaw::app::KnownModels;
use openclaw::config::{Bundle, Environment, load};
use serde_json::json;

const TEXT: &str = "\
# An agent per provider.
llm: &model { provider: bedrock, model: amazon.nova-lite-v1:0 }
providers:
  openai: { model: gpt-4o-mini, api_key: \"{{ secrets['openai/api-key'] }}\" }
  ollama: { base_url: 'https://ollama.example.org:11434', ca: ca.pem, model: llama3 }
authentication:
  user_pool_id: eu-central-1_Example
  client_id: people
  clients: { nightly-report: { tenant: acme, groups: [user] } }
agents:
  - { name: default, llm: *model, policy: ~ }
  - { name: private, llm: { provider: ollama } }
";

const PEM: &str = "-----BEGIN CERTIFICATE-----\nbm9uZQ==\n-----END CERTIFICATE-----\n";

fn configuration(name: &str) -> Configuration {
    let configuration = Configuration::of(name, TEXT);
    configuration.write("ca.pem", PEM);
    configuration
}

#[test]
fn a_bundle_holds_the_document_its_files_and_its_rights() {
    let finished = openclaw(["bundle", configuration("whole").path()]).run();
    assert_eq!((finished.status, finished.stderr.as_str()), (0, ""));
    insta::assert_snapshot!("bundle", finished.stdout);
}

#[test]
fn functions_load_what_was_bundled() {
    let finished = openclaw(["bundle", configuration("load").path()]).run();
    let config = load(&finished.stdout, "bundle.json", &Environment::default(), &KnownModels(NoSchemaChecks)).unwrap();
    assert_eq!(config.agents.keys().map(ToString::to_string).collect::<Vec<_>>(), ["default", "private"]);
    let ollama = &config.providers[&openclaw::domain::Provider::Ollama];
    assert_eq!(ollama.ca_pem.as_deref(), Some(PEM), "without the directory at hand");
    assert_eq!(config.authentication.unwrap().clients.len(), 1);
}

#[test]
fn a_certificate_is_bundled_without_the_text_around_it() {
    let configuration = configuration("around");
    configuration.write("ca.pem", format!("friendlyName: x\nREMARK\n{PEM}REMARK\n{PEM}REMARK"));
    let bundle: Bundle = serde_json::from_str(&openclaw(["bundle", configuration.path()]).run().stdout).unwrap();
    assert_eq!(bundle.document["providers"]["ollama"]["ca"], json!(format!("{PEM}{PEM}")));
    let inlined = PEM.replace('\n', "\\n");
    configuration.write("openclaw.yaml", TEXT.replace("ca: ca.pem", &format!("ca: \"REMARK {inlined} REMARK\"")));
    let bundle: Bundle = serde_json::from_str(&openclaw(["bundle", configuration.path()]).run().stdout).unwrap();
    assert_eq!(bundle.document["providers"]["ollama"]["ca"], json!(PEM));
}

#[test]
fn the_same_input_gives_the_same_bytes_on_standard_output_and_in_a_file() {
    let configuration = configuration("same");
    let printed = openclaw(["bundle", configuration.path()]).run().stdout;
    let file = format!("{}/bundle.json", configuration.path());
    for _ in 0..2 {
        let written = openclaw(["bundle", configuration.path(), "-o", &file]).run();
        assert_eq!((written.status, written.stdout.as_str(), written.stderr.as_str()), (0, "", ""));
        assert_eq!(fs::read_to_string(&file).unwrap(), printed);
    }
    let names: Vec<_> = fs::read_dir(configuration.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(names.len(), 3, "no temporary file is left: {names:?}");
    let bundle: Bundle = serde_json::from_str(&printed).unwrap();
    configuration.write("openclaw.yaml", TEXT.replace("# An agent per provider.\n", ""));
    let again: Bundle = serde_json::from_str(&openclaw(["bundle", configuration.path()]).run().stdout).unwrap();
    assert_eq!(bundle, again, "a comment does not change the digest");
    configuration.write("openclaw.yaml", TEXT.replace("llama3", "llama4"));
    let other: Bundle = serde_json::from_str(&openclaw(["bundle", configuration.path()]).run().stdout).unwrap();
    assert_ne!(bundle.sha256, other.sha256);
}

#[test]
fn a_refused_configuration_is_not_bundled_and_the_old_file_stays() {
    let configuration = configuration("refused");
    let file = format!("{}/bundle.json", configuration.path());
    fs::write(&file, "old").unwrap();
    configuration.write("openclaw.yaml", "llm: { provider: bedrok, model: m }\n");
    let refused = openclaw(["bundle", configuration.path(), "-o", &file]).run();
    assert_eq!((refused.status, refused.stdout.as_str()), (1, ""));
    assert!(
        refused.stderr.contains("found \"bedrok\"")
            && configuration.without_place(&refused.stderr).ends_with("\nDIR/openclaw.yaml: 1 fault\n"),
        "{}",
        refused.stderr
    );
    assert_eq!(fs::read_to_string(&file).unwrap(), "old");
    assert_eq!(refused.stderr, openclaw(["check", configuration.path()]).run().stdout);
}

#[test]
fn a_file_that_cannot_be_written_is_status_2() {
    let configuration = configuration("unwritable");
    let file = format!("{}/missing/bundle.json", configuration.path());
    let finished = openclaw(["bundle", configuration.path(), "-o", &file]).run();
    assert_eq!(finished.status, 2);
    assert!(finished.stderr.contains("bundle.json cannot be written"), "{}", finished.stderr);
}

#[test]
fn the_local_cloud_bundles_what_it_will_fill_in() {
    let configuration = Configuration::of("local-bundle", "llm: { provider: openai, model: m }\n");
    assert_eq!(openclaw(["bundle", configuration.path()]).run().status, 1);
    let finished = openclaw(["bundle", configuration.path()]).with("OPENCLAW_LOCAL", "1").run();
    assert_eq!(finished.status, 0);
    let bundle: Bundle = serde_json::from_str(&finished.stdout).unwrap();
    assert_eq!(bundle.document, json!({ "llm": { "provider": "openai", "model": "m" } }));
}

#[cfg(unix)]
#[test]
fn a_bundle_with_keys_in_the_clear_is_its_owners_alone_and_comes_with_a_warning() {
    use std::os::unix::fs::PermissionsExt;

    let configuration = configuration("literal");
    let file = format!("{}/bundle.json", configuration.path());
    let bundle = || openclaw(["bundle", configuration.path(), "-o", &file]).run();
    assert_eq!(bundle().stderr, "");
    let mode = || fs::metadata(&file).unwrap().permissions().mode() & 0o777;
    assert_ne!(mode() & 0o044, 0, "others may read a bundle without keys");
    let key = "{ model: gpt-4o-mini, api_key: sk-SECRET, headers: { X-Token: SECRET } }";
    configuration.write(
        "openclaw.yaml",
        TEXT.replace("{ model: gpt-4o-mini, api_key: \"{{ secrets['openai/api-key'] }}\" }", key),
    );
    let finished = bundle();
    assert_eq!((finished.status, mode()), (0, 0o600));
    assert!(finished.stderr.starts_with("warning: "), "{}", finished.stderr);
    assert!(
        finished.stderr.contains("providers.openai.api_key, providers.openai.headers.X-Token"),
        "{}",
        finished.stderr
    );
    assert!(
        !finished.stderr.contains("SECRET") && finished.stderr.contains("{{ secrets['name'] }}"),
        "{}",
        finished.stderr
    );
    let printed = openclaw(["bundle", configuration.path()]).run();
    assert_eq!(printed.stderr, finished.stderr);
}
