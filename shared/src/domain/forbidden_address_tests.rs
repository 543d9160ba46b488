use std::net::Ipv4Addr;

use ForbiddenAddress::{
    Benchmarking, Broadcast, Discard, Documentation, LinkLocal, Loopback, MappedIpv4, Metadata, Multicast, Nat64,
    Private, Reserved, SharedSpace, SiteLocal, Tunnel, UniqueLocal, Unspecified,
};
use proptest::prelude::{any, prop_assert, proptest};

use super::*;

type Kind = Option<ForbiddenAddress>;

/// Each block by the kind of the address before it, its first and last address with their kind, and the kind of the
/// address after it.
#[rustfmt::skip]
const BLOCKS: [(Kind, &str, &str, ForbiddenAddress, Kind); 38] = [
    (None, "0.0.0.0", "0.255.255.255", Unspecified, None),
    (None, "10.0.0.0", "10.255.255.255", Private, None),
    (None, "100.64.0.0", "100.100.100.199", SharedSpace, Some(Metadata)),
    (Some(SharedSpace), "100.100.100.200", "100.100.100.200", Metadata, Some(SharedSpace)),
    (Some(Metadata), "100.100.100.201", "100.127.255.255", SharedSpace, None),
    (None, "127.0.0.0", "127.255.255.255", Loopback, None),
    (None, "169.254.0.0", "169.254.169.253", LinkLocal, Some(Metadata)),
    (Some(LinkLocal), "169.254.169.254", "169.254.169.254", Metadata, Some(LinkLocal)),
    (Some(LinkLocal), "169.254.170.2", "169.254.170.2", Metadata, Some(LinkLocal)),
    (Some(Metadata), "169.254.170.24", "169.254.255.255", LinkLocal, None),
    (None, "172.16.0.0", "172.31.255.255", Private, None),
    (None, "192.0.0.0", "192.0.0.255", Reserved, None),
    (None, "192.0.2.0", "192.0.2.255", Documentation, None),
    (None, "192.88.99.0", "192.88.99.255", Tunnel, None),
    (None, "192.168.0.0", "192.168.255.255", Private, None),
    (None, "198.18.0.0", "198.19.255.255", Benchmarking, None),
    (None, "198.51.100.0", "198.51.100.255", Documentation, None),
    (None, "203.0.113.0", "203.0.113.255", Documentation, None),
    (None, "224.0.0.0", "239.255.255.255", Multicast, Some(Reserved)),
    (Some(Multicast), "240.0.0.0", "255.255.255.254", Reserved, Some(Broadcast)),
    (Some(Reserved), "255.255.255.255", "255.255.255.255", Broadcast, None),
    (None, "::", "::", Unspecified, Some(Loopback)),
    (Some(Unspecified), "::1", "::1", Loopback, Some(MappedIpv4)),
    (Some(Loopback), "::2", "::ffff:ffff:ffff:ffff", MappedIpv4, Some(Reserved)),
    (Some(Reserved), "64:ff9b::", "64:ff9b::ffff:ffff", Nat64, Some(Reserved)),
    (Some(Reserved), "64:ff9b:1::", "64:ff9b:1:ffff:ffff:ffff:ffff:ffff", Nat64, Some(Reserved)),
    (Some(Reserved), "100::", "100::ffff:ffff:ffff:ffff", Discard, Some(Reserved)),
    (None, "2001::", "2001:0:ffff:ffff:ffff:ffff:ffff:ffff", Tunnel, Some(Reserved)),
    (Some(Reserved), "2001:2::", "2001:2:0:ffff:ffff:ffff:ffff:ffff", Benchmarking, Some(Reserved)),
    (Some(Benchmarking), "2001:2:1::", "2001:1ff:ffff:ffff:ffff:ffff:ffff:ffff", Reserved, None),
    (None, "2001:db8::", "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff", Documentation, None),
    (None, "2002::", "2002:ffff:ffff:ffff:ffff:ffff:ffff:ffff", Tunnel, None),
    (None, "3ffe::", "3ffe:ffff:ffff:ffff:ffff:ffff:ffff:ffff", Reserved, Some(Documentation)),
    (Some(Reserved), "3fff::", "3fff:fff:ffff:ffff:ffff:ffff:ffff:ffff", Documentation, None),
    (Some(UniqueLocal), "fd00:ec2::", "fd00:ec2:ffff:ffff:ffff:ffff:ffff:ffff", Metadata, Some(UniqueLocal)),
    (Some(Reserved), "fe80::", "febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff", LinkLocal, Some(SiteLocal)),
    (Some(LinkLocal), "fec0::", "feff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", SiteLocal, Some(Multicast)),
    (Some(SiteLocal), "ff00::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", Multicast, None),
];

fn kind(address: &str) -> Kind {
    ForbiddenAddress::of(address.parse().unwrap())
}

/// Returns the address at this distance, unless there is none.
fn neighbour(address: IpAddr, distance: i8) -> Option<IpAddr> {
    match address {
        IpAddr::V4(address) => {
            u32::from(address).checked_add_signed(distance.into()).map(|bits| IpAddr::V4(bits.into()))
        }
        IpAddr::V6(address) => {
            u128::from(address).checked_add_signed(distance.into()).map(|bits| IpAddr::V6(bits.into()))
        }
    }
}

#[test]
fn blocks_end_where_the_registries_say() {
    for (before, first, last, expected, after) in BLOCKS {
        assert_eq!((kind(first), kind(last)), (Some(expected), Some(expected)), "{first} to {last}");
        let kind_at =
            |address: &str, distance| neighbour(address.parse().unwrap(), distance).and_then(ForbiddenAddress::of);
        assert_eq!(kind_at(first, -1), before, "before {first}");
        assert_eq!(kind_at(last, 1), after, "after {last}");
    }
}

#[test]
fn single_addresses_have_their_kind() {
    for (address, expected) in [
        ("169.254.170.23", Metadata),
        ("fd00:ec2::254", Metadata),
        ("fd20:ce::254", Metadata),
        ("fd20:ce::253", UniqueLocal),
        ("fc00::", UniqueLocal),
        ("fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", UniqueLocal),
        ("::ffff:8.8.8.8", MappedIpv4),
        ("::8.8.8.8", MappedIpv4),
        ("::ffff:0:8.8.8.8", MappedIpv4),
        ("2001:10::1", Reserved),
        ("2001:20::1", Reserved),
        ("5f00::1", Reserved),
        ("4000::", Reserved),
        ("1fff:ffff::", Reserved),
    ] {
        assert_eq!(kind(address), Some(expected), "{address}");
    }
}

#[test]
fn ordinary_addresses_are_not_forbidden() {
    for address in
        ["1.1.1.1", "8.8.8.8", "52.94.236.248", "191.255.255.255", "2000::", "2606:4700::1111", "2a05:d018::1"]
    {
        assert_eq!(kind(address), None, "{address}");
    }
}

proptest! {
    #[test]
    fn every_address_of_a_block_is_forbidden(at in 0..BLOCKS.len(), offset: u128) {
        let (_, first, last, expected, _) = BLOCKS[at];
        let bits = |text: &str| match text.parse().unwrap() {
            IpAddr::V4(address) => u128::from(u32::from(address)),
            IpAddr::V6(address) => u128::from(address),
        };
        let (low, high) = (bits(first), bits(last));
        let inside = if high - low == u128::MAX { offset } else { low + offset % (high - low + 1) };
        let address = match first.parse().unwrap() {
            IpAddr::V4(_) => IpAddr::V4(u32::try_from(inside).unwrap().into()),
            IpAddr::V6(_) => IpAddr::V6(inside.into()),
        };
        // A block may have metadata services within.
        let found = ForbiddenAddress::of(address);
        prop_assert!(found == Some(expected) || found == Some(Metadata), "{address}: {found:?}");
    }

    #[test]
    fn every_form_that_embeds_an_ipv4_address_is_forbidden(embedded in any::<u32>()) {
        let [a, b, c, d] = Ipv4Addr::from(embedded).octets();
        let (high, low) = (u16::from_be_bytes([a, b]), u16::from_be_bytes([c, d]));
        for segments in [
            [0, 0, 0, 0, 0, 0xffff, high, low],
            [0, 0, 0, 0, 0, 0, high, low],
            [0, 0, 0, 0, 0xffff, 0, high, low],
            [0x64, 0xff9b, 0, 0, 0, 0, high, low],
            [0x64, 0xff9b, 1, 0, 0, 0, high, low],
            [0x2002, high, low, 0, 0, 0, 0, 1],
            [0x2001, 0, high, low, 0, 0, !high, !low],
        ] {
            let address = IpAddr::V6(segments.into());
            prop_assert!(ForbiddenAddress::of(address).is_some(), "{address}");
        }
    }
}
