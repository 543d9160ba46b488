//! What policies read from the store: grants, counts, and who may invoke an agent when.

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use tokio::sync::Barrier;
use uuid::Uuid;

use super::settle_tests::{Bench, step, steps};
use super::turn_tests::{TestTurn, idempotency};
use super::{EventSink, TurnError, TurnMetrics, TurnOutcome};
use crate::actions::ActionError;
use crate::actions::egress::RefusedRedirect;
use crate::agent::{ActionDefinition, Safeguards};
use crate::domain::{Clock, TenantId};
use crate::policy::{Extends, Policies};
use crate::store::{Grant, GrantHolder, GrantId, GrantStore};
use crate::testing::{Reaction, Script};

fn bench(policies: &str) -> Bench {
    let mut bench = Bench::with(|_, _| {}, Safeguards { policy: "own".to_owned(), ..Safeguards::default() });
    bench.world.policies = Policies::new([("own".to_owned(), vec![policies.to_owned()], Extends::Strict)]);
    bench
}

async fn grant(bench: &Bench, holder: &str, minutes: u64) {
    let now = bench.world.clock.now();
    let grant = Grant {
        id: GrantId::new(Uuid::from_u128(7)),
        tenant: TenantId::default(),
        holder: GrantHolder::parse(holder).unwrap(),
        name: "night".to_owned(),
        reason: "a release".to_owned(),
        created_by: "admin".to_owned(),
        created_at: now,
        expires_at: now.plus(Duration::from_mins(minutes)),
    };
    bench.world.grants.put(&grant).await.unwrap();
}

async fn sends(bench: &Bench) -> TurnOutcome {
    bench.proposes(&[("send", json!({ "to": "bob@corp.com" }))]);
    bench.take("Write to bob@corp.com").await
}

const NEEDS_GRANT: &str = r#"@id("granted") forbid (principal, action == OpenClaw::Action::"send", resource)
unless { context.grants.contains("night") };"#;

#[tokio::test]
async fn a_grant_holds_until_it_expires() {
    let denied = [step("send", "denied", &["granted"])];
    for (holder, outcome) in [
        ("user:alice", true),
        ("agent:default", true),
        ("user:bob", false),
        ("client:alice", false),
        ("agent:other", false),
    ] {
        let bench = bench(NEEDS_GRANT);
        grant(&bench, holder, 1).await;
        let taken = sends(&bench).await;
        let expected = if outcome { [step("send", "succeeded", &[])] } else { denied.clone() };
        assert_eq!(steps(&taken), expected, "{holder}");
    }
    let bench = bench(NEEDS_GRANT);
    grant(&bench, "user:alice", 1).await;
    bench.world.clock.advance(Duration::from_secs(61));
    assert_eq!(steps(&sends(&bench).await), denied, "a second ago");
}

#[tokio::test]
async fn a_grant_that_ends_during_a_run_has_no_effect_any_more() {
    for (is_deleted, seconds) in [(false, 11), (true, 26)] {
        let bench = bench(NEEDS_GRANT);
        grant(&bench, "user:alice", 1).await;
        if !is_deleted {
            bench.world.clock.advance(Duration::from_secs(50));
        }
        let barrier = Arc::new(Barrier::new(2));
        bench.look.then(Reaction::Meet(Arc::clone(&barrier)));
        bench.proposes(&[("look", json!({ "what": "mail" }))]);
        bench.planner.then(Script::Say("{\"send\": 1}".to_owned()));
        let ending = async {
            if is_deleted {
                bench.world.grants.delete(&TenantId::default(), GrantId::new(Uuid::from_u128(7))).await.unwrap();
            }
            bench.world.clock.advance(Duration::from_secs(seconds));
            barrier.wait().await;
        };
        let (taken, ()) = tokio::join!(sends(&bench), ending);
        assert_eq!(steps(&taken).last(), Some(&step("send", "denied", &["granted"])), "deleted: {is_deleted}");
    }
}

const TWO_AN_HOUR: &str = r#"@id("two-an-hour") forbid (principal, action == OpenClaw::Action::"send", resource)
when { context.count.hour >= 2 };"#;

#[tokio::test]
async fn calls_are_counted_and_a_denied_one_is_given_back() {
    let bench = bench(TWO_AN_HOUR);
    let mail = ("send", json!({ "to": "bob@corp.com" }));
    bench.proposes(&[mail.clone(), mail.clone(), mail.clone(), mail]);
    let taken = bench.take("Write to bob@corp.com").await;
    let (sent, denied) = (step("send", "succeeded", &[]), step("send", "denied", &["two-an-hour"]));
    assert_eq!(steps(&taken), [sent.clone(), sent.clone(), denied.clone(), denied.clone()]);
    assert_eq!(steps(&sends(&bench).await), [denied], "of all runs of the caller");
    bench.world.clock.advance(Duration::from_hours(1));
    assert_eq!(steps(&sends(&bench).await), [sent]);
}

#[tokio::test]
async fn a_call_that_was_not_sent_is_given_back_and_one_that_was_redirected_is_not() {
    for (error, then) in [
        (ActionError::Refused("a test".to_owned()), step("send", "succeeded", &[])),
        (ActionError::Redirected(RefusedRedirect::Write), step("send", "denied", &["two-an-hour"])),
    ] {
        let bench = bench(TWO_AN_HOUR);
        for _ in 0..2 {
            bench.send.then(Reaction::Fail(error.clone()));
            assert_eq!(steps(&sends(&bench).await), [step("send", "failed", &[])], "{error}");
        }
        assert_eq!(steps(&sends(&bench).await), [then], "{error}");
    }
}

const BY_NIGHT: &str = r#"@id("by-night") forbid (principal, action == OpenClaw::Action::"invoke_agent", resource)
unless { context.grants.contains("night") || context.now < datetime("2027-01-15") };"#;

#[tokio::test]
async fn a_set_that_names_invocations_judges_them() {
    let bench = bench(BY_NIGHT);
    let refused = bench.world.take(bench.world.request("hi")).await;
    let Err(TurnError::NotAdmitted { policy_ids }) = refused else { panic!("it ran: {refused:?}") };
    assert!(policy_ids.contains("by-night") && bench.world.model.requests().is_empty());
    grant(&bench, "user:alice", 1).await;
    assert!(bench.world.take(bench.world.request("hi")).await.is_ok());
}

#[tokio::test]
async fn an_earlier_answer_is_for_those_alone_who_may_still_invoke_the_agent() {
    let bench = bench(BY_NIGHT);
    grant(&bench, "user:alice", 1).await;
    let request = || TestTurn { idempotency: Some(idempotency("k", "hi")), ..bench.world.request("hi") };
    let first = bench.world.take(request()).await.unwrap();
    assert_eq!(bench.world.take(request()).await.unwrap().facts.run, first.facts.run);
    bench.world.clock.advance(Duration::from_secs(61));
    let refused = bench.world.take(request()).await;
    assert!(matches!(refused, Err(TurnError::NotAdmitted { .. })), "{refused:?}");
}

#[tokio::test]
async fn every_grant_of_a_tenant_is_read() {
    let bench = bench(NEEDS_GRANT);
    let (now, tenant) = (bench.world.clock.now(), TenantId::default());
    for number in 0..1_001_u128 {
        // The last of them is the caller's.
        let holder = if number == 1_000 { "user:alice" } else { "user:bob" };
        let grant = Grant {
            id: GrantId::new(Uuid::from_u128(number)),
            tenant: tenant.clone(),
            holder: GrantHolder::parse(holder).unwrap(),
            name: "night".to_owned(),
            reason: "a release".to_owned(),
            created_by: "admin".to_owned(),
            created_at: now,
            expires_at: now.plus(Duration::from_mins(1)),
        };
        bench.world.grants.put(&grant).await.unwrap();
    }
    assert_eq!(steps(&sends(&bench).await), [step("send", "succeeded", &[])]);
}

/// Has two calls counted, of which one is allowed and the second opinion on the other never comes.
fn counts_two_calls(bench: &Bench) {
    let mail = ("send", json!({ "to": "bob@corp.com" }));
    bench.proposes(&[mail.clone(), mail]);
    bench.checker.then(Script::Say("allow".to_owned()));
    bench.checker.then(Script::Hang);
}

/// Checks that two calls may be made in this hour.
async fn nothing_is_counted(bench: &Bench) {
    let checked = ("opinion".to_owned(), "allow".to_owned(), Vec::new());
    for _ in 0..2 {
        bench.checker.then(Script::Say("allow".to_owned()));
        assert_eq!(steps(&sends(bench).await), [checked.clone(), step("send", "succeeded", &[])]);
    }
}

#[tokio::test(start_paused = true)]
async fn what_was_counted_is_given_back_when_the_deadline_passes() {
    let bench = bench(TWO_AN_HOUR).checked();
    counts_two_calls(&bench);
    let late = bench.world.take(bench.world.request("Write to bob@corp.com")).await;
    assert!(matches!(late, Err(TurnError::DeadlineExceeded)), "{late:?}");
    nothing_is_counted(&bench).await;
}

#[tokio::test]
async fn what_was_counted_is_given_back_when_the_client_leaves() {
    let bench = bench(TWO_AN_HOUR).checked();
    counts_two_calls(&bench);
    let (sink, events) = EventSink::new();
    let mut metrics = TurnMetrics::default();
    let taking = bench.world.take_with(bench.world.request("Write to bob@corp.com"), Some(&sink), &mut metrics);
    let leaving = async {
        while bench.checker.requests().len() < 2 {
            tokio::task::yield_now().await;
        }
        drop(events);
    };
    let (left, ()) = tokio::join!(taking, leaving);
    assert!(matches!(left, Err(TurnError::Cancelled)), "{left:?}");
    assert!(bench.send.calls().is_empty());
    nothing_is_counted(&bench).await;
}

#[tokio::test]
async fn an_error_from_outside_carries_the_classes_of_its_action() {
    for (error, outcome) in [
        (ActionError::Rejected { code: "status 409".to_owned(), text: Some("Ada, born 1815".to_owned()) }, "denied"),
        (ActionError::Throttled, "succeeded"),
    ] {
        let classes =
            |look: &mut ActionDefinition, _: &mut ActionDefinition| look.data = ["customer".to_owned()].into();
        let bench = Bench::with(classes, Safeguards { policy: "permissive".to_owned(), ..Safeguards::default() });
        bench.look.then(Reaction::Fail(error));
        bench.proposes(&[("look", json!({ "what": "ticket" }))]);
        let taken = sends(&bench).await;
        let last = steps(&taken).pop().unwrap();
        assert_eq!((last.0.as_str(), last.1.as_str()), ("send", outcome), "{last:?}");
    }
}
