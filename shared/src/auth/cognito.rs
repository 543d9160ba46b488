//! Access and id tokens of a Cognito user pool ("Verifying JSON web tokens", Amazon Cognito Developer Guide).
//!
//! The order is fixed: length, shape and header, then the key, then the signature, and only then the claims.

use std::sync::Arc;

use async_trait::async_trait;
use jsonwebtoken::errors::{Error, ErrorKind};
use jsonwebtoken::{Algorithm, Validation};

use super::claims::Claims;
use super::cognito_settings::CognitoSettings;
use super::header::read_header;
use super::key_cache::KeySetCache;
use super::key_set::KeySetSource;
use super::{AuthError, TokenFault, TokenVerifier, Verified};
use crate::domain::Clock;

/// Verifies tokens of one pool.
pub struct CognitoVerifier {
    settings: CognitoSettings,
    validation: Validation,
    keys: KeySetCache,
    clock: Arc<dyn Clock>,
}

impl CognitoVerifier {
    /// Creates a verifier, which fetches keys when it verifies the first token.
    pub fn new(settings: CognitoSettings, source: Arc<dyn KeySetSource>, clock: Arc<dyn Clock>) -> Self {
        let validation = signature_only(settings.algorithms.clone());
        Self { settings, validation, keys: KeySetCache::new(source, Arc::clone(&clock)), clock }
    }
}

#[async_trait]
impl TokenVerifier for CognitoVerifier {
    async fn verify(&self, token: &str) -> Result<Verified, AuthError> {
        let header = read_header(token, &self.settings.algorithms)?;
        let key = self.keys.key(&header.kid).await?;
        if key.algorithm != header.algorithm {
            return Err(TokenFault::Algorithm.into());
        }
        let verified = jsonwebtoken::decode::<Claims>(token, &key.decoding, &self.validation);
        let claims = verified.map_err(|error| fault(token, &error))?.claims;
        let until = claims.until();
        let origin = claims.origin();
        Ok(Verified { principal: claims.principal(&self.settings, self.clock.now())?, until, origin })
    }

    async fn check(&self) -> Result<(), AuthError> {
        self.keys.refresh().await
    }
}

/// Returns the rules for the library: it checks the signature with one of these algorithms and reads the claims.
/// Times, issuer and client are judged afterwards, against the function's own clock and with a fault for each.
fn signature_only(algorithms: Vec<Algorithm>) -> Validation {
    let mut validation = Validation::new(Algorithm::RS256);
    validation.algorithms = algorithms;
    validation.required_spec_claims.clear();
    validation.validate_exp = false;
    validation.validate_aud = false;
    validation
}

fn fault(token: &str, error: &Error) -> TokenFault {
    match error.kind() {
        ErrorKind::InvalidSignature => TokenFault::Signature,
        ErrorKind::InvalidAlgorithm => TokenFault::Algorithm,
        // The library reads the header too, and more strictly than `read_header`.
        ErrorKind::Json(json) if json.is_data() && jsonwebtoken::decode_header(token).is_ok() => TokenFault::Claims,
        _ => TokenFault::Malformed,
    }
}

#[cfg(test)]
#[path = "cognito_tests.rs"]
mod tests;
