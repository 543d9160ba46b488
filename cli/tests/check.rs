//! `openclaw check`, run as people and machines run it.
#![expect(clippy::unwrap_used, reason = "a test that cannot continue has failed")]

mod directories;

use std::process::Command;

use directories::{Configuration, openclaw};
use serde_json::Value;

const FAULTY: &str = r#"# Three faults and a key that must not be shown.
llm: { provider: bedrok, model: m, api_key: "SECRET-VALUE" }
providers:
  openai:
    headers: { authorization: Bearer SECRET-VALUE }
    api_kye: SECRET-VALUE
agents:
  - name: one
    memory_size: many
  - name: two
    access:
      groups: []
    name: three
"#;

#[test]
fn faults_are_shown_in_their_lines_with_what_is_allowed() {
    let configuration = Configuration::of("faults", FAULTY);
    let checked = openclaw(["check", configuration.path()]).run();
    assert_eq!((checked.status, checked.stderr.as_str()), (1, ""));
    assert!(!checked.stdout.contains("SECRET"), "{}", checked.stdout);
    insta::assert_snapshot!("faults", configuration.without_place(&checked.stdout));
}

#[test]
fn a_missing_key_is_reported_at_its_section() {
    let configuration =
        Configuration::of("missing", "agents:\n  - name: one\n    llm:\n      fallbacks:\n        - model: m\n");
    let checked = openclaw(["check", configuration.path()]).run();
    assert_eq!(checked.status, 1);
    insta::assert_snapshot!("missing", configuration.without_place(&checked.stdout));
}

#[test]
fn text_that_is_not_yaml_is_shown_without_its_values() {
    let configuration = Configuration::of("broken", "llm:\n  api_key: SECRET-VALUE\n\tprovider: bedrock\n");
    let checked = openclaw(["check", configuration.path()]).run();
    assert_eq!(checked.status, 1);
    assert!(!checked.stdout.contains("SECRET"), "{}", checked.stdout);
    insta::assert_snapshot!("broken", configuration.without_place(&checked.stdout));
}

#[test]
fn a_file_that_is_not_utf_8_is_a_fault() {
    let configuration = Configuration::of("latin1", b"# caf\xe9\nllm: {}\n");
    let checked = openclaw(["check", configuration.path()]).run();
    assert_eq!(checked.status, 1);
    insta::assert_snapshot!("latin1", configuration.without_place(&checked.stdout));
}

#[test]
fn a_fine_directory_has_no_faults_in_either_format() {
    let configuration = Configuration::of("fine", "llm: { provider: bedrock, model: m }\n");
    let checked = openclaw(["check", configuration.path()]).run();
    assert_eq!((checked.status, checked.stderr.as_str()), (0, ""));
    assert_eq!(configuration.without_place(&checked.stdout), "DIR/openclaw.yaml: no faults\n");
    let checked = openclaw(["check", configuration.path(), "--format", "json"]).run();
    assert_eq!((checked.status, checked.stdout.as_str()), (0, "[]\n"));
}

#[test]
fn json_has_a_member_for_everything_that_is_shown() {
    let configuration = Configuration::of("json", FAULTY);
    let checked = openclaw(["check", "--format", "json", configuration.path()]).run();
    assert_eq!(checked.status, 1);
    assert!(!checked.stdout.contains("SECRET"), "{}", checked.stdout);
    let faults: Vec<Value> = serde_json::from_str(&configuration.without_place(&checked.stdout)).unwrap();
    let provider = faults.iter().find(|fault| fault["path"] == "llm.provider").expect("it has this fault");
    let expected = serde_json::json!({
        "severity": "error",
        "message": "llm.provider: found \"bedrok\"; allowed: bedrock, anthropic, openai, ollama",
        "file": "DIR/openclaw.yaml",
        "path": "llm.provider",
        "line": 2,
        "column": 18,
        "found": "\"bedrok\"",
        "allowed": "bedrock, anthropic, openai, ollama",
    });
    assert_eq!(*provider, expected);
    let lines: Vec<u64> = faults.iter().filter_map(|fault| fault["line"].as_u64()).collect();
    assert!(lines.is_sorted() && lines.len() == faults.len(), "in the order of the file: {lines:?}");
}

#[test]
fn every_repeated_key_is_reported_with_both_places() {
    let configuration =
        Configuration::of("twice", "llm: { provider: bedrock, model: m, model: n }\nagents: []\nagents: []\n");
    let checked = openclaw(["check", configuration.path()]).run();
    assert_eq!(checked.status, 1);
    insta::assert_snapshot!("twice", configuration.without_place(&checked.stdout));
}

#[test]
fn the_local_cloud_allows_what_it_fills_in_and_the_shell_changes_nothing_else() {
    let text = "llm: { provider: openai, model: m }\nauthentication: { enabled: false }\n";
    let configuration = Configuration::of("local", text);
    let paths = |checked: directories::Finished| {
        let faults: Vec<Value> = serde_json::from_str(&checked.stdout).unwrap();
        faults.iter().map(|fault| fault["path"].as_str().unwrap_or_default().to_owned()).collect::<Vec<_>>()
    };
    let check = || openclaw(["check", configuration.path(), "--format", "json"]);
    assert_eq!(paths(check().run()), ["providers.openai.api_key", "authentication.enabled"]);
    assert_eq!(paths(check().with("OPENCLAW_LOCAL", "1").run()), [""; 0]);
    let overridden = check().with("LLM_PROVIDER", "nobody").with("OPENCLAW__LLM__MODEL", "x").with("LLM_API_KEY", "k");
    let overridden = overridden.with("OPENCLAW_DEADLINE_MS", "never");
    assert_eq!(paths(overridden.run()), ["providers.openai.api_key", "authentication.enabled"]);
}

#[test]
fn a_certificate_is_looked_for_beside_the_file() {
    let text = "llm: { provider: ollama, model: m }\nproviders: { ollama: { base_url: 'https://ollama.example.org', ca: ca.pem } }\n";
    let configuration = Configuration::of("certificate", text);
    let checked = openclaw(["check", configuration.path()]).run();
    assert!(checked.status == 1 && checked.stdout.contains("a file that cannot be read"), "{}", checked.stdout);
    let block = |label: &str, body: &str| format!("-----BEGIN {label}-----\n{body}\n-----END {label}-----\n");
    let (certificate, key) = (block("CERTIFICATE", "bm9uZQ=="), block("PRIVATE KEY", "U0VDUkVU"));
    for (pem, expected) in [
        ("not a certificate".to_owned(), "a text without a certificate"),
        (format!("{certificate}{key}"), "something other than certificates"),
        (format!("{key}{certificate}"), "something other than certificates"),
        (key, "something other than certificates"),
        (block("CERTIFICATE", "not base64!"), "a certificate that is not complete"),
        ("-----BEGIN CERTIFICATE-----\nbm9u".to_owned(), "a certificate that is not complete"),
    ] {
        configuration.write("ca.pem", &pem);
        for command in ["check", "bundle"] {
            let refused = openclaw([command, configuration.path()]).run();
            let shown = format!("{}{}", refused.stdout, refused.stderr);
            assert!(refused.status == 1 && shown.contains(expected), "{pem}: {shown}");
            assert!(shown.contains("openclaw.yaml:2:68") && !shown.contains("U0VDUkVU"), "{pem}: {shown}");
        }
    }
    configuration.write("ca.pem", format!("{certificate}{certificate}"));
    assert_eq!(openclaw(["check", configuration.path()]).run().status, 0);
    Configuration::empty("certificate-outside").write("ca.pem", &certificate);
    configuration.write("openclaw.yaml", text.replace("ca.pem", "../certificate-outside/ca.pem"));
    let refused = openclaw(["check", configuration.path()]).run();
    assert!(refused.status == 1 && refused.stdout.contains("a file outside the directory"), "{}", refused.stdout);
}

#[test]
fn wrong_use_is_status_2_and_says_what_is_wrong() {
    let empty = Configuration::empty("empty");
    let file = Configuration::of("file", "llm: {}\n");
    let file = format!("{}/openclaw.yaml", file.path());
    for (arguments, expected) in [
        (vec!["check"], "<DIR>"),
        (vec!["chek", "."], "unrecognized subcommand 'chek'"),
        (vec!["check", "--format", "xml", "."], "invalid value 'xml'"),
        (vec!["check", "/nowhere/at/all"], "/nowhere/at/all is not a directory"),
        (vec!["check", file.as_str()], "is not a directory"),
        (vec!["check", empty.path()], "openclaw.yaml does not exist"),
        (vec!["bundle", empty.path()], "openclaw.yaml does not exist"),
    ] {
        let finished = openclaw(arguments.clone()).run();
        assert_eq!((finished.status, finished.stdout.as_str()), (2, ""), "{arguments:?}: {}", finished.stderr);
        assert!(finished.stderr.contains(expected), "{arguments:?}: {}", finished.stderr);
    }
}

#[test]
fn help_names_the_statuses_and_the_one_variable() {
    let help = openclaw(["check", "--help"]).run();
    assert_eq!(help.status, 0);
    assert!(help.stdout.contains("Exit status: 0") && help.stdout.contains("OPENCLAW_LOCAL=1"), "{}", help.stdout);
    let all = openclaw(["--help"]).run();
    assert!(all.stdout.contains("check") && all.stdout.contains("bundle"), "{}", all.stdout);
}

#[test]
fn a_decision_that_untrusted_text_steers_towards_a_write_is_a_warning() {
    let text = r#"
llm: { provider: bedrock, model: m }
actions:
  - name: page
    description: Reads a page.
    type: http
    url: "https://pages.example.com/"
    parameters: { type: object }
  - name: pay
    description: Pays.
    type: lambda
    function: payments
    parameters: { type: object }
agents:
  - name: clerk
    states:
      start: { type: input, next: look }
      look: { type: action, action: page, next: route }
      route: { type: decision, branches: [ { when: "'pay' in states.look.output", next: pay } ], otherwise: done }
      pay: { type: action, action: pay, next: done }
      done: { type: output, text: done }
"#;
    let configuration = Configuration::of("steered", text);
    let checked = openclaw(["check", configuration.path()]).run();
    assert_eq!(checked.status, 0, "{}", checked.stdout);
    insta::assert_snapshot!("steered", configuration.without_place(&checked.stdout));
    let checked = openclaw(["check", configuration.path(), "--format", "json"]).run();
    let found: Vec<Value> = serde_json::from_str(&checked.stdout).unwrap();
    let (severity, path) = (&found[0]["severity"], &found[0]["path"]);
    assert_eq!((severity.as_str(), path.as_str()), (Some("warning"), Some("agents[0].states.route.branches[0].when")));
    let bundled = openclaw(["bundle", configuration.path()]).run();
    assert_eq!(bundled.status, 0);
    assert!(bundled.stderr.contains("no faults, 1 warning"), "{}", bundled.stderr);
}

#[test]
fn a_private_network_whose_last_day_is_over_is_a_fault() {
    let text = |expires: &str| {
        format!(
            r#"
llm: {{ provider: bedrock, model: m }}
actions:
  - name: page
    description: Reads a page.
    type: http
    url: "https://pages.example.com/"
    private:
      cidr: 10.1.2.0/24
      owner: team
      approved_by: security
      reason: index
      expires: {expires}
"#
        )
    };
    let configuration = Configuration::of("expired", text("2026-01-31"));
    for arguments in [vec!["check"], vec!["bundle"], vec!["policy", "test"]] {
        for local in ["", "1"] {
            let arguments = arguments.iter().copied().chain([configuration.path()]);
            let refused = openclaw(arguments).with("OPENCLAW_LOCAL", local).run();
            let shown = format!("{}{}", refused.stdout, refused.stderr);
            assert!(refused.status == 1 && shown.contains("openclaw.yaml:13:16"), "{shown}");
            assert!(shown.contains("actions[0].private.expires: found a last day that is over"), "{shown}");
        }
    }
    configuration.write("openclaw.yaml", text("2099-12-31"));
    assert_eq!(openclaw(["check", configuration.path()]).run().status, 0);
}

#[test]
fn a_loopback_address_passes_where_the_local_cloud_checks() {
    let text = r#"
llm: { provider: bedrock, model: m }
actions:
  - { name: page, description: Reads a page., type: http, url: "http://127.0.0.1:8080/" }
"#;
    let configuration = Configuration::of("loopback", text);
    for arguments in [vec!["check"], vec!["bundle"], vec!["policy", "test"]] {
        let run = || openclaw(arguments.iter().copied().chain([configuration.path()]));
        let refused = run().run();
        let shown = format!("{}{}", refused.stdout, refused.stderr);
        assert!(refused.status == 1 && shown.contains("with OPENCLAW_LOCAL=1"), "{arguments:?}: {shown}");
        assert_eq!(run().with("OPENCLAW_LOCAL", "1").run().status, 0, "{arguments:?}");
    }
}

#[cfg(unix)]
#[test]
fn a_reader_that_has_read_enough_changes_no_status() {
    let fine = Configuration::of("enough", "llm: { provider: bedrock, model: m }\n");
    let faulty = Configuration::of("enough-faulty", FAULTY);
    for (directory, command, status) in
        [(&fine, "check", 0), (&faulty, "check", 1), (&fine, "bundle", 0), (&faulty, "bundle", 1)]
    {
        let (_, output) = std::io::pipe().unwrap();
        let (_, error) = std::io::pipe().unwrap();
        let mut unread = Command::new(env!("CARGO_BIN_EXE_openclaw"));
        let finished = unread.args([command, directory.path()]).stdout(output).stderr(error).status();
        assert_eq!(finished.unwrap().code(), Some(status), "{command}");
    }
}

#[test]
fn a_fault_of_the_parameters_is_the_only_one_of_an_action() {
    let text = r#"
llm: { provider: ollama, model: llama3 }
authentication: { user_pool_id: eu-central-1_Example, client_id: people }
actions:
  - name: ticket
    description: Reads a ticket.
    type: dynamodb
    table: tickets
    key: { id: "{{ arguments.id }}" }
    parameters: { type: object, properties: { id: { type: integer } }, additionalProperties: true }
agents:
  - name: support
    states:
      start: { type: input, next: find }
      find: { type: action, action: ticket, arguments: { id: 5 }, next: done }
      done: { type: output }
"#;
    let checked = openclaw(["check", Configuration::of("parameters", text).path(), "--format", "json"]).run();
    let found: Vec<Value> = serde_json::from_str(&checked.stdout).unwrap();
    let paths: Vec<_> = found.iter().map(|fault| fault["path"].as_str().unwrap()).collect();
    assert_eq!(paths, ["actions[0].parameters.additionalProperties"]);
}
