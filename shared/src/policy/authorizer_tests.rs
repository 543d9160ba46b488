use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::super::{Count, Extends, Opinion, PolicyFault};
use super::*;
use crate::agent::ActionEffect;
use crate::domain::{AgentName, Principal, PrincipalKind, TenantId, Timestamp, ToolName, UserId};

/// What the calls of these tests refer to.
struct World {
    principal: Principal,
    agent: AgentName,
    action: ToolName,
    arguments: Map<String, Value>,
    schema: Value,
}

impl World {
    fn new() -> Self {
        let arguments = json!({ "to": "bob@example.com", "amount": 12.5, "units": 3, "body": "hi", "tags": ["a"] });
        let schema = json!({ "properties": {
            "to": { "type": "string" }, "amount": { "type": "number" }, "units": { "type": "integer" },
            "body": { "type": "string", "x-authority": false }, "tags": { "type": "array", "items": { "type": "string" } },
        } });
        Self {
            principal: Principal {
                kind: PrincipalKind::User,
                user: UserId::new("alice"),
                tenant: TenantId::default(),
                groups: ["billing".to_owned()].into(),
            },
            agent: "support".parse().unwrap(),
            action: ToolName::new("refund"),
            arguments: arguments.as_object().unwrap().clone(),
            schema,
        }
    }

    /// Returns a call whose arguments are all the caller's.
    fn call(&self) -> CallRequest<'_> {
        CallRequest {
            principal: &self.principal,
            agent: &self.agent,
            action: &self.action,
            effect: ActionEffect::Write,
            arguments: &self.arguments,
            schema: &self.schema,
            origins: self.arguments.keys().map(|name| (name.clone(), Origin::Caller)).collect(),
            proposed_by: Proposer::Model,
            tainted: false,
            planned: true,
            data: BTreeSet::new(),
            accepts: BTreeSet::new(),
            called: BTreeSet::new(),
            step: 1,
            now: Timestamp::from_millis(1_800_000_000_000),
            grants: BTreeSet::new(),
            opinion: Opinion::None,
            count: Count::default(),
        }
    }
}

fn shipped(extends: Extends) -> PolicySet {
    PolicySet::parse(&[], extends).unwrap()
}

fn own(text: &str) -> PolicySet {
    PolicySet::parse(&[text], Extends::None).unwrap_or_else(|faults| panic!("{faults:?}"))
}

#[track_caller]
fn decides(set: &PolicySet, call: &CallRequest<'_>, verdict: Verdict, ids: &[&str]) {
    let decision = set.judge(call);
    let found: Vec<&str> = decision.policy_ids.iter().map(String::as_str).collect();
    assert_eq!((decision.verdict, found.as_slice()), (verdict, ids));
}

fn with_origin<'a>(call: CallRequest<'a>, name: &str, origin: Origin) -> CallRequest<'a> {
    let mut origins: BTreeMap<String, Origin> = call.origins.clone();
    origins.insert(name.to_owned(), origin);
    CallRequest { origins, ..call }
}

#[test]
fn strict_allows_what_the_caller_asks_for() {
    let (world, strict) = (World::new(), shipped(Extends::Strict));
    decides(&strict, &world.call(), Verdict::Allow, &["strict-write"]);
    decides(&strict, &CallRequest { effect: ActionEffect::Read, ..world.call() }, Verdict::Allow, &["strict-read"]);
    let tainted = CallRequest { tainted: true, ..world.call() };
    decides(&strict, &tainted, Verdict::Allow, &["strict-write"]);
}

#[test]
fn strict_asks_about_a_strangers_recipient_and_not_about_his_text() {
    let (world, strict) = (World::new(), shipped(Extends::Strict));
    let recipient = with_origin(world.call(), "to", Origin::Untrusted);
    decides(&strict, &recipient, Verdict::Ask, &["strict-untrusted-authority"]);
    assert_eq!(strict.judge(&recipient).asks, ["admin".to_owned()].into());
    decides(&strict, &with_origin(world.call(), "body", Origin::Untrusted), Verdict::Allow, &["strict-write"]);
    let read = CallRequest { effect: ActionEffect::Read, ..recipient };
    decides(&strict, &read, Verdict::Allow, &["strict-read"]);
}

#[test]
fn strict_asks_about_what_nobody_planned_once_a_stranger_is_read() {
    let (world, strict) = (World::new(), shipped(Extends::Strict));
    let unplanned = CallRequest { planned: false, ..world.call() };
    decides(&strict, &unplanned, Verdict::Allow, &["strict-write"]);
    let tainted = CallRequest { tainted: true, ..unplanned };
    decides(&strict, &tainted, Verdict::Ask, &["strict-unplanned"]);
    let made_up = with_origin(world.call(), "amount", Origin::Model);
    decides(&strict, &made_up, Verdict::Allow, &["strict-write"]);
    let made_up = CallRequest { tainted: true, ..made_up };
    decides(&strict, &made_up, Verdict::Ask, &["strict-model-authority"]);
    let all = CallRequest { planned: false, ..with_origin(made_up, "to", Origin::Untrusted) };
    let ids = ["strict-model-authority", "strict-unplanned", "strict-untrusted-authority"];
    decides(&strict, &all, Verdict::Ask, &ids);
}

#[test]
fn data_reaches_only_what_accepts_it() {
    let world = World::new();
    for (extends, id) in [(Extends::Strict, "strict-data-class"), (Extends::Permissive, "permissive-data-class")] {
        let set = shipped(extends);
        for effect in [ActionEffect::Read, ActionEffect::Write] {
            let customer = || BTreeSet::from(["customer".to_owned()]);
            let call = CallRequest { effect, data: customer(), ..world.call() };
            decides(&set, &call, Verdict::Deny, &[id]);
            assert_eq!(set.judge(&CallRequest { accepts: customer(), ..call }).verdict, Verdict::Allow);
        }
    }
}

#[test]
fn a_denial_goes_over_a_question() {
    let (world, strict) = (World::new(), shipped(Extends::Strict));
    let call = with_origin(CallRequest { data: ["x".to_owned()].into(), ..world.call() }, "to", Origin::Untrusted);
    decides(&strict, &call, Verdict::Deny, &["strict-data-class", "strict-untrusted-authority"]);
    assert!(strict.judge(&call).asks.is_empty());
}

#[test]
fn the_second_opinion_can_only_tighten() {
    let world = World::new();
    let verdict = |extends, opinion| shipped(extends).judge(&CallRequest { opinion, ..world.call() }).verdict;
    for opinion in [Opinion::Deny, Opinion::Failed] {
        assert_eq!(verdict(Extends::Strict, opinion), Verdict::Deny);
    }
    assert_eq!(verdict(Extends::Permissive, Opinion::Deny), Verdict::Deny);
    assert_eq!(verdict(Extends::Permissive, Opinion::Failed), Verdict::Allow);
    assert_eq!(verdict(Extends::None, Opinion::Allow), Verdict::Deny, "an opinion permits nothing");
}

#[test]
fn permissive_allows_the_rest() {
    let (world, permissive) = (World::new(), shipped(Extends::Permissive));
    let call = CallRequest { tainted: true, planned: false, ..with_origin(world.call(), "to", Origin::Untrusted) };
    decides(&permissive, &call, Verdict::Allow, &["permissive-call"]);
}

#[test]
fn what_no_policy_permits_is_denied() {
    let world = World::new();
    decides(&shipped(Extends::None), &world.call(), Verdict::Deny, &["default-deny"]);
    let asking = own(r#"@id("ask") @ask("boss") forbid (principal, action, resource);"#);
    decides(&asking, &world.call(), Verdict::Deny, &["ask"]);
}

#[test]
fn an_error_denies() {
    let world = World::new();
    let set = own(r#"@id("all") permit (principal, action, resource);
        @id("broken") forbid (principal, action, resource) when { context.input.missing == 1 };"#);
    decides(&set, &world.call(), Verdict::Deny, &["evaluation-error"]);
}

#[test]
fn policies_read_the_whole_context() {
    let world = World::new();
    let conditions = [
        r#"principal == OpenClaw::User::"alice" && principal in OpenClaw::Group::"billing""#,
        r#"principal in OpenClaw::Tenant::"default" && resource == OpenClaw::Agent::"support""#,
        r#"action == OpenClaw::Action::"refund" && action in OpenClaw::Action::"call_action""#,
        r#"context.input.to like "*@example.com" && context.input.units == 3"#,
        r#"context.input.amount.lessThan(decimal("12.51")) && context.input.tags.contains("a")"#,
        r#"context.origin.to == "caller" && context.authority == ["caller"] && context.proposed_by == "model""#,
        r#"context.called.contains("ticket") && context.grants.contains("on-call") && context.step == 1"#,
        r#"context.now > datetime("2027-01-01") && context.count.hour == 2 && context.count.day < 10"#,
        r#"context.opinion == "none" && !context.tainted && context.planned"#,
    ];
    let call = CallRequest {
        called: ["ticket".to_owned()].into(),
        grants: ["on-call".to_owned()].into(),
        count: Count { hour: 2, day: 9 },
        ..world.call()
    };
    for condition in conditions {
        let set = own(&format!(r#"@id("it") permit (principal, action, resource) when {{ {condition} }};"#));
        decides(&set, &call, Verdict::Allow, &["it"]);
    }
}

#[test]
fn arguments_are_values_and_nothing_else() {
    let mut world = World::new();
    world.schema = json!({ "properties": { "to": { "type": "object", "properties": {
        "__entity": { "type": "object", "properties": { "type": { "type": "string" }, "id": { "type": "string" } } },
        "__extn": { "type": "string" },
    } } } });
    let admin = json!({ "__entity": { "type": "OpenClaw::User", "id": "admin" }, "__extn": "x" });
    world.arguments = json!({ "to": admin, "unknown": 1 }).as_object().unwrap().clone();
    let set = own(r#"@id("it") permit (principal, action, resource)
        when { context.input.to["__entity"].id == "admin" && context.input.to["__extn"] == "x" && !(context.input has unknown) };"#);
    decides(&set, &world.call(), Verdict::Allow, &["it"]);
}

#[test]
fn arguments_that_cannot_be_judged_are_denied() {
    let mut world = World::new();
    let strict = shipped(Extends::Strict);
    let deep = (0..40).fold(json!("x"), |inner, _| json!([inner]));
    let nested = (0..40).fold(json!({ "type": "string" }), |inner, _| json!({ "type": "array", "items": inner }));
    let many = Value::from(vec![1; 20_000]);
    let cases = [
        (json!(u64::MAX), json!({ "type": "integer" })),
        (json!(1.5), json!({ "type": "integer" })),
        (json!(0.00001), json!({ "type": "number" })),
        (json!(1e20), json!({ "type": "number" })),
        (deep, nested),
        (many, json!({ "type": "array", "items": { "type": "integer" } })),
    ];
    for (value, schema) in cases {
        world.arguments = Map::from_iter([("x".to_owned(), value)]);
        world.schema = json!({ "properties": { "x": schema } });
        decides(&strict, &world.call(), Verdict::Deny, &["invalid-arguments"]);
    }
    for (number, kind) in [
        (json!(-3.25), "number"),
        (json!(7), "number"),
        (json!(922_337_203_685_477_u64), "number"),
        (json!(5.0), "integer"),
    ] {
        world.arguments = Map::from_iter([("x".to_owned(), number)]);
        world.schema = json!({ "properties": { "x": { "type": kind } } });
        decides(&strict, &world.call(), Verdict::Allow, &["strict-write"]);
    }
}

#[test]
fn faulty_policies_are_refused() {
    let faults = |text: &str, extends| PolicySet::parse(&[text], extends).unwrap_err();
    assert!(matches!(faults("permit (", Extends::None)[0], PolicyFault::Syntax(_)));
    let no_id = faults("permit (principal, action, resource);", Extends::None);
    assert_eq!(no_id, [PolicyFault::NoId { number: 1 }]);
    let repeated = faults(r#"@id("strict-read") permit (principal, action, resource);"#, Extends::Strict);
    assert_eq!(repeated, [PolicyFault::RepeatedId("strict-read".to_owned())]);
    let asking = faults(r#"@id("a") @ask("admin") permit (principal, action, resource);"#, Extends::None);
    assert_eq!(asking, [PolicyFault::AskingPermit("a".to_owned())]);
    let template = faults(r#"@id("a") permit (principal == ?principal, action, resource);"#, Extends::None);
    assert_eq!(template, [PolicyFault::Template { number: 1 }]);
}

#[test]
fn the_stricter_of_two_decisions_wins() {
    let (world, strict) = (World::new(), shipped(Extends::Strict));
    let allowed = strict.judge(&world.call());
    let asked = strict.judge(&with_origin(world.call(), "to", Origin::Untrusted));
    assert_eq!(allowed.clone().stricter(asked.clone()), asked);
    assert_eq!(asked.clone().stricter(allowed), asked);
    assert_eq!(asked.stricter(Decision::denied("x")).verdict, Verdict::Deny);
}
