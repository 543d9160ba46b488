use std::sync::Arc;

use serde_json::json;

use super::super::{PolicyExample, PolicySet as OwnSet};
use super::*;
use crate::agent::ActionEffect;
use crate::domain::ToolName;
use crate::testing::action_definition;

const AGENTS: [&str; 2] = ["clerk", "shop"];

fn actions() -> Actions {
    let refund = action_definition(
        "refund",
        ActionEffect::Write,
        &json!({
            "type": "object",
            "properties": {
                "order": { "type": "string" }, "amount": { "type": "number" }, "units": { "type": "integer" },
                "notify": { "type": "array", "items": { "type": "string" } },
                "address": { "type": "object", "properties": { "city": { "type": "string" } }, "required": ["city"] },
            },
            "required": ["order", "amount"],
        }),
    );
    [(ToolName::new("refund"), Arc::new(refund))].into()
}

fn faults(text: &str) -> Vec<String> {
    let found = check_set(&[text], Extends::Strict, &actions(), &AGENTS);
    found.into_iter().map(|fault| fault.found).collect()
}

const GOOD: &str = r#"
@id("big-refund") @ask("billing")
forbid (principal, action == OpenClaw::Action::"refund", resource)
when { context.input.amount.greaterThan(decimal("100.0")) || context.origin has order && context.origin.order == "model" };

@id("city") forbid (principal in OpenClaw::Group::"x", action in OpenClaw::Action::"write", resource)
when { context.tainted && context.count.hour > 3 && context.authority.contains("model") };

@id("abroad") forbid (principal, action == OpenClaw::Action::"refund", resource)
when { context.input has address && context.input.address.city == "Oslo" && context.input has notify
       && context.input.notify.contains("a") && context.now > datetime("2026-01-01") };

@id("hours") forbid (principal, action == OpenClaw::Action::"invoke_agent", resource)
unless { context.grants.contains("night") };
"#;

#[test]
fn the_shipped_sets_are_valid_in_any_configuration() {
    for extends in [Extends::Strict, Extends::Permissive] {
        for actions in [actions(), Actions::new()] {
            assert_eq!(check_set(&[extends.text()], Extends::None, &actions, &AGENTS), []);
        }
    }
}

#[test]
fn a_sound_set_has_no_faults() {
    assert_eq!(faults(GOOD), Vec::<String>::new());
    let refund = action_definition("refund", ActionEffect::Write, &json!({ "type": "object" }));
    let admits = |texts: &[&str], extends| admits(texts, extends, "shop", &refund);
    assert!(asks(&[], Extends::Strict) && !asks(&[], Extends::Permissive) && admits(&[], Extends::Permissive));
    assert!(!admits(&[GOOD], Extends::None) && asks(&[GOOD], Extends::None));
}

#[test]
fn every_fault_has_its_place() {
    let text = r#"permit (principal, action, resource);
@id("a") @ask("x") permit (principal, action == OpenClaw::Action::"refund", resource);
@id("b") forbid (principal, action == OpenClaw::Action::"refund", resource) when { context.input.amount > 5 };
@id("c") forbid (principal, action == OpenClaw::Action::"refund", resource) when { context.input.units > 5 };
@id("d") forbid (principal, action == OpenClaw::Action::"pay", resource);
@id("e") forbid (principal, action == OpenClaw::Action::"refund", resource) when { 1 == 2 };
@id("a") forbid (principal, action, resource) when { context.tainted };
@id("strict-read") forbid (principal, action == OpenClaw::Action::"refund", resource);
"#;
    let found = check_set(&[text], Extends::Strict, &actions(), &AGENTS);
    let line = |fault: &SetFault| fault.place.as_ref().map(|place| text[..place.start].matches('\n').count() + 1);
    let mut lines: Vec<Option<usize>> = found.iter().map(line).collect();
    lines.sort_unstable();
    lines.dedup();
    assert_eq!(lines, [Some(1), Some(2), Some(3), Some(4), Some(5), Some(6), Some(7), Some(8)], "{found:#?}");
    let syntax =
        check_set(&["@id(\"x\")\nforbid (principal, action, resource", GOOD], Extends::None, &actions(), &AGENTS);
    assert!(syntax[0].file == 0 && syntax[0].place.is_some(), "{syntax:?}");
    assert_eq!(
        check_set(&[GOOD, GOOD], Extends::Strict, &actions(), &AGENTS).len(),
        4,
        "ids are unique over all files"
    );
}

#[test]
fn a_policy_on_what_no_policy_decides_is_a_fault() {
    let on = |annotations: &str, actions: &str| {
        let actions = actions.replace('<', "OpenClaw::Action::\"").replace('>', "\"");
        faults(&format!("@id(\"p\") {annotations} forbid (principal, action {actions}, resource);"))
    };
    for actions in ["== <approve_call>", "== <manage_grants>", "in [<manage_grants>, <approve_call>]"] {
        assert_eq!(on("", actions), ["p on approve_call or manage_grants alone"], "{actions}");
    }
    for actions in ["== <invoke_agent>", "in [<invoke_agent>, <approve_call>]"] {
        assert_eq!(on("", actions), [""; 0], "{actions}");
        assert_eq!(on("@ask(\"admin\")", actions), ["@ask on p, which names invoke_agent alone"], "{actions}");
    }
    for actions in ["in <call_action>", "in [<invoke_agent>, <refund>]"] {
        assert_eq!(on("@ask(\"admin\")", actions), [""; 0], "{actions}");
    }
}

#[test]
fn an_example_says_what_was_decided_instead() {
    let set = OwnSet::parse(&[GOOD], Extends::Strict).unwrap();
    let example = |change: &[(&str, serde_json::Value)]| {
        let mut example = json!({
            "name": "n", "principal": { "user": "alice" }, "agent": "shop", "action": "refund",
            "input": { "order": "o-1", "amount": 20.5 }, "expect": "allow",
        });
        for (key, value) in change {
            example[*key] = value.clone();
        }
        serde_json::from_value::<PolicyExample>(example)
    };
    let run = |change: &[(&str, serde_json::Value)]| {
        example(change).unwrap().run(&set, &actions(), &AGENTS).map_err(|fault| fault.found)
    };
    assert_eq!(run(&[]), Ok(()));
    assert_eq!(run(&[("expect", json!("deny"))]), Err("decided as allow by strict-write".to_owned()));
    let large = ("input", json!({ "order": "o-1", "amount": 200 }));
    assert_eq!(run(&[large.clone(), ("expect", json!("ask")), ("policy_ids", json!(["big-refund"]))]), Ok(()));
    assert_eq!(
        run(&[large, ("expect", json!("ask")), ("policy_ids", json!(["other"]))]),
        Err("decided as ask by big-refund".to_owned())
    );
    let poisoned = ("context", json!({ "origin": { "order": "untrusted" }, "now": "2026-05-01T10:00:00Z" }));
    assert_eq!(run(&[poisoned, ("expect", json!("ask"))]), Ok(()));
    assert_eq!(run(&[("input", json!({})), ("expect", json!("deny"))]), Ok(()));
    assert_eq!(
        run(&[("action", json!("pay")), ("expect", json!("deny")), ("policy_ids", json!(["unknown-action"]))]),
        Ok(())
    );
    let misspelt = run(&[("action", json!("refunds")), ("expect", json!("deny"))]);
    assert_eq!(misspelt, Err("with the action \"refunds\", which is not configured".to_owned()));
    let ignored = run(&[("context", json!({ "origin": { "sum": "untrusted" } }))]);
    assert_eq!(ignored, Err("with an origin of \"sum\", which is not in its input".to_owned()));
    assert_eq!(run(&[("context", json!({ "opinion": "failed" })), ("expect", json!("deny"))]), Ok(()));
    assert!(example(&[("contex", json!({}))]).is_err(), "unknown keys are refused");
    assert!(example(&[("context", json!({ "taint": true }))]).is_err());
}

#[test]
fn what_names_the_gateways_own_or_has_no_effect_is_a_fault() {
    for text in [
        r#"@id("default-deny") forbid (principal, action == OpenClaw::Action::"refund", resource);"#,
        r#"@id("a\nb") forbid (principal, action == OpenClaw::Action::"refund", resource);"#,
        r#"@id("x") @ask("") forbid (principal, action == OpenClaw::Action::"refund", resource);"#,
        r#"@id("x") @ask forbid (principal, action == OpenClaw::Action::"refund", resource);"#,
        r#"@id("x") permit (principal, action == OpenClaw::Action::"invoke_agent", resource);"#,
    ] {
        assert_eq!(faults(text).len(), 1, "{text}: {:?}", faults(text));
    }
}

#[test]
fn an_agent_that_is_not_configured_is_a_fault() {
    let on = |rest: &str| {
        let text = format!("@id(\"p\") forbid (principal, action == OpenClaw::Action::\"refund\", {rest};");
        check_set(&[&text], Extends::Strict, &actions(), &AGENTS)
            .into_iter()
            .map(|fault| (text[fault.place.unwrap()].to_owned(), fault.found, fault.allowed))
            .collect::<Vec<_>>()
    };
    let fault = || {
        let allowed = "an agent of the configuration: clerk, shop".to_owned();
        ("OpenClaw::Agent::\"shpo\"".to_owned(), "the agent \"shpo\", which is not configured".to_owned(), allowed)
    };
    for good in [
        "resource == OpenClaw::Agent::\"shop\")",
        "resource) when { [OpenClaw::Agent::\"shop\", OpenClaw::Agent::\"clerk\"].contains(resource) }",
        "resource) unless { principal == OpenClaw::User::\"shpo\" }",
    ] {
        assert_eq!(on(good), [], "{good}");
    }
    for bad in [
        "resource == OpenClaw::Agent::\"shpo\")",
        "resource in OpenClaw::Agent::\"shpo\")",
        "resource) when { resource == OpenClaw::Agent::\"shpo\" }",
        "resource) unless { [OpenClaw::Agent::\"clerk\", OpenClaw::Agent::\"shpo\"].contains(resource) }",
    ] {
        assert_eq!(on(bad), [fault()], "{bad}");
    }
}

#[test]
fn a_value_that_a_member_of_the_context_never_has_is_a_fault() {
    let mut actions = actions();
    let mut ticket = action_definition("ticket", ActionEffect::Read, &json!({ "type": "object" }));
    (ticket.data, ticket.accepts) = (["customer".to_owned()].into(), ["public".to_owned()].into());
    actions.insert(ToolName::new("ticket"), Arc::new(ticket));
    let on = |condition: &str| {
        let head = "@id(\"denied\") forbid (principal, action == OpenClaw::Action::\"refund\", resource)";
        let text = format!("{head} when {{ {condition} }};");
        let found = check_set(&[&text], Extends::Strict, &actions, &AGENTS).into_iter();
        found.map(|fault| (text[fault.place.unwrap()].to_owned(), fault.found, fault.allowed)).collect::<Vec<_>>()
    };
    for good in [
        "context.opinion == \"deny\" || [\"failed\", \"none\"].contains(context.opinion)",
        "context has origin && context.origin has order && context.origin.order == \"untrusted\"",
        "context.proposed_by != \"graph\" && context.authority.containsAny([\"model\", \"operator\"])",
        "context.called.contains(\"ticket\") && context.data.contains(\"customer\")",
        "context.accepts == [\"public\"] && context.grants.contains(\"whatever\")",
        "context.input.order == \"whatever\"",
    ] {
        assert_eq!(on(good), [], "{good}");
    }
    for (bad, literal, member, known) in [
        ("context.opinion == \"denied\"", "denied", "opinion", "allow, deny, failed, none"),
        ("!(\"modle\" != context[\"proposed_by\"])", "modle", "proposed_by", "graph, model"),
        ("[\"caller\", \"strangr\"].containsAll(context.authority)", "strangr", "authority", ORIGINS),
        ("context.origin has order && context.origin.order == \"strangr\"", "strangr", "origin", ORIGINS),
        ("context.tainted && context.called.contains(\"pya\")", "pya", "called", "refund, ticket"),
        ("context.data.containsAny([\"customer\", \"pii\"])", "pii", "data", "customer"),
        ("context.accepts.contains(\"customer\")", "customer", "accepts", "public"),
    ] {
        let found = format!("{literal:?}, which context.{member} never has");
        assert_eq!(on(bad), [(format!("{literal:?}"), found, format!("a value that it has: {known}"))], "{bad}");
    }
    let [(_, found, allowed)] = on("context.grants.contains(\"night shift\")").try_into().unwrap();
    assert_eq!(found, "\"night shift\", which context.grants never has");
    assert_eq!(allowed, "a name of a grant: 1 to 64 of a-z, A-Z, 0-9, _, . and -");
}

const ORIGINS: &str = "caller, model, operator, trusted, untrusted";

#[test]
fn an_annotation_that_means_nothing_is_a_fault() {
    let policy = "forbid (principal, action == OpenClaw::Action::\"refund\", resource);";
    let known = format!("@description(\"why\") @ask(\"admin\") @id(\"p\") {policy}");
    assert_eq!(faults(&known), [""; 0]);
    for text in [format!("@id(\"p\") @aks(\"admin\") {policy}"), format!("@aks(\"admin\") @id(\"p\") {policy}")] {
        let found = check_set(&[&text], Extends::Strict, &actions(), &AGENTS);
        let found: Vec<_> = found.into_iter().map(|fault| (&text[fault.place.unwrap()], fault.found)).collect();
        assert_eq!(found, [("@aks", "the annotation @aks".to_owned())], "{text}");
    }
}

#[test]
fn an_origin_that_is_read_without_has_is_a_fault_that_says_so() {
    let text = "@id(\"p\") forbid (principal, action == OpenClaw::Action::\"refund\", resource) \
                when { context.origin.order == \"model\" };";
    let found = check_set(&[text], Extends::Strict, &actions(), &AGENTS);
    assert!(found.len() == 1 && found[0].allowed.contains("after `has`"), "{found:?}");
}

#[test]
fn whether_a_set_reads_the_second_opinion_is_read_from_its_policies() {
    let policy = |condition: &str| {
        format!("// context.opinion\n@id(\"p\") permit (principal, action, resource) when {{ {condition} }};")
    };
    assert!(reads_context(&[], Extends::Strict, "opinion") && reads_context(&[], Extends::Permissive, "opinion"));
    assert!(!reads_context(&[&policy("context.tainted")], Extends::None, "opinion"));
    assert!(!reads_context(&[&policy("context.input.opinion == \"deny\"")], Extends::None, "opinion"));
    assert!(reads_context(&[&policy("context[\"opinion\"] == \"allow\"")], Extends::None, "opinion"));
}

#[test]
fn an_example_of_an_invocation_has_only_what_an_invocation_has() {
    let set = OwnSet::parse(&[GOOD], Extends::Strict).unwrap();
    let run = |change: &serde_json::Value| {
        let mut example = json!({
            "name": "n", "principal": { "user": "alice" }, "agent": "shop", "action": "invoke_agent",
            "context": { "grants": ["night"], "now": "2026-05-01T10:00:00Z" }, "expect": "allow",
        });
        for (key, value) in change.as_object().unwrap() {
            example[key] = value.clone();
        }
        let example: PolicyExample = serde_json::from_value(example).unwrap();
        example.run(&set, &actions(), &AGENTS).map_err(|fault| fault.found)
    };
    assert_eq!(run(&json!({})), Ok(()));
    let refused = Err("of invoke_agent with an input, or with a context that only calls have".to_owned());
    for change in [
        json!({ "input": { "order": "o-1" } }),
        json!({ "input": { "order": "o-1" }, "context": { "origin": { "order": "untrusted" } } }),
        json!({ "context": { "tainted": true, "grants": ["night"] } }),
        json!({ "context": { "count": { "day": 3 } } }),
        json!({ "context": { "opinion": "deny" } }),
    ] {
        assert_eq!(run(&change), refused, "{change}");
    }
    let unknown = run(&json!({ "agent": "shpo" }));
    assert_eq!(unknown, Err("with the agent \"shpo\", which is not configured".to_owned()));
}
