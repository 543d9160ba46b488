//! A token issuer that looks like a Cognito user pool: it signs RS256 tokens and serves its key set.

use crate::{
    clock::since_epoch,
    server::{Server, json},
};
use aws_lc_rs::{
    rand::SystemRandom,
    rsa::{KeyPair, KeySize},
    signature::RSA_PKCS1_SHA256,
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json as value};
use std::io;

const KEY_ID: &str = "local-1";
const LIFETIME_SECONDS: u64 = 3600;

/// A running issuer with its own key, which it generates when it starts.
pub struct Issuer {
    key: KeyPair,
    pool_id: String,
    client_id: String,
    server: Server,
}

impl Issuer {
    /// Generates a key and serves its public half.
    ///
    /// # Errors
    /// If no key can be generated or no port can be bound.
    pub async fn start(pool_id: &str, client_id: &str) -> io::Result<Self> {
        let key = KeyPair::generate(KeySize::Rsa2048).map_err(io::Error::other)?;
        let set = key_set(&key);
        let server = Server::start(move |_| {
            let set = set.clone();
            async move { Ok(json(set)) }
        })
        .await?;
        Ok(Self { key, pool_id: pool_id.to_owned(), client_id: client_id.to_owned(), server })
    }

    /// Returns the address of the key set.
    #[must_use]
    pub fn jwks_url(&self) -> String {
        format!("{}/{}/.well-known/jwks.json", self.server.url(), self.pool_id)
    }

    /// Returns the `iss` of its tokens, in Cognito's form.
    #[must_use]
    pub fn issuer(&self) -> String {
        let region = self.pool_id.split('_').next().unwrap_or_default();
        format!("https://cognito-idp.{region}.amazonaws.com/{}", self.pool_id)
    }

    /// Returns an access token of a user, valid for an hour.
    ///
    /// # Errors
    /// If signing fails.
    pub fn access_token(&self, subject: &str, groups: &[&str]) -> io::Result<String> {
        let now = since_epoch().as_secs();
        self.sign(&value!({
            "iss": self.issuer(), "client_id": self.client_id, "token_use": "access", "scope": "openid",
            "sub": subject, "username": subject, "cognito:groups": groups,
            "iat": now, "auth_time": now, "exp": now + LIFETIME_SECONDS,
            "jti": "00000000-0000-4000-8000-000000000001", "origin_jti": "00000000-0000-4000-8000-000000000002",
        }))
    }

    /// Returns a token with exactly these claims.
    ///
    /// # Errors
    /// If signing fails.
    pub fn sign(&self, claims: &Value) -> io::Result<String> {
        let header = value!({ "alg": "RS256", "kid": KEY_ID });
        let signed =
            format!("{}.{}", URL_SAFE_NO_PAD.encode(header.to_string()), URL_SAFE_NO_PAD.encode(claims.to_string()));
        let mut signature = vec![0; self.key.public_modulus_len()];
        self.key
            .sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), signed.as_bytes(), &mut signature)
            .map_err(io::Error::other)?;
        Ok(format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature)))
    }
}

fn key_set(key: &KeyPair) -> String {
    use aws_lc_rs::signature::KeyPair as _;
    let public = key.public_key();
    let encoded = |number: &[u8]| URL_SAFE_NO_PAD.encode(number);
    value!({ "keys": [{
        "kty": "RSA", "use": "sig", "alg": "RS256", "kid": KEY_ID,
        "n": encoded(public.modulus().big_endian_without_leading_zero()),
        "e": encoded(public.exponent().big_endian_without_leading_zero()),
    }]})
    .to_string()
}
