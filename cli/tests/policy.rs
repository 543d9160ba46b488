//! `openclaw policy test`, and what `check` and `bundle` say of policies, run as people run them.
#![expect(clippy::unwrap_used, reason = "a test that cannot continue has failed")]

mod directories;

use directories::{Configuration, openclaw};
use openclaw::agent::NoSchemaChecks;
use openclaw::app::KnownModels;
use openclaw::config::{Environment, load};
use serde_json::Value;

const CONFIGURATION: &str = "
llm: { provider: ollama, model: llama3 }
actions:
  - name: refund
    description: Pays money back.
    type: lambda
    function: refunds
    parameters:
      type: object
      properties: { order: { type: string }, amount: { type: number } }
      required: [order, amount]
agents:
  - { name: shop, tools: [refund], policy: billing }
policies:
  billing: { files: [billing.cedar], tests: billing.tests.yaml }
authentication: { user_pool_id: eu-central-1_Example, client_id: people }
";

const POLICY: &str = r#"
@id("big-refund")
@ask("billing")
forbid (principal, action == OpenClaw::Action::"refund", resource)
when { context.input.amount.greaterThan(decimal("100.0")) };

@id("blocked") forbid (principal in OpenClaw::Group::"blocked", action in OpenClaw::Action::"call_action", resource);
"#;

const EXAMPLES: &str = "
- name: a small refund runs
  principal: { user: alice, tenant: acme, groups: [user] }
  agent: shop
  action: refund
  input: { order: o-1, amount: 20 }
  expect: allow
- name: a large one asks
  principal: { user: alice }
  agent: shop
  action: refund
  input: { order: o-1, amount: 200 }
  expect: ask
  policy_ids: [big-refund]
- name: blocked callers call nothing
  principal: { user: bob, groups: [blocked] }
  agent: shop
  action: refund
  input: { order: o-1, amount: 20 }
  expect: deny
  policy_ids: [blocked]
";

fn configuration(name: &str, policy: &str, examples: &str) -> Configuration {
    let configuration = Configuration::of(name, CONFIGURATION);
    configuration.write("billing.cedar", policy);
    configuration.write("billing.tests.yaml", examples);
    configuration
}

#[test]
fn a_sound_set_passes_and_is_bundled() {
    let configuration = configuration("sound", POLICY, EXAMPLES);
    let tested = openclaw(["policy", "test", configuration.path()]).run();
    assert_eq!((tested.status, tested.stdout.as_str()), (0, "billing: 3 examples, all as expected\n"));
    let bundled = openclaw(["bundle", configuration.path()]).run();
    assert_eq!(bundled.status, 0, "{}", bundled.stderr);
    let bundle: Value = serde_json::from_str(&bundled.stdout).unwrap();
    assert_eq!(bundle["policies"]["billing"]["texts"][0], POLICY);
    let config =
        load(&bundled.stdout, "bundle", &Environment::from_pairs([("UNUSED", "")]), &KnownModels(NoSchemaChecks))
            .unwrap();
    assert_eq!(config.policies["billing"].texts, [POLICY]);
    let torn = bundled.stdout.replace("\"texts\"", "\"other\"");
    let refused = load(&torn, "bundle", &Environment::from_pairs([("UNUSED", "")]), &KnownModels(NoSchemaChecks));
    assert!(refused.is_err(), "a set without its texts judges nothing");
}

#[test]
fn an_invocation_has_examples_too() {
    let policy = format!(
        "{POLICY}\n@id(\"closed\") forbid (principal, action == OpenClaw::Action::\"invoke_agent\", resource) when {{ \
         context.now < datetime(\"2026-01-02\") }};\n"
    );
    let example = |now: &str, expect: &str| {
        format!(
            "- name: {expect} at {now}\n  principal: {{ user: alice }}\n  agent: shop\n  action: invoke_agent\n  \
             context: {{ now: '{now}' }}\n  expect: {expect}\n"
        )
    };
    let examples =
        [EXAMPLES, &example("2026-01-01T12:00:00Z", "deny"), &example("2026-01-03T12:00:00Z", "allow")].concat();
    let configuration = configuration("invocation", &policy, &examples);
    let tested = openclaw(["policy", "test", configuration.path()]).run();
    assert_eq!(
        (tested.status, tested.stdout.as_str()),
        (0, "billing: 5 examples, all as expected\n"),
        "{}",
        tested.stderr
    );
}

#[test]
fn every_fault_is_shown_in_its_file() {
    let policy = POLICY.replace("context.input.amount", "context.input.total");
    let configuration = configuration("faults", &policy, EXAMPLES);
    let checked = openclaw(["check", configuration.path()]).run();
    assert_eq!(checked.status, 1);
    insta::assert_snapshot!("policy-fault", configuration.without_place(&checked.stdout));
    let checked = openclaw(["check", "--format", "json", configuration.path()]).run();
    let faults: Vec<Value> = serde_json::from_str(&checked.stdout).unwrap();
    assert!(faults[0]["file"].as_str().unwrap().ends_with("billing.cedar"));
    assert_eq!((faults[0]["line"].as_u64(), faults[0]["path"].as_str()), (Some(5), Some("policies.billing.files[0]")));
    let bundled = openclaw(["bundle", configuration.path()]).run();
    assert_eq!((bundled.status, bundled.stdout.as_str()), (1, ""));
}

#[test]
fn an_example_that_fails_is_shown_with_what_was_decided() {
    let configuration = configuration("fails", POLICY, &EXAMPLES.replace("amount: 200", "amount: 20"));
    let tested = openclaw(["policy", "test", configuration.path()]).run();
    assert_eq!((tested.status, tested.stdout.as_str()), (1, "billing: 3 examples, 1 fault\n"));
    insta::assert_snapshot!("example-fault", configuration.without_place(&tested.stderr));
    assert_eq!(openclaw(["check", configuration.path()]).run().status, 1);
}

#[test]
fn examples_must_cover_what_the_set_can_decide() {
    let only_allow = EXAMPLES.split("- name: a large").next().unwrap();
    let covered = configuration("uncovered", POLICY, only_allow);
    let tested = openclaw(["policy", "test", covered.path()]).run();
    assert_eq!(tested.status, 1);
    assert!(tested.stderr.contains("no example that expects ask, deny"), "{}", tested.stderr);
    for (name, examples, found) in [
        ("unknown", EXAMPLES.replace("expect: deny", "expects: deny"), "unknown field `expects`"),
        ("misspelt", EXAMPLES.replace("action: refund", "action: refunds"), "with the action \"refunds\""),
        ("mapping", "a: b\n".to_owned(), "something other than a list"),
        ("broken", "- [\n".to_owned(), "YAML"),
    ] {
        let tested = openclaw(["policy", "test", configuration(name, POLICY, &examples).path()]).run();
        assert!(tested.status == 1 && tested.stderr.contains(found), "{name}: {}", tested.stderr);
    }
    let none = Configuration::of("none", CONFIGURATION.replace(", tests: billing.tests.yaml", ""));
    none.write("billing.cedar", POLICY);
    let tested = openclaw(["policy", "test", none.path()]).run();
    assert!(tested.status == 1 && tested.stderr.contains("policies.billing.tests"), "{}", tested.stderr);
    let missing = Configuration::of("missing", CONFIGURATION);
    let tested = openclaw(["policy", "test", missing.path()]).run();
    assert!(tested.status == 1 && tested.stderr.contains("a file that cannot be read"), "{}", tested.stderr);
}

#[test]
fn an_agent_that_is_not_configured_is_shown_in_its_file() {
    let policy = POLICY.replace(", resource);", ", resource == OpenClaw::Agent::\"shpo\");");
    let checked = openclaw(["check", configuration("agent-of-policy", &policy, EXAMPLES).path()]).run();
    let expected = "policies.billing.files[0]: found the agent \"shpo\", which is not configured";
    assert!(checked.status == 1 && checked.stdout.contains(expected), "{}", checked.stdout);
    assert!(checked.stdout.contains("allowed: an agent of the configuration: shop"), "{}", checked.stdout);
    assert!(checked.stdout.contains("billing.cedar:7:"), "{}", checked.stdout);
    let examples = EXAMPLES.replacen("agent: shop", "agent: shpo", 1);
    let checked = openclaw(["check", configuration("agent-of-example", POLICY, &examples).path()]).run();
    let expected = "the example \"a small refund runs\" with the agent \"shpo\", which is not configured";
    assert!(checked.status == 1 && checked.stdout.contains(expected), "{}", checked.stdout);
    assert!(checked.stdout.contains("allowed: an agent of the configuration: shop"), "{}", checked.stdout);
    assert!(checked.stdout.contains("billing.tests.yaml:2:"), "{}", checked.stdout);
}

#[test]
fn a_second_opinion_that_no_policy_reads_is_a_fault() {
    let asked = CONFIGURATION.replace("policy: billing }", "policy: billing, policy_check: { provider: ollama } }");
    let alone = asked.replace("tests: billing.tests.yaml }", "tests: billing.tests.yaml, extends: none }");
    let permit = "@id(\"all\") permit (principal, action in OpenClaw::Action::\"call_action\", resource);";
    let policy = format!("{POLICY}{permit}");
    let checked = |name: &str, text: &str, policy: &str| {
        let configuration = configuration(name, policy, EXAMPLES);
        configuration.write("openclaw.yaml", text);
        openclaw(["check", configuration.path()]).run()
    };
    let ignored = checked("opinion-ignored", &alone, &policy);
    let expected =
        "policies.billing: found no policy that reads context.opinion, though the agent shop has policy_check";
    assert!(ignored.status == 1 && ignored.stdout.contains(expected), "{}", ignored.stdout);
    let planned = alone.replace("policy_check: { provider: ollama }", "plan: { provider: ollama }");
    let ignored = checked("plan-ignored", &planned, &policy);
    let expected = "policies.billing: found no policy that reads context.planned, though the agent shop has plan";
    assert!(ignored.status == 0 && ignored.stdout.contains(expected), "{}", ignored.stdout);
    let read = policy.replace("context.input.amount.", "context.opinion == \"deny\" || context.input.amount.");
    for (name, text, policy) in [
        ("opinion-extended", &asked, &policy),
        ("opinion-read", &alone, &read),
        ("opinion-none", &alone.replace(", policy_check: { provider: ollama }", ""), &policy),
    ] {
        let checked = checked(name, text, policy);
        assert_eq!(checked.status, 0, "{name}: {}", checked.stdout);
    }
}

#[test]
fn a_policy_that_is_too_deep_has_its_place_and_ends_no_process() {
    let deep = format!(
        "@id(\"deep\")\nforbid (principal, action, resource)\nwhen {{ {}true{} }};",
        "(".repeat(20_000),
        ")".repeat(20_000)
    );
    let configuration = configuration("deep", &deep, EXAMPLES);
    for command in ["check", "bundle"] {
        let refused = openclaw([command, configuration.path()]).run();
        let shown = format!("{}{}", refused.stdout, refused.stderr);
        assert!(refused.status == 1 && shown.contains("more than 16 brackets within each other"), "{command}: {shown}");
        assert!(shown.contains("billing.cedar:3:"), "{shown}");
    }
}

#[test]
fn an_action_that_no_policy_permits_is_a_warning() {
    let alone = CONFIGURATION.replace("tests: billing.tests.yaml }", "tests: billing.tests.yaml, extends: none }");
    let examples = EXAMPLES
        .replace("expect: allow", "expect: deny")
        .replace("expect: ask\n  policy_ids: [big-refund]", "expect: deny");
    let checked = |name: &str, head: &str, examples: &str| {
        let policy = format!("{POLICY}@id(\"all\") permit ({head});");
        let configuration = configuration(name, &policy, examples);
        configuration.write("openclaw.yaml", &alone);
        openclaw(["check", configuration.path()]).run()
    };
    for (index, head) in [
        "principal, action == OpenClaw::Action::\"refund\", resource",
        "principal, action in [OpenClaw::Action::\"write\"], resource == OpenClaw::Agent::\"shop\"",
        "principal in OpenClaw::Group::\"user\", action in OpenClaw::Action::\"call_action\", resource is OpenClaw::Agent",
        "principal, action, resource",
    ].into_iter().enumerate() {
        let checked = checked(&format!("permit-{index}"), head, EXAMPLES);
        assert!(!checked.stdout.contains("no permit on"), "{head}: {}", checked.stdout);
    }
    let refused = checked("permit-read", "principal, action in OpenClaw::Action::\"read\", resource", &examples);
    let expected = "policies.billing: found no permit on refund, which the agent shop may call";
    assert!(refused.status == 0 && refused.stdout.contains(expected), "{}", refused.stdout);
}

#[cfg(unix)]
#[test]
fn files_outside_the_directory_are_refused() {
    use std::os::unix::fs::symlink;

    let outside = Configuration::empty("outside");
    outside.write("billing.cedar", POLICY);
    outside.write("billing.tests.yaml", EXAMPLES);
    let refused = |name: &str, text: &str, at: &str| {
        let configuration = configuration(name, POLICY, EXAMPLES);
        configuration.write("openclaw.yaml", text);
        for command in [vec!["check"], vec!["bundle"], vec!["policy", "test"]] {
            let refused = openclaw(command.iter().copied().chain([configuration.path()])).run();
            let shown = format!("{}{}", refused.stdout, refused.stderr);
            let expected = format!("{at}: found a file outside the directory of openclaw.yaml");
            assert!(refused.status == 1 && shown.contains(&expected), "{command:?}: {shown}");
            assert!(shown.contains("openclaw.yaml:15:"), "{command:?}: {shown}");
        }
    };
    let (files, tests) = ("policies.billing.files[0]", "policies.billing.tests");
    let up = CONFIGURATION.replace("[billing.cedar]", "[../outside/billing.cedar]");
    refused("up", &up, files);
    let absolute = CONFIGURATION.replace("[billing.cedar]", &format!("['{}/billing.cedar']", outside.path()));
    refused("absolute", &absolute, files);
    refused("tests-up", &CONFIGURATION.replace("tests: billing", "tests: ../outside/billing"), tests);
    let linked = configuration("linked", POLICY, EXAMPLES);
    symlink(format!("{}/billing.cedar", outside.path()), format!("{}/other.cedar", linked.path())).unwrap();
    linked.write("openclaw.yaml", CONFIGURATION.replace("[billing.cedar]", "[other.cedar]"));
    let checked = openclaw(["check", linked.path()]).run();
    assert!(checked.status == 1 && checked.stdout.contains("a file outside the directory"), "{}", checked.stdout);
    // A link that stays within the directory, and a directory that is itself a link.
    let within = configuration("within", POLICY, EXAMPLES);
    symlink("billing.cedar", format!("{}/other.cedar", within.path())).unwrap();
    within.write("openclaw.yaml", CONFIGURATION.replace("[billing.cedar]", "[./other.cedar]"));
    let link = format!("{}/link", outside.path());
    symlink(within.path(), &link).unwrap();
    assert_eq!(openclaw(["check", &link]).run().status, 0);
}

#[test]
fn a_byte_order_mark_does_not_reach_the_bundle() {
    let configuration = configuration("mark", &format!("\u{feff}{POLICY}"), EXAMPLES);
    let bundled = openclaw(["bundle", configuration.path()]).run();
    let bundle: Value = serde_json::from_str(&bundled.stdout).unwrap();
    assert_eq!(bundle["policies"]["billing"]["texts"][0], POLICY);
}

#[test]
fn a_faulty_document_is_reported_first() {
    let faulty = Configuration::of("document", "llm: { provider: nobody }\n");
    let tested = openclaw(["policy", "test", faulty.path()]).run();
    assert_eq!((tested.status, tested.stdout.as_str()), (1, ""));
    assert!(tested.stderr.contains("llm.provider"));
    let plain = Configuration::of("plain", "llm: { provider: ollama, model: llama3 }\n");
    let tested = openclaw(["policy", "test", plain.path()]).with("OPENCLAW_LOCAL", "1").run();
    assert_eq!((tested.status, tested.stdout.as_str()), (0, "no sets of policies of its own\n"));
    assert_eq!(openclaw(["policy", "test", "/nowhere"]).run().status, 2);
    assert_eq!(openclaw(["policy"]).run().status, 2);
}
