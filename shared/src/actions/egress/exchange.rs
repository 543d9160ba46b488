//! Requests that actions send, and responses to them.

use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, Method, StatusCode, header};
use url::Url;

/// Whether redirects of a request are followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Redirects {
    /// Those within the same scheme, host and port. Only for a GET or HEAD that changes nothing.
    Followed,
    /// None, because the request may change something.
    Refused,
}

/// A request to be sent.
#[derive(Clone, derive_more::Debug)]
pub struct EgressRequest {
    /// The method.
    pub method: Method,
    /// The address, with its query.
    #[debug("[hidden]")]
    pub url: Url,
    /// The headers. [`is_reserved_header`] names those that may not be set.
    #[debug("[{} headers]", headers.len())]
    pub headers: HeaderMap,
    /// The body.
    #[debug("[hidden]")]
    pub body: Option<Bytes>,
    /// Whether redirects are followed.
    pub redirects: Redirects,
    /// The time within which the whole response must have arrived, redirects included.
    pub timeout: Duration,
    /// The number of bytes of the body that are kept.
    pub max_response_bytes: usize,
}

/// A response, of any status that is not a followed redirect.
#[derive(Clone, derive_more::Debug)]
pub struct EgressResponse {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    #[debug("[{} headers]", headers.len())]
    pub headers: HeaderMap,
    /// The beginning of the body, at most `max_response_bytes` of the request.
    #[debug("[{} bytes]", body.len())]
    pub body: Vec<u8>,
    /// The length of the whole body in bytes. If the server did not announce it, counting stops soon after 10 MiB.
    pub total_bytes: u64,
}

impl EgressResponse {
    /// Returns whether the body is longer than the part that was kept.
    #[must_use]
    pub fn is_cut(&self) -> bool {
        self.total_bytes > self.body.len() as u64
    }
}

/// Returns whether the HTTP library alone may set this header: it names the host, frames the message or concerns the
/// connection (RFC 9110, section 7.6.1).
#[must_use]
pub fn is_reserved_header(name: &HeaderName) -> bool {
    [
        header::HOST,
        header::CONTENT_LENGTH,
        header::TRANSFER_ENCODING,
        header::CONNECTION,
        header::UPGRADE,
        header::TE,
        header::TRAILER,
        header::EXPECT,
        header::PROXY_AUTHORIZATION,
        header::PROXY_AUTHENTICATE,
        HeaderName::from_static("keep-alive"),
        HeaderName::from_static("proxy-connection"),
    ]
    .contains(name)
}
