use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use serde_json::json;

use super::KeySetCache;
use crate::auth::test_support::{Script, ScriptedSource, StoppedClock};
use crate::auth::{AuthError, TokenFault};
use crate::testing::tokens::TestPool;

const UNKNOWN: AuthError = AuthError::Token(TokenFault::UnknownKey);
const HOUR: u64 = 60 * 60;

struct World {
    pool: TestPool,
    source: Arc<ScriptedSource>,
    clock: Arc<StoppedClock>,
    cache: KeySetCache,
}

impl World {
    fn new() -> Self {
        let pool = TestPool::with_kid("a");
        let source = ScriptedSource::new(Script::Document(pool.jwks_json()));
        let clock = StoppedClock::new();
        let cache = KeySetCache::new(source.clone(), clock.clone());
        Self { pool, source, clock, cache }
    }

    async fn ask(&self, kid: &str) -> Result<(), AuthError> {
        self.cache.key(kid).await.map(|_| ())
    }

    /// Publishes the same public key under these ids.
    fn publish(&self, kids: &[&str]) {
        let keys: Vec<_> = kids
            .iter()
            .map(|kid| {
                let mut key = self.pool.jwk();
                key["kid"] = json!(kid);
                key
            })
            .collect();
        self.source.set(Script::Document(json!({"keys": keys}).to_string()));
    }
}

#[tokio::test]
async fn keys_are_fetched_once_and_kept_for_an_hour() {
    let world = World::new();
    assert_eq!(world.source.fetches(), 0);
    for _ in 0..10 {
        assert_eq!(world.ask("a").await, Ok(()));
    }
    world.clock.advance_seconds(HOUR - 1);
    assert_eq!(world.ask("a").await, Ok(()));
    assert_eq!(world.source.fetches(), 1);
    world.clock.advance_seconds(1);
    assert_eq!(world.ask("a").await, Ok(()));
    assert_eq!(world.ask("a").await, Ok(()));
    assert_eq!(world.source.fetches(), 2);
}

#[tokio::test]
async fn a_rotated_key_is_found_at_once_and_the_withdrawn_one_is_forgotten() {
    let world = World::new();
    assert_eq!(world.ask("a").await, Ok(()));
    world.publish(&["b"]);
    assert_eq!(world.ask("b").await, Ok(()));
    assert_eq!(world.source.fetches(), 2);
    assert_eq!(world.ask("a").await, Err(UNKNOWN));
    assert_eq!(world.source.fetches(), 2);
}

#[tokio::test]
async fn a_storm_of_unknown_keys_fetches_once_in_thirty_seconds() {
    let world = World::new();
    assert_eq!(world.ask("a").await, Ok(()));
    for number in 0..100 {
        assert_eq!(world.ask(&format!("x{number}")).await, Err(UNKNOWN));
    }
    assert_eq!(world.source.fetches(), 2);
    world.clock.advance_seconds(29);
    assert_eq!(world.ask("x").await, Err(UNKNOWN));
    assert_eq!(world.source.fetches(), 2);
    world.clock.advance_seconds(1);
    assert_eq!(world.ask("x").await, Err(UNKNOWN));
    assert_eq!(world.ask("y").await, Err(UNKNOWN));
    assert_eq!(world.source.fetches(), 3);
}

#[tokio::test]
async fn an_unknown_key_on_a_cold_start_is_not_looked_for_twice() {
    let world = World::new();
    assert_eq!(world.ask("x").await, Err(UNKNOWN));
    assert_eq!(world.source.fetches(), 1);
}

#[tokio::test]
async fn a_failed_refetch_pauses_too_and_keeps_the_good_keys() {
    let world = World::new();
    assert_eq!(world.ask("a").await, Ok(()));
    world.source.set(Script::Down);
    for _ in 0..20 {
        assert_eq!(world.ask("x").await, Err(AuthError::KeySetUnavailable));
        assert_eq!(world.ask("a").await, Ok(()));
    }
    assert_eq!(world.source.fetches(), 2);
    world.clock.advance_seconds(30);
    world.publish(&["a"]);
    assert_eq!(world.ask("x").await, Err(UNKNOWN));
    assert_eq!(world.source.fetches(), 3);
}

#[tokio::test]
async fn an_answer_without_usable_keys_evicts_nothing() {
    let world = World::new();
    assert_eq!(world.ask("a").await, Ok(()));
    for document in [r#"{"keys":[]}"#, "<html>"] {
        world.source.set(Script::Document(document.to_owned()));
        world.clock.advance_seconds(30);
        assert_eq!(world.ask("x").await, Err(AuthError::KeySetUnavailable));
        assert_eq!(world.ask("a").await, Ok(()));
    }
}

#[tokio::test]
async fn stale_keys_serve_for_a_day_and_not_longer() {
    let world = World::new();
    assert_eq!(world.ask("a").await, Ok(()));
    world.source.set(Script::Down);
    world.clock.advance_seconds(24 * HOUR - 1);
    for _ in 0..5 {
        assert_eq!(world.ask("a").await, Ok(()));
    }
    assert_eq!(world.source.fetches(), 2, "a stale key's refetch pauses as well");
    world.clock.advance_seconds(1);
    assert_eq!(world.ask("a").await, Err(AuthError::KeySetUnavailable));
    world.publish(&["a"]);
    world.clock.advance_seconds(29);
    assert_eq!(world.ask("a").await, Ok(()));
}

#[tokio::test]
async fn a_cold_start_without_a_source_asks_it_once_in_thirty_seconds() {
    let world = World::new();
    world.source.set(Script::Down);
    for number in 0..100 {
        assert_eq!(world.ask(&format!("junk-{number}")).await, Err(AuthError::KeySetUnavailable));
    }
    assert_eq!(world.source.fetches(), 1);
    world.publish(&["a"]);
    world.clock.advance_seconds(29);
    assert_eq!(world.ask("a").await, Err(AuthError::KeySetUnavailable));
    world.clock.advance_seconds(1);
    assert_eq!(world.ask("a").await, Ok(()));
    assert_eq!(world.source.fetches(), 2);
}

#[tokio::test]
async fn concurrent_callers_share_one_fetch_whether_it_succeeds_or_fails() {
    let world = World::new();
    let answers = join_all((0..32).map(|_| world.ask("a"))).await;
    assert!(answers.iter().all(Result::is_ok));
    assert_eq!(world.source.fetches(), 1);

    let world = World::new();
    world.source.set(Script::Down);
    let answers = join_all((0..32).map(|_| world.ask("a"))).await;
    assert!(answers.iter().all(|answer| *answer == Err(AuthError::KeySetUnavailable)));
    assert_eq!(world.source.fetches(), 1);
}

#[tokio::test]
async fn a_caller_with_a_usable_key_does_not_wait_for_a_fetch() {
    let world = World::new();
    assert_eq!(world.ask("a").await, Ok(()));
    world.source.set(Script::Hang);
    tokio::select! {
        biased;
        _ = world.ask("x") => panic!("the source hangs"),
        known = tokio::time::timeout(Duration::from_secs(5), world.ask("a")) => assert_eq!(known, Ok(Ok(()))),
    }
    world.clock.advance_seconds(HOUR);
    tokio::select! {
        biased;
        _ = world.ask("x") => panic!("the source hangs"),
        stale = tokio::time::timeout(Duration::from_secs(5), world.ask("a")) => assert_eq!(stale, Ok(Ok(()))),
    }
}

#[tokio::test]
async fn a_cancelled_fetch_does_not_block_other_callers() {
    let world = World::new();
    world.source.set(Script::Hang);
    assert!(tokio::time::timeout(Duration::from_millis(20), world.ask("a")).await.is_err());
    world.publish(&["a"]);
    assert_eq!(world.ask("a").await, Ok(()));
}

#[tokio::test]
async fn a_refresh_asks_the_source_although_keys_are_held() {
    let world = World::new();
    assert_eq!(world.cache.refresh().await, Ok(()));
    assert_eq!(world.ask("a").await, Ok(()));
    world.source.set(Script::Down);
    assert_eq!(world.cache.refresh().await, Err(AuthError::KeySetUnavailable));
    assert_eq!(world.ask("a").await, Ok(()));
    assert_eq!(world.source.fetches(), 2);
}
