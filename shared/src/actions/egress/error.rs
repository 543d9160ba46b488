//! The reasons why an outgoing request fails. They never hold a URL, a header or a body.

use std::error::Error;
use std::{io, iter};

use http::HeaderName;

use crate::domain::ForbiddenAddress;

/// The reason why a request was refused or failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EgressError {
    /// The URL may not be called.
    #[error("{0}")]
    Url(RefusedUrl),
    /// The host is, or resolves to, an address that may not be called.
    #[error("the host has {0}, which may not be called")]
    Forbidden(#[from] ForbiddenAddress),
    /// The HTTP library alone sets this header.
    #[error("the header {0} may not be set")]
    ReservedHeader(HeaderName),
    /// The response is a redirect that is not followed. A write may have been performed.
    #[error("{0}")]
    Redirect(RefusedRedirect),
    /// No complete response arrived in time. The request may have been performed.
    #[error("no complete response arrived in time")]
    TimedOut,
    /// The server's certificate or its TLS is not acceptable.
    #[error("no secure connection could be made")]
    Tls,
    /// The exchange failed at this stage.
    #[error("{0}")]
    Failed(Stage),
}

/// A URL that may not be called.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RefusedUrl {
    /// Neither HTTPS, nor HTTP to an allowed loopback host.
    #[error("the scheme of the URL is not https")]
    Scheme,
    /// The URL has no host.
    #[error("the URL has no host")]
    Host,
    /// The URL has a user or a password.
    #[error("the URL has a user or a password")]
    UserInfo,
}

/// A redirect that is not followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RefusedRedirect {
    /// The request may change something, so that none of its redirects is followed.
    #[error("a write was redirected")]
    Write,
    /// The target has another scheme, host or port.
    #[error("the response redirects to another scheme, host or port")]
    OtherOrigin,
    /// The target must not be called, for example because its address is one inside the network.
    #[error("the response redirects to a place that must not be called")]
    Forbidden,
    /// The response names no target, or one that cannot be read.
    #[error("the response redirects to a place that cannot be read")]
    Unreadable,
    /// The request was redirected too often.
    #[error("the request was redirected too often")]
    TooMany,
}

/// The part of an exchange that failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Stage {
    /// The host's addresses could not be looked up. Nothing was sent.
    #[error("the host's addresses could not be looked up")]
    Lookup,
    /// No connection could be made. Nothing was sent.
    #[error("no connection could be made")]
    Connection,
    /// The connection closed before the response began. The request may have been performed.
    #[error("the connection closed before a response arrived")]
    Response,
    /// The connection closed within the body.
    #[error("the connection closed before the response was complete")]
    Body,
}

/// Converts an error of the HTTP library, which occurred at this stage or before. Its text is dropped, since it may hold
/// the URL.
pub(super) fn transport_error(error: &reqwest::Error, stage: Stage) -> EgressError {
    for cause in causes(error) {
        if let Some(forbidden) = cause.downcast_ref::<ForbiddenAddress>() {
            return EgressError::Forbidden(*forbidden);
        }
        if cause.is::<rustls::Error>() {
            return EgressError::Tls;
        }
    }
    if error.is_dns() {
        EgressError::Failed(Stage::Lookup)
    } else if error.is_connect() {
        EgressError::Failed(Stage::Connection)
    } else {
        EgressError::Failed(stage)
    }
}

/// Returns an error and its causes. `io::Error::source` skips the error that it wraps, so that one is added.
fn causes<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    iter::successors(Some(error), |&error| match error.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
        Some(wrapped) => Some(wrapped as &(dyn Error + 'static)),
        None => error.source(),
    })
}
