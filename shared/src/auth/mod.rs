//! The port to identity: who a token speaks for.
//!
//! Must not know what the caller may do.

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
#[cfg(any(test, feature = "testing"))]
pub use cognito_settings::region_of_pool;
pub use cognito_settings::{ClientGrant, CognitoSettings, default_jwks_url, issuer};
pub use jsonwebtoken::Algorithm;
pub use key_set::{HttpKeySetSource, KeySet, KeySetError, KeySetSource, MAX_KEY_SET_BYTES};
pub use local::LocalVerifier;

use async_trait::async_trait;

use crate::domain::{Principal, Timestamp};

/// A longer token is refused before anything in it is read.
pub const MAX_TOKEN_BYTES: usize = 16 * 1024;

/// Why a token is refused. Each reason has its own text for `error_description`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TokenFault {
    /// No `Authorization` header, or not of the Bearer scheme.
    #[error("a bearer token is required")]
    Missing,
    /// Longer than 16 KB.
    #[error("the token is over 16 KB")]
    TooLong,
    /// Not three base64url parts of JSON.
    #[error("the token is malformed")]
    Malformed,
    /// An algorithm that is not configured, `none` included.
    #[error("the token's algorithm is not accepted")]
    Algorithm,
    /// The header brings its own key or key address (`jwk`, `jku`, `x5u`, `x5c`), or names a critical extension.
    #[error("the token's header names a key source or an extension that is not accepted")]
    ForeignKey,
    /// No key of the pool has this `kid`.
    #[error("the token is signed with an unknown key")]
    UnknownKey,
    /// The signature does not match.
    #[error("the token's signature is invalid")]
    Signature,
    /// Another pool.
    #[error("the token's issuer is not accepted")]
    Issuer,
    /// Another client.
    #[error("the token's client is not accepted")]
    Client,
    /// Neither an access nor an id token.
    #[error("the token's use is not accepted")]
    Use,
    /// Past its `exp`.
    #[error("the token has expired")]
    Expired,
    /// Not valid yet.
    #[error("the token is not valid yet")]
    NotYetValid,
    /// A claim that is needed is missing or of the wrong type.
    #[error("the token lacks a required claim")]
    Claims,
    /// Two tenant groups, or one whose id breaks the rule.
    #[error("the token must name at most one tenant, with an id of 1 to 64 characters of A-Z, a-z, 0-9, _ and -")]
    Tenant,
}

/// Why a caller is not known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AuthError {
    /// The token is at fault; ask for another one.
    #[error(transparent)]
    Token(#[from] TokenFault),
    /// The key set cannot be had; the token may be good.
    #[error("the key set cannot be reached")]
    KeySetUnavailable,
}

/// What a good token says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    /// Who it speaks for.
    pub principal: Principal,
    /// When it does so no more.
    pub until: Timestamp,
}

/// Verifies tokens.
#[async_trait]
pub trait TokenVerifier: Send + Sync {
    /// Who the token speaks for, and until when.
    ///
    /// # Errors
    /// [`AuthError::Token`] is the caller's fault, [`AuthError::KeySetUnavailable`] is not.
    async fn verify(&self, token: &str) -> Result<Verified, AuthError>;

    /// Whether a caller has to bring a token.
    fn needs_token(&self) -> bool {
        true
    }

    /// Whether the key set can be had, for the deep health check.
    ///
    /// # Errors
    /// [`AuthError::KeySetUnavailable`].
    async fn check(&self) -> Result<(), AuthError>;
}
