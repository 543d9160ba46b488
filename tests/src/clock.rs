//! The time of day: the one place here that reads it.

use std::sync::OnceLock;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// Time since 1970.
#[expect(
    clippy::disallowed_methods,
    reason = "the stand-ins run in real time; the gateway's clock is a port of its own"
)]
pub(crate) fn since_epoch() -> Duration {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default()
}

/// Returns the microseconds since the first call. A token carries this value from when it was sent, and it is compared
/// with the value at its arrival in the same process.
#[must_use]
pub fn stamp_us() -> u64 {
    static BEGAN: OnceLock<Instant> = OnceLock::new();
    u64::try_from(BEGAN.get_or_init(Instant::now).elapsed().as_micros()).unwrap_or(u64::MAX)
}
