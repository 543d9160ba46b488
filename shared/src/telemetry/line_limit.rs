//! Limits the log lines of failures that anyone can cause.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use crate::domain::Timestamp;

/// The lines of one kind that are written within [`WINDOW`].
const MAX_LINES: u32 = 20;
const WINDOW: Duration = Duration::from_mins(1);

/// Counts the lines of an execution environment, by kind. A kind is one of a few fixed names, never a client's text.
#[derive(Debug, Default)]
pub struct LineLimit(Mutex<BTreeMap<&'static str, Counted>>);

#[derive(Debug)]
struct Counted {
    since: Timestamp,
    written: u32,
    suppressed: u64,
}

impl LineLimit {
    /// Counts a line. Returns how many lines of its kind were suppressed since the last one that was written, or `None` if this
    /// one is to be suppressed as well: 20 of its kind were written within a minute.
    pub fn count(&self, kind: &'static str, now: Timestamp) -> Option<u64> {
        let mut kinds = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let counted = kinds.entry(kind).or_insert(Counted { since: now, written: 0, suppressed: 0 });
        // A clock that is set back must not suppress lines until it has caught up.
        if now < counted.since || now.since(counted.since) >= WINDOW {
            (counted.since, counted.written) = (now, 0);
        }
        if counted.written >= MAX_LINES {
            counted.suppressed += 1;
            return None;
        }
        counted.written += 1;
        Some(std::mem::take(&mut counted.suppressed))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: Timestamp = Timestamp::from_millis(1_900_000_000_000);

    fn after(seconds: u64) -> Timestamp {
        START.plus(Duration::from_secs(seconds))
    }

    #[test]
    fn twenty_lines_a_minute_are_written_and_the_next_has_the_number_of_the_others() {
        let limit = LineLimit::default();
        for _ in 0..20 {
            assert_eq!(limit.count("invalid-token", START), Some(0));
        }
        for second in [0, 1, 59] {
            assert_eq!(limit.count("invalid-token", after(second)), None);
        }
        assert_eq!(limit.count("invalid-token", after(60)), Some(3));
        assert_eq!(limit.count("invalid-token", after(60)), Some(0), "reported once");
    }

    #[test]
    fn each_kind_has_a_limit_of_its_own() {
        let limit = LineLimit::default();
        let flooded = (0..100).filter(|_| limit.count("not-found", START).is_some()).count();
        assert_eq!((flooded, limit.count("invalid-token", START)), (20, Some(0)));
    }

    #[test]
    fn a_clock_that_is_set_back_suppresses_nothing() {
        let limit = LineLimit::default();
        let written = (0..30).filter(|_| limit.count("not-found", after(3600)).is_some()).count();
        assert_eq!((written, limit.count("not-found", START)), (20, Some(10)));
    }
}
