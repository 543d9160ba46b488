//! Requirements for every adapter of [`LeaseStore`]. Each check has a tenant of its own, so checks may share a store.

#![expect(clippy::expect_used, reason = "a check fails by panicking")]

use std::time::Duration;

use futures_util::future::join_all;
use uuid::Uuid;

use crate::domain::{TenantId, Timestamp, UserId};
use crate::store::{Acquired, Lease, LeaseStore, Quota, Scope, ScopeKind, StoreError};

/// Far in the future, so that no time to live deletes anything.
const NOW: Timestamp = Timestamp::from_millis(4_000_000_000_000);
const MINUTE: Duration = Duration::from_mins(1);

/// Runs every check; `fresh` returns a new id at each call.
///
/// # Panics
/// If the store does something else.
pub async fn run_all(store: &dyn LeaseStore, mut fresh: impl FnMut() -> Uuid) {
    let mut world = || World { store, tenant: TenantId::new(format!("{}#%", fresh())) };
    a_scope_has_a_maximum_number_of_leases(world()).await;
    every_scope_or_none_counts_a_lease(world()).await;
    repeated_calls_have_the_same_outcome(world()).await;
    expired_leases_make_room(world()).await;
    scopes_do_not_share_leases(world()).await;
    concurrent_calls_never_exceed_the_limit(world()).await;
}

struct World<'a> {
    store: &'a dyn LeaseStore,
    tenant: TenantId,
}

fn lease(id: &str) -> Lease {
    Lease { id: id.to_owned(), expires_at: NOW.plus(MINUTE) }
}

impl World<'_> {
    fn quota(&self, user: Option<&str>, agent: Option<&str>, limit: u32) -> Quota {
        let agent = agent.map(|name| name.parse().expect("a name"));
        let user = user.map(UserId::new);
        Quota { scope: Scope { kind: ScopeKind::Runs, tenant: self.tenant.clone(), user, agent }, limit }
    }

    async fn acquire_at(&self, lease: &Lease, quotas: &[Quota], now: Timestamp) -> Acquired {
        self.store.acquire(lease, quotas, now).await.expect("an outcome")
    }

    async fn acquire(&self, id: &str, quotas: &[Quota]) -> Acquired {
        self.acquire_at(&lease(id), quotas, NOW).await
    }

    async fn release(&self, id: &str, quotas: &[Quota]) {
        self.store.release(&lease(id), quotas).await.expect("it is released");
    }
}

fn exhausted(quota: &Quota) -> Acquired {
    Acquired::Exhausted { quota: quota.clone(), frees_at: NOW.plus(MINUTE) }
}

async fn a_scope_has_a_maximum_number_of_leases(world: World<'_>) {
    let alice = [world.quota(Some("alice#"), None, 2)];
    assert_eq!(world.acquire("1", &alice).await, Acquired::Granted);
    assert_eq!(world.acquire("2", &alice).await, Acquired::Granted);
    assert_eq!(world.acquire("3", &alice).await, exhausted(&alice[0]));
    world.release("1", &alice).await;
    assert_eq!(world.acquire("3", &alice).await, Acquired::Granted);
    assert_eq!(world.acquire("4", &alice).await, exhausted(&alice[0]));
}

async fn every_scope_or_none_counts_a_lease(world: World<'_>) {
    let of = |user| [world.quota(Some(user), None, 9), world.quota(None, None, 2)];
    assert_eq!(world.acquire("1", &of("alice")).await, Acquired::Granted);
    assert_eq!(world.acquire("2", &of("bob")).await, Acquired::Granted);
    assert_eq!(world.acquire("3", &of("carol")).await, exhausted(&of("carol")[1]));
    // The refused lease does not count for its user either.
    let carol = [world.quota(Some("carol"), None, 1)];
    assert_eq!(world.acquire("4", &carol).await, Acquired::Granted);
    world.release("1", &of("alice")).await;
    assert_eq!(world.acquire("5", &of("bob")).await, Acquired::Granted);
}

/// Repeats every call, as callers do after a lost answer.
async fn repeated_calls_have_the_same_outcome(world: World<'_>) {
    let quotas = [world.quota(Some("alice"), None, 1), world.quota(None, None, 2)];
    for _ in 0..3 {
        assert_eq!(world.acquire("1", &quotas).await, Acquired::Granted);
    }
    assert_eq!(world.acquire("2", &quotas).await, exhausted(&quotas[0]));
    for _ in 0..3 {
        world.release("1", &quotas).await;
    }
    assert_eq!(world.acquire("2", &quotas).await, Acquired::Granted);
    // A lease that was never granted.
    world.release("unknown", &[world.quota(Some("nobody"), None, 1)]).await;
}

async fn expired_leases_make_room(world: World<'_>) {
    let quotas = [world.quota(Some("alice"), None, 2), world.quota(None, None, 2)];
    assert_eq!(world.acquire("crashed", &quotas).await, Acquired::Granted);
    let long = Lease { id: "long".to_owned(), expires_at: NOW.plus(MINUTE * 15) };
    assert_eq!(world.acquire_at(&long, &quotas, NOW).await, Acquired::Granted);
    let before = NOW.plus(Duration::from_millis(59_999));
    let later = Lease { id: "later".to_owned(), expires_at: NOW.plus(MINUTE * 16) };
    assert_eq!(world.acquire_at(&later, &quotas, before).await, exhausted(&quotas[0]));
    assert_eq!(world.acquire_at(&later, &quotas, NOW.plus(MINUTE)).await, Acquired::Granted);
    let last = Lease { id: "last".to_owned(), ..later };
    let frees_at = long.expires_at;
    let refused = Acquired::Exhausted { quota: quotas[0].clone(), frees_at };
    assert_eq!(world.acquire_at(&last, &quotas, NOW.plus(MINUTE)).await, refused);
}

async fn scopes_do_not_share_leases(world: World<'_>) {
    let connections =
        Quota { scope: Scope { kind: ScopeKind::Connections, ..world.quota(Some("alice"), None, 1).scope }, limit: 1 };
    let scopes = [
        world.quota(Some("alice"), None, 1),
        world.quota(Some("bob"), None, 1),
        world.quota(Some("alice"), Some("default"), 1),
        world.quota(None, Some("default"), 1),
        world.quota(None, Some("other"), 1),
        world.quota(None, None, 1),
        connections,
    ];
    for (number, quota) in scopes.iter().enumerate() {
        assert_eq!(world.acquire(&number.to_string(), std::slice::from_ref(quota)).await, Acquired::Granted);
    }
}

async fn concurrent_calls_never_exceed_the_limit(world: World<'_>) {
    let quotas = [world.quota(Some("alice"), None, 3), world.quota(None, None, 5)];
    let ids: Vec<String> = (0..8).map(|number| number.to_string()).collect();
    let granted = join_all(ids.iter().map(async |id| {
        let lease = lease(id);
        loop {
            match world.store.acquire(&lease, &quotas, NOW).await {
                // Transactions on the same item cancel each other.
                Err(StoreError::Contention { .. }) => {}
                outcome => return outcome.expect("an outcome") == Acquired::Granted,
            }
        }
    }));
    assert_eq!(granted.await.into_iter().filter(|is_granted| *is_granted).count(), 3);
}
