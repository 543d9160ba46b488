//! A private network that is opened to one action, until a day.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::{IpNet, Ipv4Net, Ipv6Net};

use super::Timestamp;
use super::allowed_network::end_of_day;

/// The blocks of which parts may be opened. Loopback, link-local, multicast and reserved addresses are in none of them.
const OPENABLE: [IpNet; 5] = [
    IpNet::V4(Ipv4Net::new_assert(Ipv4Addr::new(10, 0, 0, 0), 8)),
    IpNet::V4(Ipv4Net::new_assert(Ipv4Addr::new(100, 64, 0, 0), 10)),
    IpNet::V4(Ipv4Net::new_assert(Ipv4Addr::new(172, 16, 0, 0), 12)),
    IpNet::V4(Ipv4Net::new_assert(Ipv4Addr::new(192, 168, 0, 0), 16)),
    IpNet::V6(Ipv6Net::new_assert(Ipv6Addr::new(0xfc00, 0, 0, 0, 0, 0, 0, 0), 7)),
];

/// The block of AWS's services on an instance itself, its metadata among them (EC2 User Guide, "Instance metadata").
const NEVER_OPENED: IpNet = IpNet::V6(Ipv6Net::new_assert(Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0), 32));

/// A block of private addresses, and the end of the last day on which it may be reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PrivateNetwork {
    block: IpNet,
    until: Timestamp,
}

/// The reason why a private network cannot be opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidPrivateNetwork {
    /// The block cannot be read, or has bits beyond its prefix.
    #[error("not a block of addresses such as 10.1.2.0/24 or 10.1.2.3/32, with zeros beyond the prefix")]
    Block,
    /// The block has addresses that may never be opened, or need no opening.
    #[error(
        "not within 10.0.0.0/8, 100.64.0.0/10, 172.16.0.0/12, 192.168.0.0/16 or fc00::/7, or the metadata service's"
    )]
    NotPrivate,
    /// The last day cannot be read.
    #[error("not a day such as 2030-12-31")]
    LastDay,
}

impl PrivateNetwork {
    /// Reads a block such as `10.1.2.0/24` and its last day such as `2030-12-31` (UTC).
    ///
    /// # Errors
    /// [`InvalidPrivateNetwork`]: a fault of the configuration.
    pub fn new(block: &str, last_day: &str) -> Result<Self, InvalidPrivateNetwork> {
        let block: IpNet = block.parse().map_err(|_| InvalidPrivateNetwork::Block)?;
        // `10.1.2.3/8` reads as one machine and would open millions.
        if block.addr() != block.network() {
            return Err(InvalidPrivateNetwork::Block);
        }
        if !OPENABLE.iter().any(|openable| openable.contains(&block)) || NEVER_OPENED.contains(&block) {
            return Err(InvalidPrivateNetwork::NotPrivate);
        }
        let until = end_of_day(last_day).map_err(|_| InvalidPrivateNetwork::LastDay)?;
        Ok(Self { block, until })
    }

    /// Returns whether the address is in the block.
    #[must_use]
    pub fn contains(&self, address: &IpAddr) -> bool {
        self.block.contains(address)
    }

    /// Returns whether the block's last day is over.
    #[must_use]
    pub fn has_expired(&self, now: Timestamp) -> bool {
        now >= self.until
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    /// The first moment of 2031.
    const NEW_YEAR: Timestamp = Timestamp::from_millis(1_924_992_000_000);

    fn fault(block: &str) -> Option<InvalidPrivateNetwork> {
        PrivateNetwork::new(block, "2030-12-31").err()
    }

    #[test]
    fn parts_of_private_blocks_can_be_opened() {
        for block in
            ["10.0.0.0/8", "10.1.2.3/32", "100.64.0.0/10", "172.31.0.0/16", "192.168.7.0/24", "fc00::/7", "fd12::/16"]
        {
            assert_eq!(fault(block), None, "{block}");
        }
    }

    #[test]
    fn other_blocks_cannot_be_opened() {
        for block in [
            "0.0.0.0/0",
            "127.0.0.0/8",
            "127.0.0.1/32",
            "169.254.169.254/32",
            "169.254.0.0/16",
            "224.0.0.0/4",
            "8.0.0.0/5",
            "10.0.0.0/7",
            "100.64.0.0/9",
            "172.16.0.0/11",
            "192.168.0.0/15",
            "0.0.0.0/8",
            "93.184.216.0/24",
            "::/0",
            "::1/128",
            "fe80::/10",
            "ff00::/8",
            "fc00::/6",
            "::ffff:10.0.0.0/104",
            "64:ff9b::/96",
            "fd00:ec2::/32",
            "fd00:ec2::254/128",
            "2002::/16",
        ] {
            let expected = InvalidPrivateNetwork::NotPrivate;
            let block = block.parse::<IpNet>().unwrap().trunc().to_string();
            assert_eq!(fault(&block), Some(expected), "{block}");
        }
    }

    #[test]
    fn a_block_must_be_written_in_full() {
        for block in ["", "10.0.0.1", "10.1.2.3/8", "10.0.0.0/33", "fd00::1/64", "10.0.0.0/8@2030-12-31", "localhost/8"]
        {
            assert_eq!(fault(block), Some(InvalidPrivateNetwork::Block), "{block}");
        }
    }

    #[test]
    fn an_exception_ends_with_its_last_day() {
        let network = PrivateNetwork::new("10.1.0.0/16", "2030-12-31").unwrap();
        assert!(!network.has_expired(Timestamp::from_millis(NEW_YEAR.millis() - 1)));
        assert!(network.has_expired(NEW_YEAR) && network.has_expired(NEW_YEAR.plus(Duration::from_secs(1))));
        for wrong in ["", "soon", "2030-02-30", "2030-12-31T00:00:00Z"] {
            assert_eq!(PrivateNetwork::new("10.1.0.0/16", wrong), Err(InvalidPrivateNetwork::LastDay), "{wrong:?}");
        }
    }

    #[test]
    fn a_block_contains_its_own_addresses_only() {
        let network = PrivateNetwork::new("10.1.0.0/16", "2030-12-31").unwrap();
        for (address, inside) in [
            ("10.1.0.0", true),
            ("10.1.255.255", true),
            ("10.0.255.255", false),
            ("10.2.0.0", false),
            ("::ffff:10.1.0.1", false),
        ] {
            assert_eq!(network.contains(&address.parse().unwrap()), inside, "{address}");
        }
    }
}
