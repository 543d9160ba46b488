//! Access and id tokens of a Cognito user pool ("Verifying JSON web tokens", Amazon Cognito Developer Guide).
//!
//! The order is fixed: length, shape and header, then the key, then the signature, and only then what the token says.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use async_trait::async_trait;
use jsonwebtoken::errors::{Error, ErrorKind};
use jsonwebtoken::{Algorithm, Validation};

use super::claims::Claims;
use super::header::read_header;
use super::key_cache::KeySetCache;
use super::key_set::KeySetSource;
use super::{AuthError, TokenFault, TokenVerifier, Verified};
use crate::domain::{Clock, TenantId};

/// The pool whose tokens are accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CognitoSettings {
    /// The exact `iss`; see [`issuer`].
    pub issuer: String,
    /// Where the pool's keys are; see [`default_jwks_url`].
    pub jwks_url: String,
    /// App clients whose users are accepted.
    pub client_ids: BTreeSet<String>,
    /// App clients that may come on their own, with what each is. One that is not named here is refused.
    pub clients: BTreeMap<String, ClientGrant>,
    /// Signature algorithms that are accepted, all of the RSA family. Cognito signs with RS256 alone.
    pub algorithms: Vec<Algorithm>,
}

impl CognitoSettings {
    /// Settings for the users of one pool, with the pool's own addresses and RS256. `None` where the pool id is none.
    #[must_use]
    pub fn for_pool(user_pool_id: &str, client_ids: BTreeSet<String>) -> Option<Self> {
        let issuer = issuer(region_of_pool(user_pool_id)?, user_pool_id);
        let jwks_url = default_jwks_url(&issuer);
        Some(Self { issuer, jwks_url, client_ids, clients: BTreeMap::new(), algorithms: vec![Algorithm::RS256] })
    }
}

/// What a client that comes on its own is: its token's own groups count for nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientGrant {
    /// Its tenant.
    pub tenant: TenantId,
    /// Its roles.
    pub groups: BTreeSet<String>,
}

/// The issuer of a pool's tokens.
#[must_use]
pub fn issuer(region: &str, user_pool_id: &str) -> String {
    format!("https://cognito-idp.{region}.amazonaws.com/{user_pool_id}")
}

/// Where an issuer publishes its keys.
#[must_use]
pub fn default_jwks_url(issuer: &str) -> String {
    format!("{issuer}/.well-known/jwks.json")
}

/// The region that a pool id such as `us-east-1_AbCdEf` starts with. `None` where the text is no pool id.
#[must_use]
pub fn region_of_pool(user_pool_id: &str) -> Option<&str> {
    let (region, name) = user_pool_id.split_once('_')?;
    let is_region = region.contains('-')
        && region.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
    let is_name = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric());
    (is_region && is_name).then_some(region)
}

/// Verifies tokens of one pool.
pub struct CognitoVerifier {
    settings: CognitoSettings,
    validation: Validation,
    keys: KeySetCache,
    clock: Arc<dyn Clock>,
}

impl CognitoVerifier {
    /// A verifier that fetches nothing until the first token comes.
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
        Ok(Verified { principal: claims.principal(&self.settings, self.clock.now())?, until })
    }

    async fn check(&self) -> Result<(), AuthError> {
        self.keys.refresh().await
    }
}

/// The library checks the signature with one of these algorithms and reads the claims. Times, issuer and client are
/// judged afterwards, against our own clock and with a fault each.
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
        // The library reads the header too, and more strictly than we do.
        ErrorKind::Json(json) if json.is_data() && jsonwebtoken::decode_header(token).is_ok() => TokenFault::Claims,
        _ => TokenFault::Malformed,
    }
}

#[cfg(test)]
#[path = "cognito_tests.rs"]
mod tests;
