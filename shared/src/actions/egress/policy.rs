//! The addresses and URLs that an action may call.

use std::net::IpAddr;

use url::{Host, Url};

use super::error::{EgressError, RefusedUrl};
use crate::domain::{ForbiddenAddress, PrivateNetwork, Timestamp};

/// The addresses that an action may call, beside those of the internet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct AddressPolicy {
    /// The private network that is opened to the action.
    pub private: Option<PrivateNetwork>,
    /// Whether URLs with a literal loopback host may be called, over HTTP too. Only for a gateway that runs locally.
    pub allows_loopback: bool,
}

impl AddressPolicy {
    /// Checks an address before a connection to it is opened.
    ///
    /// # Errors
    /// The reason why the address is forbidden.
    pub fn check(&self, address: IpAddr, now: Timestamp) -> Result<(), ForbiddenAddress> {
        let Some(forbidden) = ForbiddenAddress::of(address) else { return Ok(()) };
        match forbidden {
            ForbiddenAddress::Loopback if self.allows_loopback => Ok(()),
            ForbiddenAddress::Private | ForbiddenAddress::SharedSpace | ForbiddenAddress::UniqueLocal => {
                match self.private.filter(|network| network.contains(&address)) {
                    Some(network) if network.has_expired(now) => Err(ForbiddenAddress::Expired),
                    Some(_) => Ok(()),
                    None => Err(forbidden),
                }
            }
            _ => Err(forbidden),
        }
    }

    /// Checks a URL before each request, redirects included. A host that is an IP address is checked here, because it is
    /// not looked up.
    ///
    /// # Errors
    /// [`EgressError::Url`] or [`EgressError::Forbidden`].
    pub fn check_url(&self, url: &Url, now: Timestamp) -> Result<(), EgressError> {
        let host = url.host().ok_or(EgressError::Url(RefusedUrl::Host))?;
        // The HTTP library would send them as a header.
        if !url.username().is_empty() || url.password().is_some() {
            return Err(EgressError::Url(RefusedUrl::UserInfo));
        }
        match url.scheme() {
            "https" => {}
            "http" if self.allows_loopback && is_loopback(&host) => {}
            _ => return Err(EgressError::Url(RefusedUrl::Scheme)),
        }
        match host {
            // Such a name never leads anywhere else (RFC 6761, section 6.3).
            Host::Domain(name) if is_loopback(&host) && !self.for_name(name).allows_loopback => {
                Err(ForbiddenAddress::Loopback.into())
            }
            Host::Domain(_) => Ok(()),
            Host::Ipv4(address) => Ok(self.check(address.into(), now)?),
            Host::Ipv6(address) => Ok(self.check(address.into(), now)?),
        }
    }

    /// Returns the policy for the addresses that this name resolves to. Other names than `localhost` must not lead to
    /// loopback, even locally, since anyone can publish such a name.
    pub(super) fn for_name(&self, name: &str) -> Self {
        Self { allows_loopback: self.allows_loopback && name == LOCALHOST, ..*self }
    }
}

const LOCALHOST: &str = "localhost";

/// Returns whether a host is the machine itself, by its address or by a name that is reserved for it.
pub(in crate::actions) fn is_loopback(host: &Host<&str>) -> bool {
    match host {
        Host::Domain(name) => {
            let name = name.strip_suffix('.').unwrap_or(name);
            name.strip_suffix(LOCALHOST).is_some_and(|before| before.is_empty() || before.ends_with('.'))
        }
        Host::Ipv4(address) => address.is_loopback(),
        Host::Ipv6(address) => address.is_loopback(),
    }
}

#[cfg(test)]
#[path = "policy_tests.rs"]
mod tests;
