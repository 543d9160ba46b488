use super::super::test_support::{CLOSED, LOCAL, NOW_MS, ScriptedLookup};
use super::*;
use crate::domain::{ForbiddenAddress, PrivateNetwork};
use crate::testing::ManualClock;

fn guarded(policy: AddressPolicy, answers: &[&[&str]]) -> GuardedLookup {
    GuardedLookup { lookup: ScriptedLookup::new(answers), policy, clock: ManualClock::at(NOW_MS) }
}

/// Resolves a name as the HTTP library does.
async fn resolve(lookup: &GuardedLookup, name: &str) -> Result<Vec<String>, Option<ForbiddenAddress>> {
    match lookup.resolve(name.parse().unwrap()).await {
        Ok(addresses) => Ok(addresses.map(|address| address.to_string()).collect()),
        Err(error) => Err(error.downcast_ref().copied()),
    }
}

#[tokio::test]
async fn the_checked_addresses_are_passed_on_and_no_others() {
    let lookup = guarded(CLOSED, &[&["8.8.8.8", "2606:4700::1111"]]);
    let found = resolve(&lookup, "api.example.com").await;
    assert_eq!(found.unwrap(), ["8.8.8.8:0", "[2606:4700::1111]:0"]);
}

#[tokio::test]
async fn each_lookup_is_checked_anew() {
    let lookup = guarded(LOCAL, &[&["8.8.8.8"], &["127.0.0.1"], &["8.8.8.8"]]);
    assert!(resolve(&lookup, "rebound.example.com").await.is_ok());
    assert_eq!(resolve(&lookup, "rebound.example.com").await, Err(Some(ForbiddenAddress::Loopback)));
    assert!(resolve(&lookup, "rebound.example.com").await.is_ok());
}

#[tokio::test]
async fn one_forbidden_address_refuses_the_host() {
    for answer in
        [["8.8.8.8", "169.254.169.254"], ["169.254.169.254", "8.8.8.8"], ["2606:4700::1111", "169.254.169.254"]]
    {
        let lookup = guarded(CLOSED, &[&answer]);
        assert_eq!(resolve(&lookup, "mixed.example.com").await, Err(Some(ForbiddenAddress::Metadata)), "{answer:?}");
    }
}

#[tokio::test]
async fn an_opened_network_is_reached_by_name_until_its_day() {
    let policy =
        AddressPolicy { private: PrivateNetwork::new("10.1.0.0/16", "2030-12-31").ok(), allows_loopback: false };
    let clock = ManualClock::at(NOW_MS);
    let lookup = ScriptedLookup::new(&[&["10.1.2.3"], &["10.2.2.3"], &["10.1.2.3"]]);
    let lookup = GuardedLookup { lookup, policy, clock: Arc::<ManualClock>::clone(&clock) };
    assert_eq!(resolve(&lookup, "orders.internal").await.unwrap(), ["10.1.2.3:0"]);
    assert_eq!(resolve(&lookup, "orders.internal").await, Err(Some(ForbiddenAddress::Private)));
    clock.advance(std::time::Duration::from_hours(24 * 365));
    assert_eq!(resolve(&lookup, "orders.internal").await, Err(Some(ForbiddenAddress::Expired)));
}

#[tokio::test]
async fn no_address_is_an_error() {
    let lookup = guarded(CLOSED, &[&[]]);
    assert_eq!(resolve(&lookup, "empty.example.com").await, Err(None));
    assert_eq!(resolve(&lookup, "unknown.example.com").await, Err(None));
}

#[tokio::test]
async fn the_systems_lookup_knows_localhost() {
    let found = SystemLookup.lookup("localhost").await.unwrap();
    assert!(!found.is_empty() && found.iter().all(IpAddr::is_loopback), "{found:?}");
}
