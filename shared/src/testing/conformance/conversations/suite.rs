//! The whole suite.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use futures_util::FutureExt;

use super::check::{Check, Store};
use super::{claims, concurrent, erasing, large, reading, turns};

/// Returns all checks.
#[must_use]
pub fn checks() -> Vec<Check> {
    [turns::CHECKS, reading::CHECKS, concurrent::CHECKS, large::CHECKS, erasing::CHECKS, claims::CHECKS].concat()
}

/// Runs every check, each on a store from `make`, and names those that failed.
///
/// # Panics
/// If one or more checks failed.
pub async fn run_all(make: impl AsyncFn() -> Arc<dyn Store>) {
    let mut failed = Vec::new();
    for check in checks() {
        if AssertUnwindSafe(check.run(make().await)).catch_unwind().await.is_err() {
            failed.push(check.name);
        }
    }
    assert!(failed.is_empty(), "failed: {failed:#?}");
}
