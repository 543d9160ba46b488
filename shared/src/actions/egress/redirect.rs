//! The redirects that are followed: those of a read, within the same scheme, host and port.

use http::header::LOCATION;
use http::{HeaderMap, StatusCode};
use url::Url;

use super::error::RefusedRedirect;
use super::exchange::Redirects;

/// Returns the target of a redirect, or `None` if the response is not a redirect.
pub(super) fn target(
    redirects: Redirects,
    url: &Url,
    status: StatusCode,
    headers: &HeaderMap,
) -> Result<Option<Url>, RefusedRedirect> {
    if !status.is_redirection() {
        return Ok(None);
    }
    if redirects == Redirects::Refused {
        return Err(RefusedRedirect::Write);
    }
    // The others of 3xx, such as 304, name no place to go to instead (RFC 9110, section 15.4).
    if !matches!(status.as_u16(), 301 | 302 | 303 | 307 | 308) {
        return Ok(None);
    }
    let location = headers.get(LOCATION).and_then(|value| value.to_str().ok()).ok_or(RefusedRedirect::Unreadable)?;
    let target = url.join(location).map_err(|_| RefusedRedirect::Unreadable)?;
    if target.origin() == url.origin() { Ok(Some(target)) } else { Err(RefusedRedirect::OtherOrigin) }
}

#[cfg(test)]
#[path = "redirect_tests.rs"]
mod tests;
