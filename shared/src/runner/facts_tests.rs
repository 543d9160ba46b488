//! What policies read from the store: grants, counts, and who may invoke an agent when.

use std::time::Duration;

use serde_json::json;
use uuid::Uuid;

use super::settle_tests::{Bench, step, steps};
use super::{TurnError, TurnOutcome};
use crate::actions::ActionError;
use crate::actions::egress::RefusedRedirect;
use crate::agent::Safeguards;
use crate::domain::{Clock, TenantId};
use crate::policy::{Extends, Policies};
use crate::store::{Grant, GrantHolder, GrantId, GrantStore};
use crate::testing::Reaction;

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
