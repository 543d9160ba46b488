//! The one guard of outgoing HTTP of actions.
//!
//! It checks the URL of each request, and each address that its host resolves to, before a connection is opened. The
//! connection goes to one of the checked addresses and is used for one request only, so that the next request is looked
//! up and checked again. Only redirects of reads within the same scheme, host and port are followed.
//!
//! Must not know any kind of action.

mod body;
mod client;
mod error;
mod exchange;
mod lookup;
mod policy;
mod redirect;

pub use client::{EgressClient, EgressSetupError};
pub use error::{EgressError, RefusedRedirect, RefusedUrl, Stage};
pub use exchange::{EgressRequest, EgressResponse, Redirects, is_reserved_header};
pub use lookup::{HostLookup, SystemLookup};
pub use policy::AddressPolicy;
pub(super) use policy::is_loopback;

#[cfg(test)]
#[path = "egress/client_tests.rs"]
mod client_tests;
#[cfg(test)]
#[path = "egress/test_support.rs"]
mod test_support;
