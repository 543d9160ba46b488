//! What every adapter of conversation memory must do. A check has a tenant of its own, so checks may share a store.

#![expect(clippy::expect_used, clippy::indexing_slicing, reason = "a check fails by panicking")]

mod claims;
mod concurrent;
mod erasing;
mod large;
mod random;
mod reading;
mod turns;
mod world;

use std::panic::AssertUnwindSafe;
use std::pin::Pin;
use std::sync::Arc;

use futures_util::FutureExt;

pub use random::compare_with_reference;

use crate::store::{ConversationStore, IdempotencyLedger};

/// Both ports of an adapter.
pub trait Store: ConversationStore + IdempotencyLedger {}

impl<T: ConversationStore + IdempotencyLedger + ?Sized> Store for T {}

type Running = Pin<Box<dyn Future<Output = ()> + Send>>;

/// One thing that an adapter must do.
#[derive(Debug, Clone, Copy)]
pub struct Check {
    /// What it is, in words.
    pub name: &'static str,
    run: fn(Arc<dyn Store>) -> Running,
}

impl Check {
    const fn new(name: &'static str, run: fn(Arc<dyn Store>) -> Running) -> Self {
        Self { name, run }
    }

    /// Runs it.
    ///
    /// # Panics
    /// When the adapter does something else.
    pub async fn run(&self, store: Arc<dyn Store>) {
        (self.run)(store).await;
    }
}

/// All checks.
#[must_use]
pub fn checks() -> Vec<Check> {
    [turns::CHECKS, reading::CHECKS, concurrent::CHECKS, large::CHECKS, erasing::CHECKS, claims::CHECKS].concat()
}

/// Runs every check, each on what `make` gives, and says which ones failed.
///
/// # Panics
/// When one or more checks failed.
pub async fn run_all(make: impl AsyncFn() -> Arc<dyn Store>) {
    let mut failed = Vec::new();
    for check in checks() {
        if AssertUnwindSafe(check.run(make().await)).catch_unwind().await.is_err() {
            failed.push(check.name);
        }
    }
    assert!(failed.is_empty(), "failed: {failed:#?}");
}
