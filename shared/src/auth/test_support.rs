//! A clock that stands still and a key set source that follows a script, for this room's tests.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;

use super::key_set::{KeySet, KeySetError, KeySetSource};
use crate::domain::{Clock, Timestamp};
use crate::testing::tokens::ISSUED_AT;

/// A clock that stays at [`ISSUED_AT`] until a test moves it.
pub(super) struct StoppedClock(AtomicU64);

impl StoppedClock {
    pub(super) fn new() -> Arc<Self> {
        Arc::new(Self(AtomicU64::new(ISSUED_AT * 1000)))
    }

    pub(super) fn set_seconds(&self, seconds: u64) {
        self.0.store(seconds * 1000, Ordering::SeqCst);
    }

    pub(super) fn advance_seconds(&self, seconds: u64) {
        self.0.fetch_add(seconds * 1000, Ordering::SeqCst);
    }
}

impl Clock for StoppedClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.0.load(Ordering::SeqCst))
    }
}

/// The reaction of a [`ScriptedSource`] to a fetch.
#[derive(Clone)]
pub(super) enum Script {
    /// Returns this document.
    Document(String),
    /// Fails.
    Down,
    /// Never answers.
    Hang,
}

/// A source that counts its fetches.
pub(super) struct ScriptedSource {
    script: Mutex<Script>,
    fetches: AtomicUsize,
}

impl ScriptedSource {
    pub(super) fn new(script: Script) -> Arc<Self> {
        Arc::new(Self { script: Mutex::new(script), fetches: AtomicUsize::new(0) })
    }

    pub(super) fn set(&self, script: Script) {
        *self.script.lock().unwrap() = script;
    }

    pub(super) fn fetches(&self) -> usize {
        self.fetches.load(Ordering::SeqCst)
    }
}

#[async_trait]
impl KeySetSource for ScriptedSource {
    async fn fetch(&self) -> Result<KeySet, KeySetError> {
        self.fetches.fetch_add(1, Ordering::SeqCst);
        // Other callers get time to arrive during the fetch.
        for _ in 0..8 {
            tokio::task::yield_now().await;
        }
        let script = self.script.lock().unwrap().clone();
        match script {
            Script::Document(document) => KeySet::parse(document.as_bytes()),
            Script::Down => Err(KeySetError::Status(503)),
            Script::Hang => std::future::pending().await,
        }
    }
}
