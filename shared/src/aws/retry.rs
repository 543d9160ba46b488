//! The pause before another attempt, by the rules of the AWS SDKs' standard mode.

use std::time::Duration;

/// The longest wait after the first attempt. It doubles with each attempt.
const INITIAL_BACKOFF: Duration = Duration::from_secs(1);

/// The longest wait in all.
const MAX_BACKOFF: Duration = Duration::from_secs(20);

/// Returns the wait after the attempt of this number, counted from 1: an exponential backoff with full jitter, where
/// `fraction` is a random number from 0 up to 1. A wait that the service asks for replaces it, up to 20 s.
pub(super) fn backoff(attempt: u32, fraction: f64, asked: Option<Duration>) -> Duration {
    if let Some(asked) = asked {
        return asked.min(MAX_BACKOFF);
    }
    let doubled = 2_u32.saturating_pow(attempt.saturating_sub(1));
    INITIAL_BACKOFF.saturating_mul(doubled).min(MAX_BACKOFF).mul_f64(fraction.clamp(0.0, 1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn longest(attempt: u32) -> u64 {
        backoff(attempt, 1.0, None).as_secs()
    }

    #[test]
    fn the_longest_wait_doubles_up_to_twenty_seconds() {
        let waits = [1, 2, 3, 4, 5, 6, 7, 33, u32::MAX].map(longest);
        assert_eq!(waits, [1, 2, 4, 8, 16, 20, 20, 20, 20]);
    }

    #[test]
    fn the_jitter_covers_all_of_the_wait() {
        let waits = [0.0, 0.25, 0.5].map(|fraction| backoff(2, fraction, None));
        assert_eq!(waits, [0, 500, 1000].map(Duration::from_millis));
    }

    #[test]
    fn a_wait_that_the_service_asks_for_is_kept_within_bounds() {
        assert_eq!(backoff(1, 0.0, Some(Duration::from_millis(300))), Duration::from_millis(300));
        assert_eq!(backoff(1, 0.0, Some(Duration::from_hours(1))), Duration::from_secs(20));
    }
}
