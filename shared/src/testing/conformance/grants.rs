//! Requirements for every adapter of [`GrantStore`] and [`CallCounter`]. Each check has a tenant of its own.

#![expect(clippy::expect_used, reason = "a check fails by panicking")]

use std::time::Duration;

use futures_util::future::join_all;
use uuid::Uuid;

use crate::domain::{TenantId, Timestamp, ToolName, UserId};
use crate::store::{CallCount, CallCounter, CounterKey, Grant, GrantHolder, GrantId, GrantStore, StoreError};

/// Far in the future, so that no time to live deletes anything: the last hour of a day in UTC.
const NOW: Timestamp = Timestamp::from_millis(4_000_060_800_000 - 3_600_000);

/// Runs every check; `fresh` returns a new id at each call.
///
/// # Panics
/// If a store does something else.
pub async fn run_all(grants: &dyn GrantStore, counters: &dyn CallCounter, mut fresh: impl FnMut() -> Uuid) {
    let mut tenant = || TenantId::new(format!("{}#%", fresh()));
    a_grant_is_kept_until_it_expires(grants, tenant()).await;
    pages_have_every_grant_once(grants, tenant()).await;
    a_grant_is_the_tenants_own(grants, tenant(), tenant()).await;
    calls_are_counted_by_hour_and_day(counters, tenant()).await;
    concurrent_calls_have_different_counts(counters, tenant()).await;
}

fn grant(tenant: &TenantId, number: u128, minutes: u64) -> Grant {
    Grant {
        id: GrantId::new(Uuid::from_u128(number)),
        tenant: tenant.clone(),
        holder: GrantHolder::parse("user:alice#%").expect("a holder"),
        name: "deploy".to_owned(),
        reason: "a release".to_owned(),
        created_by: "admin".to_owned(),
        created_at: NOW,
        expires_at: NOW.plus(Duration::from_mins(minutes)),
    }
}

async fn a_grant_is_kept_until_it_expires(store: &dyn GrantStore, tenant: TenantId) {
    let given = grant(&tenant, 1, 1);
    store.put(&given).await.expect("a grant");
    store.put(&given).await.expect("a repeated call");
    let page = store.list(&tenant, None, 10, NOW).await.expect("a page");
    assert_eq!((page.grants.as_slice(), page.next), ([given.clone()].as_slice(), None));
    let at_expiry = store.list(&tenant, None, 10, given.expires_at).await.expect("a page");
    assert_eq!(at_expiry.grants, [], "by time and not by a sweeper");
    store.delete(&tenant, given.id).await.expect("a deletion");
    assert!(matches!(store.delete(&tenant, given.id).await, Err(StoreError::NotFound)));
    assert_eq!(store.list(&tenant, None, 10, NOW).await.expect("a page").grants, []);
}

async fn pages_have_every_grant_once(store: &dyn GrantStore, tenant: TenantId) {
    for number in 0..5 {
        // Every second one has expired.
        store.put(&grant(&tenant, number, u64::from(number % 2 == 0))).await.expect("a grant");
    }
    let mut seen = Vec::new();
    let mut after = None;
    for _ in 0..5 {
        let page = store.list(&tenant, after, 2, NOW).await.expect("a page");
        seen.extend(page.grants.iter().map(|grant| grant.id));
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    assert_eq!(seen, [0, 2, 4].map(|number| GrantId::new(Uuid::from_u128(number))));
}

async fn a_grant_is_the_tenants_own(store: &dyn GrantStore, tenant: TenantId, other: TenantId) {
    let given = grant(&tenant, 1, 1);
    store.put(&given).await.expect("a grant");
    assert_eq!(store.list(&other, None, 10, NOW).await.expect("a page").grants, []);
    assert!(matches!(store.delete(&other, given.id).await, Err(StoreError::NotFound)));
    assert_eq!(store.list(&tenant, None, 10, NOW).await.expect("a page").grants.len(), 1);
}

fn counter(tenant: TenantId) -> CounterKey {
    CounterKey { tenant, user: UserId::new("alice#%"), action: ToolName::new("send") }
}

async fn calls_are_counted_by_hour_and_day(store: &dyn CallCounter, tenant: TenantId) {
    let key = counter(tenant);
    let before = async |at| store.add(&key, at).await.expect("a count");
    let earlier = Timestamp::from_millis(NOW.millis() - 3_600_000);
    assert_eq!(before(earlier).await, CallCount { hour: 0, day: 0 });
    assert_eq!(before(NOW).await, CallCount { hour: 0, day: 1 });
    assert_eq!(before(NOW).await, CallCount { hour: 1, day: 2 });
    store.give_back(&key, NOW).await.expect("a return");
    assert_eq!(before(NOW).await, CallCount { hour: 1, day: 2 });
    let tomorrow = NOW.plus(Duration::from_hours(1));
    assert_eq!(before(tomorrow).await, CallCount { hour: 0, day: 0 }, "a day ends at midnight, UTC");
    let other = CounterKey { action: ToolName::new("look"), ..key.clone() };
    assert_eq!(store.add(&other, NOW).await.expect("a count"), CallCount { hour: 0, day: 0 });
}

async fn concurrent_calls_have_different_counts(store: &dyn CallCounter, tenant: TenantId) {
    let key = counter(tenant);
    let counts = join_all((0..10).map(|_| store.add(&key, NOW))).await;
    let mut days: Vec<u32> = counts.into_iter().map(|count| count.expect("a count").day).collect();
    days.sort_unstable();
    assert_eq!(days, (0..10).collect::<Vec<_>>());
}
