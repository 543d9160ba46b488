//! What every registry of connections must do. A check has connections of its own, so checks may share a registry.

#![expect(clippy::expect_used, reason = "a check fails by panicking")]

use std::collections::BTreeSet;
use std::time::Duration;

use futures_util::future::join_all;

use crate::domain::{ClientRequestId, ConnectionId, Principal, PrincipalKind, TenantId, Timestamp, UserId};
use crate::memory::{Acceptance, Beginning, Connection, ConnectionRegistry, MAX_RUNS};

/// Far ahead, so that no time to live deletes anything.
const NOW: Timestamp = Timestamp::from_millis(4_000_000_000_000);

/// Runs every check; `fresh` gives a connection's id that was not there before.
///
/// # Panics
/// When the registry does something else.
pub async fn run_all(registry: &dyn ConnectionRegistry, mut fresh: impl FnMut() -> ConnectionId) {
    a_connection_is_there_until_it_is_closed(registry, &fresh()).await;
    a_program_without_groups_is_kept_too(registry, &fresh()).await;
    of_twins_one_begins(registry, &fresh()).await;
    a_name_is_free_again_when_its_run_has_ended(registry, &fresh()).await;
    what_is_called_off_is_not_wanted(registry, &fresh()).await;
    a_connection_has_room_for_so_many_runs(registry, &fresh()).await;
    what_is_closed_stays_closed(registry, &fresh()).await;
    a_run_is_its_connections_own(registry, [&fresh(), &fresh()]).await;
}

fn alice() -> Connection {
    let groups: BTreeSet<String> = ["user", "admin"].map(str::to_owned).into();
    let (user, tenant) = (UserId::new("5f3c9d1e"), TenantId::new("acme"));
    Connection { principal: Principal { kind: PrincipalKind::User, user, tenant, groups }, until: NOW }
}

fn name(text: &str) -> ClientRequestId {
    ClientRequestId::parse(text).expect("a name")
}

async fn opened(registry: &dyn ConnectionRegistry, id: &ConnectionId) {
    registry.open(id, &alice(), NOW.plus(Duration::from_hours(2))).await.expect("it is opened");
}

async fn accepted(registry: &dyn ConnectionRegistry, id: &ConnectionId, run: &ClientRequestId) {
    assert_eq!(registry.accept(id, run).await.expect("an acceptance"), Acceptance::Accepted);
}

async fn a_connection_is_there_until_it_is_closed(registry: &dyn ConnectionRegistry, id: &ConnectionId) {
    assert_eq!(registry.find(id).await.expect("a look"), None);
    opened(registry, id).await;
    assert_eq!(registry.find(id).await.expect("a look"), Some(alice()));
    registry.close(id).await.expect("it is closed");
    assert_eq!(registry.find(id).await.expect("a look"), None);
    registry.close(id).await.expect("nothing to close is no error");
}

async fn a_program_without_groups_is_kept_too(registry: &dyn ConnectionRegistry, id: &ConnectionId) {
    let (user, tenant) = (UserId::new("client:abc"), TenantId::default());
    let principal = Principal { kind: PrincipalKind::Client, user, tenant, groups: BTreeSet::new() };
    let connection = Connection { principal, until: Timestamp::from_millis(1) };
    registry.open(id, &connection, NOW).await.expect("it is opened");
    assert_eq!(registry.find(id).await.expect("a look"), Some(connection));
}

async fn of_twins_one_begins(registry: &dyn ConnectionRegistry, id: &ConnectionId) {
    opened(registry, id).await;
    let run = name("r.1:a_b-c");
    let accepted = join_all((0..5).map(|_| registry.accept(id, &run))).await;
    let accepted: Vec<Acceptance> = accepted.into_iter().map(|one| one.expect("an acceptance")).collect();
    assert_eq!(accepted.iter().filter(|one| **one == Acceptance::Accepted).count(), 1, "{accepted:?}");
    assert_eq!(accepted.iter().filter(|one| **one == Acceptance::Taken).count(), 4, "{accepted:?}");
    let begun = join_all((0..5).map(|_| registry.begin(id, &run))).await;
    let begun: Vec<Beginning> = begun.into_iter().map(|one| one.expect("a beginning")).collect();
    assert_eq!(begun.iter().filter(|one| **one == Beginning::Begun).count(), 1, "{begun:?}");
    assert_eq!(begun.iter().filter(|one| **one == Beginning::NotWaiting).count(), 4, "{begun:?}");
    assert_eq!(registry.accept(id, &run).await.expect("an acceptance"), Acceptance::Taken, "it goes on");
    assert!(registry.is_wanted(id, &run).await.expect("a look"));
}

async fn a_name_is_free_again_when_its_run_has_ended(registry: &dyn ConnectionRegistry, id: &ConnectionId) {
    opened(registry, id).await;
    let run = name("again");
    for _ in 0..2 {
        accepted(registry, id, &run).await;
        assert_eq!(registry.begin(id, &run).await.expect("a beginning"), Beginning::Begun, "no trace of the first");
        assert!(registry.cancel(id, &run).await.expect("a cancellation"));
        registry.end(id, &run).await.expect("it is forgotten");
    }
    registry.end(id, &run).await.expect("nothing to forget is no error");
    assert_eq!(registry.begin(id, &run).await.expect("a beginning"), Beginning::NotWaiting);
}

async fn what_is_called_off_is_not_wanted(registry: &dyn ConnectionRegistry, id: &ConnectionId) {
    opened(registry, id).await;
    let (going, waiting, other) = (name("going"), name("waiting"), name("other"));
    assert!(!registry.cancel(id, &going).await.expect("a cancellation"), "there is no such run yet");
    for run in [&going, &waiting, &other] {
        accepted(registry, id, run).await;
    }
    for run in [&going, &other] {
        assert_eq!(registry.begin(id, run).await.expect("a beginning"), Beginning::Begun);
    }
    for run in [&going, &waiting] {
        assert!(registry.cancel(id, run).await.expect("a cancellation"));
        assert!(registry.cancel(id, run).await.expect("a cancellation"), "twice is once");
    }
    assert!(!registry.is_wanted(id, &going).await.expect("a look"));
    assert!(registry.is_wanted(id, &other).await.expect("a look"));
    assert_eq!(registry.begin(id, &waiting).await.expect("a beginning"), Beginning::Cancelled);
}

async fn a_connection_has_room_for_so_many_runs(registry: &dyn ConnectionRegistry, id: &ConnectionId) {
    opened(registry, id).await;
    for number in 0..MAX_RUNS {
        accepted(registry, id, &name(&format!("run-{number}"))).await;
    }
    assert_eq!(registry.accept(id, &name("one-more")).await.expect("an acceptance"), Acceptance::Full);
    assert_eq!(registry.accept(id, &name("run-0")).await.expect("an acceptance"), Acceptance::Taken);
    registry.end(id, &name("run-0")).await.expect("it is forgotten");
    accepted(registry, id, &name("one-more")).await;
}

async fn what_is_closed_stays_closed(registry: &dyn ConnectionRegistry, id: &ConnectionId) {
    opened(registry, id).await;
    let run = name("run");
    accepted(registry, id, &run).await;
    registry.close(id).await.expect("it is closed");
    assert!(!registry.is_wanted(id, &run).await.expect("a look"));
    assert_eq!(registry.begin(id, &run).await.expect("a beginning"), Beginning::NotWaiting);
    assert!(!registry.cancel(id, &run).await.expect("a cancellation"));
    registry.end(id, &run).await.expect("nothing to forget is no error");
    assert_eq!(registry.accept(id, &run).await.expect("an acceptance"), Acceptance::Closed);
    assert_eq!(registry.find(id).await.expect("a look"), None, "nothing has made it anew");
}

async fn a_run_is_its_connections_own(registry: &dyn ConnectionRegistry, [one, other]: [&ConnectionId; 2]) {
    let run = name("same");
    for id in [one, other] {
        opened(registry, id).await;
        accepted(registry, id, &run).await;
        assert_eq!(registry.begin(id, &run).await.expect("a beginning"), Beginning::Begun);
    }
    assert!(registry.cancel(one, &run).await.expect("a cancellation"));
    assert!(registry.is_wanted(other, &run).await.expect("a look"));
}
