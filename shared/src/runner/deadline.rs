//! When an answer is due.

use std::time::Duration;

use tokio::time::Instant;

use crate::domain::Timestamp;

/// The part of its remaining time that a function keeps for writing the answer.
const MARGIN: Duration = Duration::from_secs(1);

/// How much longer than the deadline the last event or response may take to be sent; less than [`MARGIN`].
const FLUSH_GRACE: Duration = Duration::from_millis(500);

/// Function deadlines before this point (2001) are ignored: some local servers send a duration instead.
const EARLIEST: Timestamp = Timestamp::from_millis(1_000_000_000_000);

/// The point by which a request must be answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Deadline {
    // Monotonic, so that setting the machine's clock does not move a deadline.
    instant: Instant,
}

/// The deadline passed before the work was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the deadline passed")]
pub struct DeadlinePassed;

impl Deadline {
    /// Returns the smaller of the function's remaining time less 1 s and the front door's limit.
    #[must_use]
    pub fn new(now: Timestamp, function_ends: Timestamp, front_door_limit: Duration) -> Self {
        let function = (function_ends >= EARLIEST).then(|| function_ends.since(now).saturating_sub(MARGIN));
        // Without a function deadline the front door's limit decides alone.
        Self::after(function.map_or(front_door_limit, |left| left.min(front_door_limit)))
    }

    /// Returns a deadline `duration` from now.
    #[must_use]
    pub fn after(duration: Duration) -> Self {
        Self { instant: Instant::now() + duration }
    }

    /// Runs `work` until it is done or the deadline passes, whichever is first; unfinished work is dropped.
    ///
    /// # Errors
    /// [`DeadlinePassed`].
    pub async fn bound<T>(self, work: impl Future<Output = T>) -> Result<T, DeadlinePassed> {
        tokio::time::timeout_at(self.instant, work).await.map_err(|_elapsed| DeadlinePassed)
    }

    /// Returns this deadline plus [`FLUSH_GRACE`], for sending what is already decided.
    #[must_use]
    pub fn with_flush_grace(self) -> Self {
        Self { instant: self.instant + FLUSH_GRACE }
    }

    /// Returns this deadline less `reserve`, or a deadline that has passed where less than `reserve` is left.
    #[must_use]
    pub fn less(self, reserve: Duration) -> Self {
        // An `Instant` may not reach that far back; the present has passed just as well.
        Self { instant: self.instant.checked_sub(reserve).unwrap_or_else(Instant::now) }
    }

    /// Returns the time that is left.
    #[must_use]
    pub fn remaining(self) -> Duration {
        self.instant.saturating_duration_since(Instant::now())
    }
}
