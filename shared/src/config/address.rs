//! Addresses that requests with keys may be sent to.

use url::{Host, Url};

/// An address that is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct UrlFault(pub &'static str);

const ALLOWED_URL: &str = "https, or http on the loopback interface; no user, query or fragment";

/// Parses an address to which requests with keys are sent.
///
/// # Errors
/// [`UrlFault`], which reads as what is allowed.
pub fn checked_base_url(text: &str) -> Result<Url, UrlFault> {
    let url = Url::parse(text).map_err(|_| UrlFault(ALLOWED_URL))?;
    let plain =
        url.username().is_empty() && url.password().is_none() && url.query().is_none() && url.fragment().is_none();
    // A key must not travel in the clear.
    let scheme = url.scheme() == "https" || (url.scheme() == "http" && is_loopback(&url));
    if plain && scheme { Ok(url) } else { Err(UrlFault(ALLOWED_URL)) }
}

/// Returns whether an address leads to the machine itself.
pub(super) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}
