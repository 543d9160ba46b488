//! A network from which WebSocket connections may be opened, and its last day.

use std::net::IpAddr;
use std::str::FromStr;
use std::time::Duration;

use ipnet::IpNet;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::Timestamp;

const DAY: Duration = Duration::from_hours(24);

/// A block of addresses, and the end of its last day if it has one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AllowedNetwork {
    block: IpNet,
    until: Option<Timestamp>,
}

impl AllowedNetwork {
    /// Returns whether the address may connect at this time.
    #[must_use]
    pub fn admits(&self, address: &IpAddr, now: Timestamp) -> bool {
        self.until.is_none_or(|until| now < until) && self.block.contains(address)
    }
}

/// A block or a last day that cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a block of addresses such as 192.0.2.0/24 or 192.0.2.0/24@2030-12-31")]
pub struct InvalidNetwork;

impl FromStr for AllowedNetwork {
    type Err = InvalidNetwork;

    /// Reads `192.0.2.0/24`, or `192.0.2.0/24@2030-12-31` for a block whose last day that is (UTC).
    fn from_str(text: &str) -> Result<Self, InvalidNetwork> {
        let (block, last_day) = match text.split_once('@') {
            Some((block, day)) => (block, Some(day)),
            None => (text, None),
        };
        let until = last_day.map(end_of_day).transpose()?;
        Ok(Self { block: block.parse().map_err(|_| InvalidNetwork)?, until })
    }
}

/// Returns the first moment after the day (UTC).
pub(super) fn end_of_day(day: &str) -> Result<Timestamp, InvalidNetwork> {
    let midnight = OffsetDateTime::parse(&format!("{day}T00:00:00Z"), &Rfc3339).map_err(|_| InvalidNetwork)?;
    let seconds = u64::try_from(midnight.unix_timestamp()).map_err(|_| InvalidNetwork)?;
    Ok(Timestamp::from_millis(seconds.saturating_mul(1000)).plus(DAY))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2030-12-31T00:00:00Z.
    const LAST_DAY: Timestamp = Timestamp::from_millis(1_924_905_600_000);

    fn network(text: &str) -> Result<AllowedNetwork, InvalidNetwork> {
        text.parse()
    }

    #[test]
    fn a_block_admits_until_the_end_of_its_last_day() {
        let inside = "192.0.2.7".parse().unwrap();
        let dated = network("192.0.2.0/24@2030-12-31").unwrap();
        let last_moment = LAST_DAY.plus(Duration::from_millis(86_399_999));
        assert!(dated.admits(&inside, LAST_DAY) && dated.admits(&inside, last_moment));
        assert!(!dated.admits(&inside, LAST_DAY.plus(DAY)), "the day is over");
        assert!(network("192.0.2.0/24").unwrap().admits(&inside, LAST_DAY.plus(DAY)), "without a day it does not end");
    }

    #[test]
    fn a_block_admits_its_own_addresses_only() {
        let dated = network("2001:db8::/48@2030-12-31").unwrap();
        assert!(dated.admits(&"2001:db8::1".parse().unwrap(), LAST_DAY));
        assert!(!dated.admits(&"2001:db8:1::1".parse().unwrap(), LAST_DAY));
        assert!(!dated.admits(&"192.0.2.7".parse().unwrap(), LAST_DAY));
    }

    #[test]
    fn a_day_that_cannot_be_read_is_refused() {
        for wrong in ["", "@", "@2030-12-31", "192.0.2.0@2030-12-31", "192.0.2.0/24@", "192.0.2.0/24@soon"] {
            assert_eq!(network(wrong), Err(InvalidNetwork), "{wrong:?}");
        }
        for wrong in
            ["2030-02-30", "2030-12-31T00:00:00Z", "2030-1-1", "1969-12-31", "2030-12-31@2031-12-31", " 2030-12-31"]
        {
            assert_eq!(network(&format!("192.0.2.0/24@{wrong}")), Err(InvalidNetwork), "{wrong:?}");
        }
    }
}
