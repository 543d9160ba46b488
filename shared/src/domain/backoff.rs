//! Waiting between attempts.

use std::time::Duration;

use super::Random;

/// Returns the wait before another attempt with full jitter: a random part of `first`, which doubles with each attempt up to
/// `longest`. `attempt` counts from 0.
#[must_use]
pub fn full_jitter(random: &dyn Random, first: Duration, longest: Duration, attempt: u32) -> Duration {
    // A shift by 32 or more would overflow, and attempts need not be limited in number.
    let bound = first.saturating_mul(1 << attempt.min(16)).min(longest);
    bound.mul_f64(random.fraction())
}
