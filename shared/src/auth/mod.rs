//! The port to identity: the principal that a token authenticates.
//!
//! Must not know the caller's permissions.

mod bearer;
mod claims;
mod cognito;
mod cognito_settings;
mod header;
mod key_cache;
mod key_set;
mod local;
#[cfg(test)]
mod test_support;

pub use bearer::bearer_token;
pub use cognito::CognitoVerifier;
pub use cognito_settings::{ClientGrant, CognitoSettings};
pub use jsonwebtoken::Algorithm;
pub use key_set::{HttpKeySetSource, KeySet, KeySetError, KeySetSource, MAX_KEY_SET_BYTES};
pub use local::LocalVerifier;

use async_trait::async_trait;

use crate::domain::{Principal, Timestamp};

/// The largest token, in bytes. A longer one is refused before anything in it is read.
pub const MAX_TOKEN_BYTES: usize = 16 * 1024;

/// The reason why a token is refused. Each has its own text for `error_description`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TokenFault {
    /// There is no `Authorization` header, or it is not of the Bearer scheme.
    #[error("a bearer token is required")]
    Missing,
    /// The token is longer than 16 KB.
    #[error("the token is over 16 KB")]
    TooLong,
    /// The token does not have three base64url parts of JSON.
    #[error("the token is malformed")]
    Malformed,
    /// The algorithm is not configured; `none` never is.
    #[error("the token's algorithm is not accepted")]
    Algorithm,
    /// The header has its own key or key address (`jwk`, `jku`, `x5u`, `x5c`), names a critical extension, or
    /// announces a compressed or nested token (`zip`, `cty`).
    #[error("the token's header names a key source or an extension that is not accepted")]
    ForeignKey,
    /// No key of the pool has this `kid`.
    #[error("the token is signed with an unknown key")]
    UnknownKey,
    /// The signature does not match.
    #[error("the token's signature is invalid")]
    Signature,
    /// Another pool issued the token.
    #[error("the token's issuer is not accepted")]
    Issuer,
    /// The token was issued to a client that is not configured.
    #[error("the token's client is not accepted")]
    Client,
    /// The token is neither an access token nor an id token.
    #[error("the token's use is not accepted")]
    Use,
    /// The token is for another audience.
    #[error("the token's audience is not accepted")]
    Audience,
    /// The token lacks a scope that the configuration requires.
    #[error("the token lacks a required scope")]
    Scope,
    /// The token's `exp` has passed.
    #[error("the token has expired")]
    Expired,
    /// The token's `nbf` or `iat` is in the future.
    #[error("the token is not valid yet")]
    NotYetValid,
    /// A required claim is missing or has the wrong type.
    #[error("the token lacks a required claim")]
    Claims,
    /// The token has two tenant groups, or one with an invalid id.
    #[error("the token must name at most one tenant, with an id of 1 to 64 characters of A-Z, a-z, 0-9, _ and -")]
    Tenant,
}

/// The reason why a caller cannot be authenticated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AuthError {
    /// The token is at fault; the caller needs another one.
    #[error(transparent)]
    Token(#[from] TokenFault),
    /// The key set cannot be fetched; the token may be valid.
    #[error("the key set cannot be reached")]
    KeySetUnavailable,
}

/// The result of a verification.
#[derive(Clone, PartialEq, Eq, derive_more::Debug)]
pub struct Verified {
    /// The principal that the token authenticates.
    pub principal: Principal,
    /// The time from which on the token is refused.
    pub until: Timestamp,
    /// The id that a token shares with all that were refreshed from the same sign-in; `None` for a token without one.
    #[debug("{:?}", origin.as_ref().map(|_| "[hidden]"))]
    pub origin: Option<String>,
}

/// Verifies tokens.
#[async_trait]
pub trait TokenVerifier: Send + Sync {
    /// Returns the principal of a token, and the time until which it is valid.
    ///
    /// # Errors
    /// [`AuthError::Token`] is the caller's fault, [`AuthError::KeySetUnavailable`] is not.
    async fn verify(&self, token: &str) -> Result<Verified, AuthError>;

    /// Returns whether a caller needs a token.
    fn needs_token(&self) -> bool {
        true
    }

    /// Checks whether the key set can be fetched, for the deep health check.
    ///
    /// # Errors
    /// [`AuthError::KeySetUnavailable`].
    async fn check(&self) -> Result<(), AuthError>;
}
