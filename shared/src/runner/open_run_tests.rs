//! Runs that stay open, and what they count against. Time is simulated.

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;

use crate::agent::{AgentDefinition, RunLimits};
use crate::domain::{Clock, TenantId, UserId};
use crate::runner::settle_tests::Bench;
use crate::runner::turn_tests::World;
use crate::runner::{TurnError, TurnMetrics, TurnOutcome};
use crate::store::{Acquired, Lease, LeaseStore, Quota, Scope, ScopeKind, StoreError};
use crate::testing::Script;

/// The limit of one open run for each user.
const ONE: RunLimits = RunLimits { user: Some(1), tenant: None };

fn world(run_limits: RunLimits) -> World {
    let mut world = World::new();
    world.run_limits = run_limits;
    world
}

/// Takes a turn that is open until its deadline.
async fn hang(world: &World, user: &str) -> Result<TurnOutcome, TurnError> {
    world.model.then(Script::Hang);
    let mut request = world.request("hi");
    request.principal.user = UserId::new(user);
    world.take(request).await
}

/// Checks that one of two simultaneous turns was open until its deadline, and returns the scope for which the other one was
/// refused.
#[track_caller]
fn refused_scope(results: (Result<TurnOutcome, TurnError>, Result<TurnOutcome, TurnError>)) -> Scope {
    match results {
        (Err(TurnError::DeadlineExceeded), Err(TurnError::TooManyRuns { scope, limit: 1, .. }))
        | (Err(TurnError::TooManyRuns { scope, limit: 1, .. }), Err(TurnError::DeadlineExceeded)) => scope,
        other => panic!("{other:?}"),
    }
}

#[tokio::test(start_paused = true)]
async fn a_short_run_is_not_counted() {
    let world = world(ONE);
    world.leases.set_down(true);
    world.take(world.request("hi")).await.unwrap();
    assert_eq!(world.leases.calls(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_run_that_stays_open_counts_until_it_ends() {
    let world = world(ONE);
    let scope = refused_scope(tokio::join!(hang(&world, "alice"), hang(&world, "alice")));
    assert_eq!(scope.user, Some(UserId::new("alice")));
    // Counted once each, and released once.
    assert_eq!(world.leases.calls(), 3);
    let (third, other) = tokio::join!(hang(&world, "alice"), hang(&world, "bob"));
    assert!(matches!(third, Err(TurnError::DeadlineExceeded)), "the first has ended: {third:?}");
    assert!(matches!(other, Err(TurnError::DeadlineExceeded)), "another user: {other:?}");
}

#[tokio::test(start_paused = true)]
async fn runs_of_all_users_count_for_their_tenant() {
    let world = world(RunLimits { user: Some(9), tenant: Some(1) });
    let scope = refused_scope(tokio::join!(hang(&world, "alice"), hang(&world, "bob")));
    assert_eq!((scope.user, scope.tenant), (None, TenantId::default()));
}

#[tokio::test(start_paused = true)]
async fn an_agents_own_limit_counts_its_runs_alone() {
    let world = world(RunLimits { user: Some(2), tenant: None });
    let mut request = world.request("hi");
    let limited = AgentDefinition { run_limits: ONE, ..AgentDefinition::clone(&request.agent) };
    request.agent = Arc::new(limited);
    let mut again = world.request("hi");
    again.agent = Arc::clone(&request.agent);
    (0..2).for_each(|_| world.model.then(Script::Hang));
    let scope = refused_scope(tokio::join!(world.take(request), world.take(again)));
    assert_eq!(scope.agent.map(|name| name.to_string()).as_deref(), Some("default"));
}

#[tokio::test(start_paused = true)]
async fn a_run_that_cannot_be_counted_fails() {
    let world = world(ONE);
    world.leases.set_down(true);
    let result = hang(&world, "alice").await;
    assert!(matches!(result, Err(TurnError::Store(StoreError::Unavailable(_)))), "{result:?}");
}

#[tokio::test(start_paused = true)]
async fn a_crashed_run_counts_until_it_expires() {
    let world = world(ONE);
    let user = Some(UserId::new("alice"));
    let scope = Scope { kind: ScopeKind::Runs, tenant: TenantId::default(), user, agent: None };
    let crashed = Lease { id: "crashed".to_owned(), expires_at: world.clock.now().plus(Duration::from_secs(65)) };
    let quota = Quota { scope, limit: 1 };
    assert_eq!(world.leases.acquire(&crashed, &[quota], world.clock.now()).await.unwrap(), Acquired::Granted);
    let refused = hang(&world, "alice").await;
    let Err(TurnError::TooManyRuns { retry_after, .. }) = refused else { panic!("{refused:?}") };
    assert_eq!(retry_after, Duration::from_secs(5));
    world.clock.advance(Duration::from_secs(65));
    let admitted = hang(&world, "alice").await;
    assert!(matches!(admitted, Err(TurnError::DeadlineExceeded)), "{admitted:?}");
}

#[tokio::test(start_paused = true)]
async fn the_call_of_a_refused_run_counts_as_an_estimate() {
    let world = world(ONE);
    (0..2).for_each(|_| world.model.then(Script::Hang));
    let (mut one, mut other) = (TurnMetrics::default(), TurnMetrics::default());
    refused_scope(tokio::join!(
        world.take_with(world.request("hi"), None, &mut one),
        world.take_with(world.request("hi"), None, &mut other)
    ));
    for metrics in [one, other] {
        assert!(metrics.is_usage_estimated && metrics.usage.input_tokens > 0, "{metrics:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_run_is_counted_before_its_first_write_and_never_for_reads() {
    let mut bench = Bench::new();
    bench.world.run_limits = ONE;
    bench.proposes(&[("look", json!({ "what": "ticket" }))]);
    bench.take("hi").await;
    assert_eq!(bench.world.leases.calls(), 0, "a short run that reads");
    let mail = || json!({ "to": "bob@corp.com" });
    bench.proposes(&[("send", mail()), ("send", mail())]);
    bench.take("Write to bob@corp.com").await;
    assert_eq!((bench.world.leases.calls(), bench.send.calls().len()), (2, 2), "counted once and released");
    // Another run of the caller is open.
    bench.world.model.then(Script::Hang);
    bench.proposes(&[("send", mail())]);
    let request = bench.world.request("Write to bob@corp.com");
    let late = async {
        tokio::time::sleep(Duration::from_secs(3)).await;
        bench.world.take(request).await
    };
    let (_open, refused) = tokio::join!(bench.world.take(bench.world.request("hi")), late);
    assert!(matches!(refused, Err(TurnError::TooManyRuns { limit: 1, .. })), "{refused:?}");
    assert_eq!(bench.send.calls().len(), 2, "nothing is written by a run over its quota");
}
