//! The cache of a key set: how long keys are kept, and when they are fetched again.
//!
//! A warm verification holds an `RwLock` for the length of a map look-up and awaits nothing. A fetch holds an async lock
//! until it ends: all callers that need its result wait for that one fetch.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use tokio::sync::Mutex;

use super::key_set::{KeySet, KeySetSource, VerificationKey};
use super::{AuthError, TokenFault};
use crate::domain::{Clock, Timestamp};

/// Younger keys are used without asking the source.
const FRESH_FOR: Duration = Duration::from_hours(1);
/// Older keys are not used at all.
const USABLE_FOR: Duration = Duration::from_hours(24);
/// The pause after a fetch that failed or that an unknown `kid` caused.
const PAUSE: Duration = Duration::from_secs(30);

/// The keys of one source.
pub(super) struct KeySetCache {
    source: Arc<dyn KeySetSource>,
    clock: Arc<dyn Clock>,
    held: RwLock<Option<Held>>,
    gate: Mutex<Gate>,
    /// The number of finished fetches, by which a caller notices that the fetch it waited for has ended.
    fetches: AtomicU64,
}

struct Held {
    keys: KeySet,
    fetched_at: Timestamp,
}

/// The state of earlier fetches. The holder of its lock may fetch.
#[derive(Default)]
struct Gate {
    paused_at: Option<Timestamp>,
    failed: bool,
}

enum Lookup {
    /// The key, from a key set that is young enough.
    Fresh(Arc<VerificationKey>),
    /// The key, from a key set that should be fetched again.
    Stale(Arc<VerificationKey>),
    /// There are keys, but not this one.
    Unknown,
    /// There are no keys that may be used.
    Empty,
}

impl KeySetCache {
    pub(super) fn new(source: Arc<dyn KeySetSource>, clock: Arc<dyn Clock>) -> Self {
        Self { source, clock, held: RwLock::new(None), gate: Mutex::default(), fetches: AtomicU64::new(0) }
    }

    /// Returns the key with this id. Fetches the key set if that is needed and fetching is not paused.
    pub(super) async fn key(&self, kid: &str) -> Result<Arc<VerificationKey>, AuthError> {
        // This is read before the look-up, so that a fetch that ends between the two is not repeated.
        let fetches = self.fetches.load(Ordering::Acquire);
        let found = self.look_up(kid);
        let mut gate = match &found {
            Lookup::Fresh(key) => return Ok(Arc::clone(key)),
            // Another caller fetches already, and this key is still usable.
            Lookup::Stale(key) => match self.gate.try_lock() {
                Ok(gate) => gate,
                Err(_) => return Ok(Arc::clone(key)),
            },
            Lookup::Unknown | Lookup::Empty => self.gate.lock().await,
        };
        if self.fetches.load(Ordering::Acquire) == fetches && gate.lets_through(self.clock.now()) {
            self.fetch(&mut gate, matches!(found, Lookup::Unknown)).await;
        }
        match self.look_up(kid) {
            Lookup::Fresh(key) | Lookup::Stale(key) => Ok(key),
            // After a failed fetch it is not known whether the key is unknown or only new.
            Lookup::Unknown if !gate.failed => Err(TokenFault::UnknownKey.into()),
            Lookup::Unknown | Lookup::Empty => Err(AuthError::KeySetUnavailable),
        }
    }

    /// Fetches the keys now, even if fresh ones are held, unless another fetch ends in the meantime.
    pub(super) async fn refresh(&self) -> Result<(), AuthError> {
        let fetches = self.fetches.load(Ordering::Acquire);
        let mut gate = self.gate.lock().await;
        if self.fetches.load(Ordering::Acquire) == fetches {
            self.fetch(&mut gate, false).await;
        }
        if gate.failed { Err(AuthError::KeySetUnavailable) } else { Ok(()) }
    }

    fn look_up(&self, kid: &str) -> Lookup {
        let now = self.clock.now();
        let held = self.held.read().unwrap_or_else(PoisonError::into_inner);
        let Some(held) = held.as_ref().filter(|held| now.since(held.fetched_at) < USABLE_FOR) else {
            return Lookup::Empty;
        };
        match held.keys.key(kid) {
            Some(key) if now.since(held.fetched_at) < FRESH_FOR => Lookup::Fresh(key),
            Some(key) => Lookup::Stale(key),
            None => Lookup::Unknown,
        }
    }

    /// Fetches once. After a failure the keys that are held stay in use.
    async fn fetch(&self, gate: &mut Gate, for_unknown_key: bool) {
        let started_at = self.clock.now();
        let fetched = self.source.fetch().await;
        gate.failed = fetched.is_err();
        if gate.failed || for_unknown_key {
            gate.paused_at = Some(started_at);
        }
        match fetched {
            Ok(keys) => {
                let held = Held { keys, fetched_at: self.clock.now() };
                *self.held.write().unwrap_or_else(PoisonError::into_inner) = Some(held);
            }
            Err(error) => tracing::warn!(fault = %error, "the key set was not fetched"),
        }
        self.fetches.fetch_add(1, Ordering::Release);
    }
}

impl Gate {
    /// Returns whether a fetch may begin: when the pause is over. It holds without usable keys too, since anyone can send
    /// a token, and each would otherwise cost a fetch that waits for its time-out.
    fn lets_through(&self, now: Timestamp) -> bool {
        self.paused_at.is_none_or(|paused_at| now.since(paused_at) >= PAUSE)
    }
}

#[cfg(test)]
#[path = "key_cache_tests.rs"]
mod tests;
