//! Guards a gateway without authentication, which only a developer's machine has, against web pages that the developer
//! visits: a page can make its browser send requests to the machine itself.

use std::collections::BTreeSet;
use std::net::IpAddr;

use http::Method;
use http::header::{CONTENT_TYPE, HOST, ORIGIN};
use http::uri::Authority;

use crate::http::{BodyType, Problem, ProblemKind, ProblemMember, body_type, unsupported_media_type};
use crate::lambda::HttpRequest;

/// Refuses what a page of another origin could send: a host name that leads here by a detour, an origin that is not
/// allowed, and the body type that needs no preflight request.
///
/// # Errors
/// 403 for host and origin, 415 for the body's type.
pub(super) fn check_local_access(request: &HttpRequest, allowed_origins: &BTreeSet<String>) -> Result<(), Problem> {
    if !request.header(&HOST).is_some_and(is_loopback) {
        return Err(forbidden("without authentication the gateway answers only under localhost, 127.0.0.1 or [::1]"));
    }
    let mut origins = request.headers.get_all(ORIGIN).iter();
    // Not `*`: without a token the origin is all that distinguishes the developer's own page.
    if !origins.all(|origin| origin.to_str().is_ok_and(|origin| allowed_origins.contains(origin))) {
        return Err(forbidden("without authentication only pages of cors.allowed_origins may call"));
    }
    // A page may send a form, or a body without a type, to any address; JSON it may send only after a preflight request.
    let is_typed = request.method != Method::POST || request.headers.contains_key(CONTENT_TYPE);
    if is_typed && body_type(&request.headers)? == BodyType::Json { Ok(()) } else { Err(unsupported_media_type()) }
}

fn is_loopback(host: &str) -> bool {
    let Ok(authority) = host.parse::<Authority>() else { return false };
    let name = authority.host().trim_start_matches('[').trim_end_matches(']');
    name.eq_ignore_ascii_case("localhost") || name.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

fn forbidden(detail: &str) -> Problem {
    Problem::new(ProblemKind::Forbidden, detail).with(ProblemMember::PolicyIds(vec!["local-access".to_owned()]))
}

#[cfg(test)]
mod tests {
    use super::is_loopback;

    #[test]
    fn only_loopback_addresses_are_local() {
        for local in ["localhost", "LOCALHOST:9000", "127.0.0.1", "127.0.0.1:9000", "127.9.9.9", "[::1]", "[::1]:9000"]
        {
            assert!(is_loopback(local), "{local}");
        }
        for other in
            ["", "example.com", "localhost.example.com", "127.0.0.1.example.com", "0.0.0.0", "10.0.0.1", "[::]"]
        {
            assert!(!is_loopback(other), "{other}");
        }
    }
}
