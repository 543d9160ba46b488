//! The settings of a Cognito user pool.

use std::collections::{BTreeMap, BTreeSet};

use jsonwebtoken::Algorithm;

use crate::domain::TenantId;
#[cfg(any(test, feature = "testing"))]
use crate::domain::{issuer_of_pool, key_set_of_issuer, region_of_pool};

/// The user pool whose tokens are accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CognitoSettings {
    /// The exact `iss`; see [`issuer_of_pool`](crate::domain::issuer_of_pool).
    pub issuer: String,
    /// The address of the pool's key set; see [`key_set_of_issuer`](crate::domain::key_set_of_issuer).
    pub jwks_url: String,
    /// App clients whose users are accepted.
    pub client_ids: BTreeSet<String>,
    /// App clients that may use client credentials, with the principal of each. Other clients are refused.
    pub clients: BTreeMap<String, ClientGrant>,
    /// The scopes that every access token must have.
    pub required_scopes: BTreeSet<String>,
    /// The audiences that a token with `aud` may name, besides the client that it was issued to.
    pub audiences: BTreeSet<String>,
    /// Accepted signature algorithms, all of the RSA family. Cognito signs with RS256 only.
    pub algorithms: Vec<Algorithm>,
}

#[cfg(any(test, feature = "testing"))]
impl CognitoSettings {
    /// Returns settings for the users of one pool, with the pool's own addresses and RS256, or `None` if the pool id is
    /// not valid.
    #[must_use]
    pub fn for_pool(user_pool_id: &str, client_ids: BTreeSet<String>) -> Option<Self> {
        let issuer = issuer_of_pool(region_of_pool(user_pool_id)?, user_pool_id);
        let jwks_url = key_set_of_issuer(&issuer);
        Some(Self {
            issuer,
            jwks_url,
            client_ids,
            clients: BTreeMap::new(),
            required_scopes: BTreeSet::new(),
            audiences: BTreeSet::new(),
            algorithms: vec![Algorithm::RS256],
        })
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
