//! The port itself.

use async_trait::async_trait;

use crate::domain::{TenantId, Timestamp, ToolName, UserId};
use crate::store::StoreError;

/// What is counted: the calls of one action by one caller.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct CounterKey {
    /// The tenant.
    pub tenant: TenantId,
    /// The caller.
    pub user: UserId,
    /// The action.
    pub action: ToolName,
}

/// How many calls were counted before, in the hour and in the day, both in UTC.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct CallCount {
    /// In the hour.
    pub hour: u32,
    /// In the day.
    pub day: u32,
}

/// Counts calls.
#[async_trait]
pub trait CallCounter: Send + Sync {
    /// Counts a call at `now`, and returns how many were counted before it. Counting before judging leaves no gap in which two
    /// calls could both be the last that is allowed.
    ///
    /// # Errors
    /// Transient ones. The call may have been counted, which can only make policies stricter.
    async fn add(&self, key: &CounterKey, now: Timestamp) -> Result<CallCount, StoreError>;

    /// Takes back a call that was counted at `at` and has not run.
    ///
    /// # Errors
    /// Transient ones; the call stays counted then.
    async fn give_back(&self, key: &CounterKey, at: Timestamp) -> Result<(), StoreError>;
}
