//! An authenticated request on its way through an endpoint.

use super::{AccessLogEntry, Route};
use crate::domain::Principal;
use crate::http::{MediaType, ResponseWriter};
use crate::lambda::HttpRequest;
use crate::secrets::DigestKey;

/// An authenticated request of a route.
pub struct RequestContext<'a> {
    /// The route.
    pub route: &'a Route,
    /// The caller.
    pub principal: &'a Principal,
    /// The origin of the token.
    pub token: Option<String>,
    /// The key of digests, if there is one.
    pub digest_key: Option<&'a DigestKey>,
    /// The request.
    pub request: &'a HttpRequest,
    /// The media type of the response, as negotiated.
    pub media_type: MediaType,
    /// The request's entry in the access log.
    pub log: &'a mut AccessLogEntry,
    /// Writes a streamed response; `None` where the function can only send a buffered one.
    pub writer: Option<&'a mut ResponseWriter>,
}
