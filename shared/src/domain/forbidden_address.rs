//! Addresses that requests of agents must not reach: the special-purpose blocks of IPv4 and IPv6.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::{Ipv4Net, Ipv6Net};

/// The reason why an address is forbidden.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum ForbiddenAddress {
    /// `0.0.0.0/8` or `::`, which lead to the machine itself.
    #[error("an unspecified address")]
    Unspecified,
    /// `127.0.0.0/8` or `::1`.
    #[error("a loopback address")]
    Loopback,
    /// The address of a cloud's metadata or credentials service.
    #[error("the address of a metadata service")]
    Metadata,
    /// `169.254.0.0/16` or `fe80::/10`.
    #[error("a link-local address")]
    LinkLocal,
    /// A private network (RFC 1918).
    #[error("a private address")]
    Private,
    /// The shared space of carrier-grade NAT (RFC 6598).
    #[error("an address of carrier-grade NAT")]
    SharedSpace,
    /// `fc00::/7`, the private networks of IPv6.
    #[error("a unique local address")]
    UniqueLocal,
    /// `fec0::/10`, the private networks of IPv6 before `fc00::/7`.
    #[error("a site-local address")]
    SiteLocal,
    /// A group of receivers.
    #[error("a multicast address")]
    Multicast,
    /// All machines of the network.
    #[error("the broadcast address")]
    Broadcast,
    /// A block for examples in documents.
    #[error("an address for documentation")]
    Documentation,
    /// A block for measurements of network devices.
    #[error("an address for benchmarks")]
    Benchmarking,
    /// A block whose packets are dropped.
    #[error("a discard-only address")]
    Discard,
    /// An IPv4 address written as an IPv6 address.
    #[error("an IPv4 address in IPv6 form")]
    MappedIpv4,
    /// An IPv4 address behind a translator (NAT64).
    #[error("an address of NAT64")]
    Nat64,
    /// An address that tunnels IPv6 through IPv4: 6to4 or Teredo.
    #[error("an address of a tunnel")]
    Tunnel,
    /// A block that is not assigned to hosts on the internet.
    #[error("a reserved address")]
    Reserved,
    /// An address of a private network whose exception has expired.
    #[error("an address whose exception has expired")]
    Expired,
}

const fn v4(a: u8, b: u8, c: u8, d: u8, prefix: u8, kind: ForbiddenAddress) -> (Ipv4Net, ForbiddenAddress) {
    (Ipv4Net::new_assert(Ipv4Addr::new(a, b, c, d), prefix), kind)
}

const fn v6(first: [u16; 4], last: u16, prefix: u8, kind: ForbiddenAddress) -> (Ipv6Net, ForbiddenAddress) {
    let [a, b, c, d] = first;
    (Ipv6Net::new_assert(Ipv6Addr::new(a, b, c, d, 0, 0, 0, last), prefix), kind)
}

/// The IANA IPv4 Special-Purpose Address Registry, and metadata services. The first block that contains an address
/// names it.
const IPV4: [(Ipv4Net, ForbiddenAddress); 20] = [
    v4(169, 254, 169, 254, 32, ForbiddenAddress::Metadata),
    // Credentials of containers (ECS) and of pods (EKS).
    v4(169, 254, 170, 2, 32, ForbiddenAddress::Metadata),
    v4(169, 254, 170, 23, 32, ForbiddenAddress::Metadata),
    v4(100, 100, 100, 200, 32, ForbiddenAddress::Metadata),
    v4(0, 0, 0, 0, 8, ForbiddenAddress::Unspecified),
    v4(10, 0, 0, 0, 8, ForbiddenAddress::Private),
    v4(100, 64, 0, 0, 10, ForbiddenAddress::SharedSpace),
    v4(127, 0, 0, 0, 8, ForbiddenAddress::Loopback),
    v4(169, 254, 0, 0, 16, ForbiddenAddress::LinkLocal),
    v4(172, 16, 0, 0, 12, ForbiddenAddress::Private),
    v4(192, 0, 0, 0, 24, ForbiddenAddress::Reserved),
    v4(192, 0, 2, 0, 24, ForbiddenAddress::Documentation),
    v4(192, 88, 99, 0, 24, ForbiddenAddress::Tunnel),
    v4(192, 168, 0, 0, 16, ForbiddenAddress::Private),
    v4(198, 18, 0, 0, 15, ForbiddenAddress::Benchmarking),
    v4(198, 51, 100, 0, 24, ForbiddenAddress::Documentation),
    v4(203, 0, 113, 0, 24, ForbiddenAddress::Documentation),
    v4(224, 0, 0, 0, 4, ForbiddenAddress::Multicast),
    v4(255, 255, 255, 255, 32, ForbiddenAddress::Broadcast),
    v4(240, 0, 0, 0, 4, ForbiddenAddress::Reserved),
];

/// The IANA IPv6 Special-Purpose Address Registry, and metadata services. The first block that contains an address
/// names it. An address that none contains is reserved unless it is in [`GLOBAL_UNICAST`].
const IPV6: [(Ipv6Net, ForbiddenAddress); 19] = [
    // Every service of EC2 instances: metadata, credentials, time, name servers.
    v6([0xfd00, 0xec2, 0, 0], 0, 32, ForbiddenAddress::Metadata),
    v6([0xfd20, 0xce, 0, 0], 0x254, 128, ForbiddenAddress::Metadata),
    v6([0, 0, 0, 0], 0, 128, ForbiddenAddress::Unspecified),
    v6([0, 0, 0, 0], 1, 128, ForbiddenAddress::Loopback),
    // The whole block with all forms that embed an IPv4 address: compatible, mapped, translated.
    v6([0, 0, 0, 0], 0, 64, ForbiddenAddress::MappedIpv4),
    v6([0x64, 0xff9b, 0, 0], 0, 96, ForbiddenAddress::Nat64),
    v6([0x64, 0xff9b, 1, 0], 0, 48, ForbiddenAddress::Nat64),
    v6([0x100, 0, 0, 0], 0, 64, ForbiddenAddress::Discard),
    v6([0x2001, 0, 0, 0], 0, 32, ForbiddenAddress::Tunnel),
    v6([0x2001, 2, 0, 0], 0, 48, ForbiddenAddress::Benchmarking),
    // Protocol assignments, ORCHID among them (RFC 4843, RFC 7343): identifiers, not hosts.
    v6([0x2001, 0, 0, 0], 0, 23, ForbiddenAddress::Reserved),
    v6([0x2001, 0xdb8, 0, 0], 0, 32, ForbiddenAddress::Documentation),
    v6([0x2002, 0, 0, 0], 0, 16, ForbiddenAddress::Tunnel),
    // 6bone, the test network that was given back in 2006.
    v6([0x3ffe, 0, 0, 0], 0, 16, ForbiddenAddress::Reserved),
    v6([0x3fff, 0, 0, 0], 0, 20, ForbiddenAddress::Documentation),
    v6([0xfc00, 0, 0, 0], 0, 7, ForbiddenAddress::UniqueLocal),
    v6([0xfe80, 0, 0, 0], 0, 10, ForbiddenAddress::LinkLocal),
    v6([0xfec0, 0, 0, 0], 0, 10, ForbiddenAddress::SiteLocal),
    v6([0xff00, 0, 0, 0], 0, 8, ForbiddenAddress::Multicast),
];

/// The only block of IPv6 from which addresses of hosts on the internet are assigned (RFC 4291, section 2.4).
const GLOBAL_UNICAST: Ipv6Net = Ipv6Net::new_assert(Ipv6Addr::new(0x2000, 0, 0, 0, 0, 0, 0, 0), 3);

impl ForbiddenAddress {
    /// Returns why an address is forbidden, or `None` if it is an ordinary address on the internet. An IPv6 address that
    /// embeds an IPv4 address is always forbidden, whichever address it embeds.
    #[must_use]
    pub fn of(address: IpAddr) -> Option<Self> {
        match address {
            IpAddr::V4(address) => IPV4.iter().find(|(block, _)| block.contains(&address)).map(|(_, kind)| *kind),
            IpAddr::V6(address) => {
                let listed = IPV6.iter().find(|(block, _)| block.contains(&address)).map(|(_, kind)| *kind);
                listed.or((!GLOBAL_UNICAST.contains(&address)).then_some(Self::Reserved))
            }
        }
    }
}

#[cfg(test)]
#[path = "forbidden_address_tests.rs"]
mod tests;
