//! Numbers with a range and a default.

use std::ops::RangeInclusive;

use super::faults::Faults;

/// Returns the number, or its default where there is none or it is out of its range.
pub(super) fn bounded(
    value: Option<u32>,
    default: u32,
    range: RangeInclusive<u32>,
    path: &str,
    faults: &mut Faults,
) -> u32 {
    let Some(value) = value else { return default };
    if !range.contains(&value) {
        faults.add(path, value.to_string(), format!("{} to {}", range.start(), range.end()));
        // The configuration is refused, but with the default its other faults are found as well.
        return default;
    }
    value
}
