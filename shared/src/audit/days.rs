//! Days in UTC, as `YYYY-MM-DD`.

use std::time::Duration;

use time::{Date, Month};

use crate::domain::Timestamp;

/// Returns the day of a time.
#[must_use]
pub fn day_of(time: Timestamp) -> String {
    let mut day = time.to_string();
    day.truncate(10);
    day
}

/// How long after midnight the manifest of the day before may be missing. `archive` writes it a quarter of an hour after.
const MANIFEST_DUE: Duration = Duration::from_hours(1);

/// Returns the day before which every day must have its manifest.
#[must_use]
pub fn first_open_day(now: Timestamp) -> String {
    let due = u64::try_from(MANIFEST_DUE.as_millis()).unwrap_or_default();
    day_of(Timestamp::from_millis(now.millis().saturating_sub(due)))
}

/// Returns whether the text is a day that exists.
#[must_use]
pub fn is_day(text: &str) -> bool {
    date_of(text).is_some_and(|date| written(date) == text)
}

/// Returns the day after one; `None` if the text is not a day.
#[must_use]
pub fn next_day(day: &str) -> Option<String> {
    date_of(day)?.next_day().map(written)
}

/// Returns the day before one; `None` if the text is not a day.
pub(super) fn day_before(day: &str) -> Option<String> {
    date_of(day)?.previous_day().map(written)
}

fn date_of(text: &str) -> Option<Date> {
    let mut parts = text.splitn(3, '-');
    let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
    Date::from_calendar_date(year.parse().ok()?, Month::try_from(month.parse::<u8>().ok()?).ok()?, day.parse().ok()?)
        .ok()
}

fn written(date: Date) -> String {
    format!("{:04}-{:02}-{:02}", date.year(), u8::from(date.month()), date.day())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_follow_each_other_over_months_and_leap_years() {
        for (day, next) in [("2024-02-28", "2024-02-29"), ("2026-12-31", "2027-01-01"), ("2100-02-28", "2100-03-01")] {
            assert_eq!((next_day(day).as_deref(), day_before(next).as_deref()), (Some(next), Some(day)));
        }
    }

    #[test]
    fn a_manifest_is_due_an_hour_after_midnight() {
        let minute = |minutes: u64| first_open_day(Timestamp::from_millis(1_777_593_600_000 + minutes * 60_000));
        let (before, after) = ("2026-04-30".to_owned(), "2026-05-01".to_owned());
        assert_eq!((minute(0), minute(59), minute(60)), (before.clone(), before, after));
    }

    #[test]
    fn only_days_that_exist_are_days() {
        assert!(is_day("1970-01-01") && is_day("2026-11-27"));
        for text in ["", "2026-02-30", "2026-13-01", "2026-1-01", "26-01-01", "2026-01-01-", "2026-01-0x", "+026-01-01"]
        {
            assert!(!is_day(text), "{text}");
        }
    }
}
