//! Requirements for every adapter of [`crate::store::ConversationStore`] and [`crate::store::IdempotencyLedger`]. Each check
//! has a tenant of its own, so checks may share a store.

#![expect(clippy::expect_used, clippy::indexing_slicing, reason = "a check fails by panicking")]

mod check;
mod claims;
mod concurrent;
mod erasing;
mod large;
mod random;
mod reading;
mod suite;
mod turns;
mod world;

pub use check::{Check, Store};
pub use random::compare_with_reference;
pub use suite::{checks, run_all};
