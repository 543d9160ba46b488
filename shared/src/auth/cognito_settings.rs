//! The settings of a Cognito user pool.

use std::collections::{BTreeMap, BTreeSet};

use jsonwebtoken::Algorithm;

use crate::domain::TenantId;

/// The user pool whose tokens are accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CognitoSettings {
    /// The exact `iss`; see [`issuer`].
    pub issuer: String,
    /// The address of the pool's key set; see [`default_jwks_url`].
    pub jwks_url: String,
    /// App clients whose users are accepted.
    pub client_ids: BTreeSet<String>,
    /// App clients that may use client credentials, with the principal of each. Other clients are refused.
    pub clients: BTreeMap<String, ClientGrant>,
    /// Accepted signature algorithms, all of the RSA family. Cognito signs with RS256 only.
    pub algorithms: Vec<Algorithm>,
}

#[cfg(any(test, feature = "testing"))]
impl CognitoSettings {
    /// Returns settings for the users of one pool, with the pool's own addresses and RS256, or `None` if the pool id is
    /// not valid.
    #[must_use]
    pub fn for_pool(user_pool_id: &str, client_ids: BTreeSet<String>) -> Option<Self> {
        let issuer = issuer(region_of_pool(user_pool_id)?, user_pool_id);
        let jwks_url = default_jwks_url(&issuer);
        Some(Self { issuer, jwks_url, client_ids, clients: BTreeMap::new(), algorithms: vec![Algorithm::RS256] })
    }
}

/// The principal of a client that uses client credentials. Groups in its token are ignored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientGrant {
    /// The tenant.
    pub tenant: TenantId,
    /// The roles.
    pub groups: BTreeSet<String>,
}

/// Returns the issuer of a pool's tokens.
#[must_use]
pub fn issuer(region: &str, user_pool_id: &str) -> String {
    format!("https://cognito-idp.{region}.amazonaws.com/{user_pool_id}")
}

/// Returns the address at which an issuer publishes its key set.
#[must_use]
pub fn default_jwks_url(issuer: &str) -> String {
    format!("{issuer}/.well-known/jwks.json")
}

/// Returns the region of a pool id such as `us-east-1_AbCdEf`, or `None` if the text is not a pool id.
#[cfg(any(test, feature = "testing"))]
#[must_use]
pub fn region_of_pool(user_pool_id: &str) -> Option<&str> {
    let (region, name) = user_pool_id.split_once('_')?;
    let is_region = region.contains('-')
        && region.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
    let is_name = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric());
    (is_region && is_name).then_some(region)
}
