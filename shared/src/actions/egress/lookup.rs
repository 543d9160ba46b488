//! Looks up a host's addresses, and passes them to the HTTP library only if all of them may be called.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use async_trait::async_trait;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use super::policy::AddressPolicy;
use crate::domain::Clock;

/// A source of the addresses of hosts.
#[async_trait]
pub trait HostLookup: Send + Sync {
    /// Returns the addresses of a host.
    ///
    /// # Errors
    /// If the host has no addresses, or they cannot be looked up.
    async fn lookup(&self, host: &str) -> io::Result<Vec<IpAddr>>;

    /// Returns the server that stands in for the one at this address, which was checked. Tests cannot reach the internet.
    #[cfg(any(test, feature = "testing"))]
    fn stand_in(&self, _checked: IpAddr) -> Option<SocketAddr> {
        None
    }
}

/// The system's own lookup.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemLookup;

#[async_trait]
impl HostLookup for SystemLookup {
    async fn lookup(&self, host: &str) -> io::Result<Vec<IpAddr>> {
        Ok(tokio::net::lookup_host((host, 0)).await?.map(|address| address.ip()).collect())
    }
}

/// The lookup of one client: each name is looked up for each connection, and each of its addresses is checked.
#[derive(Clone)]
pub(super) struct GuardedLookup {
    pub(super) lookup: Arc<dyn HostLookup>,
    pub(super) policy: AddressPolicy,
    pub(super) clock: Arc<dyn Clock>,
}

impl GuardedLookup {
    /// Returns the host's addresses. One forbidden address refuses the host, since the HTTP library may choose any.
    async fn addresses(&self, host: &str) -> Result<Addrs, Box<dyn std::error::Error + Send + Sync>> {
        let addresses = self.lookup.lookup(host).await?;
        if addresses.is_empty() {
            return Err(io::Error::from(io::ErrorKind::NotFound).into());
        }
        let (policy, now) = (self.policy.for_name(host), self.clock.now());
        for address in &addresses {
            policy.check(*address, now)?;
        }
        // The HTTP library replaces port 0 by the URL's port.
        let places = addresses.into_iter().map(|address| SocketAddr::new(address, 0));
        #[cfg(any(test, feature = "testing"))]
        let places = places.map(|place| self.lookup.stand_in(place.ip()).unwrap_or(place));
        Ok(Box::new(places.collect::<Vec<_>>().into_iter()))
    }
}

impl Resolve for GuardedLookup {
    fn resolve(&self, name: Name) -> Resolving {
        let guarded = self.clone();
        Box::pin(async move { guarded.addresses(name.as_str()).await })
    }
}

#[cfg(test)]
#[path = "lookup_tests.rs"]
mod tests;
