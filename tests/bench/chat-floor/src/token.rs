//! Verifies one Cognito access token against the pool's key set, which is fetched on first use and kept.

use crate::setting;
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header, jwk::JwkSet};
use lambda_http::{Error, http::HeaderMap};
use serde::Deserialize;
use tokio::sync::OnceCell;

#[derive(Deserialize)]
struct Claims {
    sub: String,
    client_id: String,
    token_use: String,
}

pub(crate) struct Verifier {
    http: reqwest::Client,
    jwks_url: String,
    client_id: String,
    validation: Validation,
    keys: OnceCell<Vec<(String, DecodingKey)>>,
}

impl Verifier {
    pub(crate) fn from_environment(http: reqwest::Client) -> Result<Self, Error> {
        let mut validation = Validation::new(Algorithm::RS256);
        validation.set_issuer(&[setting("ISSUER")?]);
        validation.validate_aud = false;
        let (jwks_url, client_id) = (setting("JWKS_URL")?, setting("CLIENT_ID")?);
        Ok(Self { http, jwks_url, client_id, validation, keys: OnceCell::new() })
    }

    /// Returns the subject of a valid token.
    pub(crate) async fn verify(&self, headers: &HeaderMap) -> Result<String, Error> {
        let header = headers.get("authorization").ok_or("no token")?.to_str()?;
        let token = header.strip_prefix("Bearer ").ok_or("no bearer token")?;
        let kid = decode_header(token)?.kid.ok_or("no key id")?;
        let keys = self.keys.get_or_try_init(|| self.fetch()).await?;
        let (_, key) = keys.iter().find(|(id, _)| *id == kid).ok_or("unknown key")?;
        let claims = decode::<Claims>(token, key, &self.validation)?.claims;
        if claims.token_use != "access" || claims.client_id != self.client_id {
            return Err("a token for something else".into());
        }
        Ok(claims.sub)
    }

    async fn fetch(&self) -> Result<Vec<(String, DecodingKey)>, Error> {
        let body = self.http.get(&self.jwks_url).send().await?.error_for_status()?.bytes().await?;
        let set: JwkSet = serde_json::from_slice(&body)?;
        let keys =
            set.keys.iter().filter_map(|jwk| Some((jwk.common.key_id.clone()?, DecodingKey::from_jwk(jwk).ok()?)));
        Ok(keys.collect())
    }
}
