//! Takes the token out of an `Authorization` header.
//!
//! Pure; must not know a token's claims.

use super::{MAX_TOKEN_BYTES, TokenFault};

/// Returns the token of an `Authorization` header, as RFC 6750 section 2.1 defines it: the scheme in any case, one or
/// more spaces, one `b64token`.
///
/// # Errors
/// [`TokenFault::Missing`] without a header, scheme or token, [`TokenFault::TooLong`] over 16 KB,
/// [`TokenFault::Malformed`] if there is more than one token or a character that a token may not have.
pub fn bearer_token(header: Option<&str>) -> Result<&str, TokenFault> {
    let credentials = header.ok_or(TokenFault::Missing)?.trim_matches(' ');
    let (scheme, rest) = credentials.split_once(' ').ok_or(TokenFault::Missing)?;
    if !scheme.eq_ignore_ascii_case("bearer") {
        return Err(TokenFault::Missing);
    }
    let token = rest.trim_start_matches(' ');
    if token.len() > MAX_TOKEN_BYTES {
        return Err(TokenFault::TooLong);
    }
    if is_b64token(token) { Ok(token) } else { Err(TokenFault::Malformed) }
}

fn is_b64token(text: &str) -> bool {
    let body = text.trim_end_matches('=');
    !body.is_empty()
        && body
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~' | b'+' | b'/'))
}

#[cfg(test)]
#[path = "bearer_tests.rs"]
mod tests;
