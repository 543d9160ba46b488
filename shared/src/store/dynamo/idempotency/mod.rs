//! Idempotency records: one conditional request each.

pub(super) mod claim_item;
mod ledger;
