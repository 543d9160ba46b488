//! The errors of all ports.

use super::conversations::Head;

/// Why a call to the store failed.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The conversation does not exist, belongs to another user, or was erased.
    #[error("the conversation was not found")]
    NotFound,
    /// Another turn was committed first. Nothing was written. Append behind `head` as the next attempt; where `head` is
    /// not known, commit the same turn again.
    #[error("another turn was committed first")]
    Contention {
        /// The head as the other turn left it.
        head: Option<Box<Head>>,
    },
    /// The idempotency claim that the commit relies on no longer belongs to this run. Nothing was written.
    #[error("the idempotency key was claimed by another run")]
    ClaimLost,
    /// The store throttled the request.
    #[error("the store throttled the request")]
    Throttled,
    /// The store did not answer, or failed. Whether it wrote anything is not known.
    #[error("the store is unavailable: {0}")]
    Unavailable(&'static str),
    /// The store rejects the request (permissions, a missing table, an item that is too large).
    #[error("the store rejected the request: {0}")]
    Refused(String),
    /// Stored data does not have the shape that this version reads.
    #[error("stored data cannot be read: {0}")]
    Corrupt(&'static str),
}

impl StoreError {
    /// Returns whether the same call may succeed a little later.
    #[must_use]
    pub const fn is_transient(&self) -> bool {
        matches!(self, Self::Contention { .. } | Self::Throttled | Self::Unavailable(_))
    }
}
