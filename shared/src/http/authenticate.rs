//! Who calls: the token of a request, checked before the deadline.

use http::header::AUTHORIZATION;
use http::{HeaderMap, HeaderValue};

use super::errors::{Mapped, from_auth};
use super::{Problem, ProblemKind};
use crate::auth::{TokenFault, TokenVerifier, Verified, bearer_token};
use crate::runner::Deadline;

/// The token of the one `Authorization` header.
pub(super) fn bearer(headers: &HeaderMap) -> Result<&str, TokenFault> {
    let mut values = headers.get_all(AUTHORIZATION).iter();
    let (first, second) = (values.next(), values.next());
    if second.is_some() {
        return Err(TokenFault::Malformed);
    }
    match first.map(HeaderValue::to_str) {
        None => bearer_token(None),
        Some(Ok(text)) => bearer_token(Some(text)),
        Some(Err(_)) => Err(TokenFault::Malformed),
    }
}

/// Who the token speaks for; where none is needed, a faulty one is as good as none.
pub(super) async fn authenticate(
    verifier: &dyn TokenVerifier,
    token: Result<&str, TokenFault>,
    deadline: Deadline,
) -> Result<Verified, Mapped> {
    let token = match token {
        Ok(token) => token,
        Err(_) if !verifier.needs_token() => "",
        Err(fault) => return Err(from_auth(fault.into())),
    };
    match tokio::time::timeout_at(deadline.instant(), verifier.verify(token)).await {
        Ok(result) => result.map_err(from_auth),
        Err(_elapsed) => Err(Problem::new(
            ProblemKind::DeadlineExceeded,
            "the deadline came before the token was checked; try again",
        )
        .into()),
    }
}
