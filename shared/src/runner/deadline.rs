//! When an answer is due.

use std::time::Duration;

use tokio::time::Instant;

use crate::domain::Timestamp;

/// What the function keeps for itself at the end: writing the answer, the platform's own clock.
const MARGIN: Duration = Duration::from_secs(1);

/// After the deadline the last words may take this much longer: the function keeps [`MARGIN`] for itself.
pub const FLUSH_GRACE: Duration = Duration::from_millis(500);

/// A function's deadline before this point (2001) is no deadline: some local servers send a duration instead.
const EARLIEST: Timestamp = Timestamp::from_millis(1_000_000_000_000);

/// The point by which a request must be answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Deadline {
    instant: Instant,
}

impl Deadline {
    /// The smaller of the function's remaining time less 1 s and the front door's limit.
    #[must_use]
    pub fn new(now: Timestamp, function_ends: Timestamp, front_door_limit: Duration) -> Self {
        let function = (function_ends >= EARLIEST).then(|| function_ends.since(now).saturating_sub(MARGIN));
        let left = function.map_or(front_door_limit, |left| left.min(front_door_limit));
        Self { instant: Instant::now() + left }
    }

    /// The point on the process's own clock.
    #[must_use]
    pub const fn instant(self) -> Instant {
        self.instant
    }

    /// What is left.
    #[must_use]
    pub fn remaining(self) -> Duration {
        self.instant.saturating_duration_since(Instant::now())
    }
}
