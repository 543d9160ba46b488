//! Authentication of a request's token before the deadline.

use http::header::AUTHORIZATION;
use http::{HeaderMap, HeaderValue};

use super::ApiError;
use crate::auth::{TokenFault, TokenVerifier, Verified, bearer_token};
use crate::http::{Problem, ProblemKind};
use crate::runner::Deadline;

/// Returns the token of the only `Authorization` header.
///
/// # Errors
/// [`TokenFault::Missing`] without one, [`TokenFault::Malformed`] with several or another scheme.
pub fn bearer(headers: &HeaderMap) -> Result<&str, TokenFault> {
    let mut values = headers.get_all(AUTHORIZATION).iter();
    let (first, second) = (values.next(), values.next());
    // With two headers, a front door and the function might each verify another one.
    if second.is_some() {
        return Err(TokenFault::Malformed);
    }
    match first.map(HeaderValue::to_str) {
        None => bearer_token(None),
        Some(Ok(text)) => bearer_token(Some(text)),
        Some(Err(_)) => Err(TokenFault::Malformed),
    }
}

/// Verifies a token. A faulty token counts as none where the verifier needs none.
///
/// # Errors
/// 401 for a bad token, 503 if the key set cannot be reached, 504 if the deadline passes first.
pub async fn authenticate(
    verifier: &dyn TokenVerifier,
    token: Result<&str, TokenFault>,
    deadline: Deadline,
) -> Result<Verified, ApiError> {
    let token = match token {
        Ok(token) => token,
        Err(_) if !verifier.needs_token() => "",
        Err(fault) => return Err(ApiError::from_auth(fault.into())),
    };
    let late =
        |_| Problem::new(ProblemKind::DeadlineExceeded, "the deadline passed before the token was verified; try again");
    deadline.bound(verifier.verify(token)).await.map_err(late)?.map_err(ApiError::from_auth)
}
