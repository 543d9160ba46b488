//! The port to idempotency keys. It points to a run's messages and never holds an answer.

mod claim;
mod port;

pub use claim::{Claim, ClaimRequest, IdempotencyKey, IdempotencyReceipt, ReplayPointer};
pub use port::IdempotencyLedger;
