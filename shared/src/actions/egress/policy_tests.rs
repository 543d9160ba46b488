use ForbiddenAddress::{Expired, LinkLocal, Loopback, MappedIpv4, Metadata, Nat64, Private, SharedSpace, UniqueLocal};
use proptest::prelude::{prop_assert, proptest};

use super::*;

/// The first moment of 2031.
const NEW_YEAR: Timestamp = Timestamp::from_millis(1_924_992_000_000);
const NOW: Timestamp = Timestamp::from_millis(1_900_000_000_000);

const CLOSED: AddressPolicy = AddressPolicy { private: None, allows_loopback: false };
const LOCAL: AddressPolicy = AddressPolicy { private: None, allows_loopback: true };

fn opening(block: &str) -> AddressPolicy {
    AddressPolicy { private: Some(PrivateNetwork::new(block, "2030-12-31").unwrap()), allows_loopback: false }
}

fn check(policy: AddressPolicy, address: &str) -> Result<(), ForbiddenAddress> {
    policy.check(address.parse().unwrap(), NOW)
}

fn check_url(policy: AddressPolicy, url: &str) -> Result<(), EgressError> {
    policy.check_url(&url.parse().unwrap(), NOW)
}

#[test]
fn a_private_network_is_opened_alone_and_until_its_day() {
    let policy = opening("10.1.0.0/16");
    assert_eq!(check(policy, "10.1.2.3"), Ok(()));
    assert_eq!(check(policy, "8.8.8.8"), Ok(()));
    for (address, expected) in [
        ("10.2.0.0", Private),
        ("10.0.255.255", Private),
        ("192.168.1.1", Private),
        ("100.64.0.1", SharedSpace),
        ("fd00::1", UniqueLocal),
        ("127.0.0.1", Loopback),
        ("::ffff:10.1.2.3", MappedIpv4),
        ("64:ff9b::10.1.2.3", Nat64),
    ] {
        assert_eq!(check(policy, address), Err(expected), "{address}");
    }
    assert_eq!(policy.check("10.1.2.3".parse().unwrap(), NEW_YEAR), Err(Expired));
    assert_eq!(policy.check("8.8.8.8".parse().unwrap(), NEW_YEAR), Ok(()));
    assert_eq!(check(CLOSED, "10.1.2.3"), Err(Private));
}

#[test]
fn metadata_services_are_never_opened() {
    for (block, address) in
        [("fc00::/7", "fd00:ec2::254"), ("fd20::/16", "fd20:ce::254"), ("100.64.0.0/10", "100.100.100.200")]
    {
        assert_eq!(check(opening(block), address), Err(Metadata), "{block}");
    }
}

#[test]
fn loopback_is_allowed_locally_and_nothing_else() {
    assert_eq!((check(LOCAL, "127.0.0.1"), check(LOCAL, "127.9.9.9"), check(LOCAL, "::1")), (Ok(()), Ok(()), Ok(())));
    for (address, expected) in [
        ("169.254.169.254", Metadata),
        ("169.254.1.1", LinkLocal),
        ("10.0.0.1", Private),
        ("::ffff:127.0.0.1", MappedIpv4),
        ("0.0.0.0", ForbiddenAddress::Unspecified),
        ("::", ForbiddenAddress::Unspecified),
    ] {
        assert_eq!(check(LOCAL, address), Err(expected), "{address}");
    }
}

#[test]
fn only_localhost_resolves_to_loopback_locally() {
    let loopback = "127.0.0.1".parse().unwrap();
    assert_eq!(LOCAL.for_name("localhost").check(loopback, NOW), Ok(()));
    for name in ["localhost.", "rebound.example.com", "local", "localhost.example.com"] {
        assert_eq!(LOCAL.for_name(name).check(loopback, NOW), Err(Loopback), "{name}");
    }
    assert_eq!(CLOSED.for_name("localhost").check(loopback, NOW), Err(Loopback));
}

#[test]
fn every_spelling_of_a_forbidden_address_is_refused() {
    for (host, expected) in [
        ("127.0.0.1", Loopback),
        ("127.1", Loopback),
        ("2130706433", Loopback),
        ("0x7f000001", Loopback),
        ("0177.0.0.1", Loopback),
        ("0x7f.1", Loopback),
        ("127.0.0.1.", Loopback),
        ("①②⑦.0.0.1", Loopback),
        ("127。0。0。1", Loopback),
        ("%31%32%37.0.0.1", Loopback),
        ("[::1]", Loopback),
        ("[0:0:0:0:0:0:0:1]", Loopback),
        ("[::ffff:127.0.0.1]", MappedIpv4),
        ("[::ffff:7f00:1]", MappedIpv4),
        ("[::127.0.0.1]", MappedIpv4),
        ("169.254.169.254", Metadata),
        ("0xa9fea9fe", Metadata),
        ("2852039166", Metadata),
        ("[fd00:ec2::254]", Metadata),
        ("[64:ff9b::a9fe:a9fe]", Nat64),
        ("10.0.0.1", Private),
    ] {
        let refused = check_url(CLOSED, &format!("https://{host}/latest/meta-data"));
        assert_eq!(refused, Err(EgressError::Forbidden(expected)), "{host}");
    }
}

#[test]
fn urls_have_https_a_host_and_no_user() {
    let refused = |policy, url| match check_url(policy, url) {
        Err(EgressError::Url(refused)) => Some(refused),
        _ => None,
    };
    for policy in [CLOSED, LOCAL, opening("10.0.0.0/8")] {
        for url in
            ["http://api.example.com/", "http://10.0.0.1/", "http://8.8.8.8/", "ftp://api.example.com/", "ws://[::2]/"]
        {
            assert_eq!(refused(policy, url), Some(RefusedUrl::Scheme), "{url}");
        }
        for url in ["https://user@api.example.com/", "https://:password@api.example.com/"] {
            assert_eq!(refused(policy, url), Some(RefusedUrl::UserInfo), "{url}");
        }
        for url in ["file:///etc/passwd", "data:text/plain,a", "unix:/run/socket"] {
            assert_eq!(refused(policy, url), Some(RefusedUrl::Host), "{url}");
        }
        assert_eq!(check_url(policy, "https://api.example.com:8443/a?b=c"), Ok(()));
    }
    for url in ["http://127.0.0.1:9000/", "http://localhost:9000/", "http://[::1]:9000/"] {
        assert_eq!(check_url(LOCAL, url), Ok(()), "{url}");
        assert_eq!(refused(CLOSED, url), Some(RefusedUrl::Scheme), "{url}");
    }
    for url in ["http://localhost.example.com/", "http://[::ffff:127.0.0.1]/"] {
        assert_eq!(refused(LOCAL, url), Some(RefusedUrl::Scheme), "{url}");
    }
    for url in ["http://localhost./", "https://localhost./", "https://api.localhost/"] {
        assert_eq!(check_url(LOCAL, url), Err(EgressError::Forbidden(Loopback)), "{url}");
    }
    assert_eq!(check_url(CLOSED, "https://localhost/"), Err(EgressError::Forbidden(Loopback)));
}

proptest! {
    #[test]
    fn nothing_opens_a_forbidden_address_but_its_own_network(bits: u128, is_v4: bool, low_bits: u32) {
        let address: IpAddr = if is_v4 { IpAddr::V4(low_bits.into()) } else { IpAddr::V6(bits.into()) };
        let forbidden = ForbiddenAddress::of(address);
        for block in ["10.0.0.0/8", "100.64.0.0/10", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7"] {
            let policy = opening(block);
            let may_open = policy.private.is_some_and(|network| network.contains(&address))
                && matches!(forbidden, Some(Private | SharedSpace | UniqueLocal));
            prop_assert!(policy.check(address, NOW).is_ok() == (forbidden.is_none() || may_open), "{address} by {block}");
        }
    }

    #[test]
    fn a_forbidden_literal_is_refused_in_every_url(bits: u32) {
        let forbidden = ForbiddenAddress::of(IpAddr::V4(bits.into()));
        for host in [format!("{bits}"), format!("{bits:#x}"), format!("0{bits:o}")] {
            let expected = forbidden.map_or(Ok(()), |kind| Err(EgressError::Forbidden(kind)));
            prop_assert!(check_url(CLOSED, &format!("https://{host}/")) == expected, "{host}");
        }
    }
}
