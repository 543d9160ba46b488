//! The audit's table: the outbox and the heads of the chains. Entries expire after a week; heads do not.

mod heads;
pub(super) mod outbox;

pub use outbox::{DynamoAudit, outbox_record};
