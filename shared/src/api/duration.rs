//! Durations as clients write them (ISO 8601; RFC 3339, appendix A).

use std::time::Duration;

/// The longest duration that is accepted.
const LONGEST: Duration = Duration::from_hours(7 * 24);

/// What is accepted, for errors.
pub(super) const LONGEST_TEXT: &str = "a duration such as PT4H, of at most P7D";

/// Parses a duration of days, hours, minutes and seconds, such as `P1DT12H`. Returns `None` for another form, for one without
/// length, and for more than seven days.
pub(super) fn parse_duration(text: &str) -> Option<Duration> {
    let (date, time) = match text.strip_prefix('P')?.split_once('T') {
        Some((_, "")) => return None,
        Some((date, time)) => (date, time),
        None => (text.strip_prefix('P')?, ""),
    };
    let seconds = parts(date, &[('D', 86_400)])?.checked_add(parts(time, &[('H', 3600), ('M', 60), ('S', 1)])?)?;
    let duration = Duration::from_secs(seconds);
    (!duration.is_zero() && duration <= LONGEST).then_some(duration)
}

/// Adds numbers up, each followed by its unit, which stand in this order.
fn parts(text: &str, units: &[(char, u64)]) -> Option<u64> {
    let (mut rest, mut sum) = (text, 0_u64);
    for (unit, seconds) in units {
        let Some((number, behind)) = rest.split_once(*unit) else { continue };
        let is_number = (1..=9).contains(&number.len()) && number.bytes().all(|byte| byte.is_ascii_digit());
        if !is_number {
            return None;
        }
        sum = sum.checked_add(number.parse::<u64>().ok()?.checked_mul(*seconds)?)?;
        rest = behind;
    }
    rest.is_empty().then_some(sum)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read() {
        for (text, seconds) in
            [("PT4H", 14_400), ("P7D", 604_800), ("P1DT1H1M1S", 90_061), ("PT90M", 5400), ("PT1S", 1)]
        {
            assert_eq!(parse_duration(text).map(|duration| duration.as_secs()), Some(seconds), "{text}");
        }
        let bad = [
            "", "P", "PT", "4H", "PT4", "P7DT1S", "PT0S", "P1W", "P1Y", "PT1M1H", "PT-1H", "PT1.5H", "pt1h", "PT 1H",
            "P1DT",
        ];
        for text in bad.into_iter().chain(["PT99999999999H"]) {
            assert_eq!(parse_duration(text), None, "{text}");
        }
    }
}
