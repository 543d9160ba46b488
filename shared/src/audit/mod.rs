//! The audit: entries about requests and calls, the outbox that they are written to before anything runs, and the chained
//! objects that the function `archive` makes of them.
//!
//! Must not know prompts, arguments and answers in the clear, except as the texts of an agent with `audit: full`, which
//! `archive` stores apart. Everything but the ports is pure.

mod archive;
#[cfg(test)]
mod archive_tests_support;
mod caller;
mod chain;
mod days;
mod entry;
#[cfg(any(test, feature = "testing"))]
mod in_memory;
mod manifest;
mod memory;
mod outbox;
mod ports;
mod record;
mod s3;
mod texts;
mod verify;

pub use archive::{Archive, ArchiveError, ArchiveReport};
pub use caller::AuditCaller;
pub use chain::{ChainFault, GENESIS, link};
pub use days::{day_of, first_open_day, is_day, next_day};
pub use entry::{AuditEntry, AuditTexts, EntryKind};
#[cfg(any(test, feature = "testing"))]
pub use in_memory::{InMemoryArchive, InMemoryOutbox};
pub use manifest::{Manifest, ShardManifest};
pub use outbox::{AuditError, AuditItem, AuditOutbox, SHARDS, pack, shard_of};
pub use ports::{AuditObjects, AuditReader, ChainHead, ChainHeads, ObjectError, Stored, TextObjects};
pub use record::OutboxRecord;
pub use s3::S3Bucket;
pub use verify::{Verified, VerifyError, verify_day};
