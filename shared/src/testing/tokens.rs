//! A user pool in memory. It generates a key when it is created and signs tokens with any header and claims.
#![expect(clippy::expect_used, reason = "test support: a pool that cannot sign ends the test")]

use std::collections::BTreeSet;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    KeyPair, RSA_PKCS1_SHA256, RSA_PKCS1_SHA512, RSA_PSS_SHA256, RsaEncoding, RsaKeyPair, RsaPublicKeyComponents,
};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value, json};

use crate::auth::CognitoSettings;

/// The time at which the tokens of a [`TestPool`] are issued, in seconds since 1970.
pub const ISSUED_AT: u64 = 1_700_000_000;
/// The time at which they expire if a test sets none: in the year 2100, so that they are valid by a real clock too.
pub const EXPIRES_AT: u64 = 4_102_444_800;

/// A user pool with one RSA key and one app client.
pub struct TestPool {
    key: RsaKeyPair,
    kid: String,
    pool_id: String,
    client_id: String,
}

impl Default for TestPool {
    fn default() -> Self {
        Self::new()
    }
}

impl TestPool {
    /// Creates a pool with a fresh RSA key of 2048 bits. Takes some tenths of a second.
    ///
    /// # Panics
    /// If the key cannot be generated.
    #[must_use]
    pub fn new() -> Self {
        Self::with_kid("test-key-1")
    }

    /// Creates a pool with a fresh key of this id. All else is the same in every pool, as after a rotation.
    ///
    /// # Panics
    /// If the key cannot be generated.
    #[must_use]
    pub fn with_kid(kid: &str) -> Self {
        Self {
            key: RsaKeyPair::generate(KeySize::Rsa2048).expect("a key can be made"),
            kid: kid.to_owned(),
            pool_id: "eu-central-1_TestPool1".to_owned(),
            client_id: "testclient1234567890".to_owned(),
        }
    }

    /// Returns the pool's id.
    #[must_use]
    pub fn pool_id(&self) -> &str {
        &self.pool_id
    }

    /// Returns the id of the app client that users sign in with.
    #[must_use]
    pub fn client_id(&self) -> &str {
        &self.client_id
    }

    /// Returns settings that accept this pool's users.
    ///
    /// # Panics
    /// Never: the pool's id is well formed.
    #[must_use]
    pub fn settings(&self) -> CognitoSettings {
        let client_ids = BTreeSet::from([self.client_id.clone()]);
        CognitoSettings::for_pool(&self.pool_id, client_ids).expect("the pool's id is well formed")
    }

    /// Returns the public key as one entry of a JWKS document.
    #[must_use]
    pub fn jwk(&self) -> Value {
        let public = RsaPublicKeyComponents::<Vec<u8>>::from(self.key.public_key());
        json!({
            "kty": "RSA", "use": "sig", "alg": "RS256", "kid": self.kid,
            "n": URL_SAFE_NO_PAD.encode(public.n), "e": URL_SAFE_NO_PAD.encode(public.e),
        })
    }

    /// Returns the JWKS document.
    #[must_use]
    pub fn jwks_json(&self) -> String {
        json!({"keys": [self.jwk()]}).to_string()
    }

    /// Returns a user's access token as Cognito writes it, to be changed and signed.
    #[must_use]
    pub fn access_token(&self, sub: &str) -> TokenBuilder<'_> {
        self.token(&json!({
            "sub": sub, "client_id": self.client_id, "token_use": "access", "scope": "aws.cognito.signin.user.admin",
            "username": sub, "version": 2,
        }))
    }

    /// Returns a user's id token, to be changed and signed.
    #[must_use]
    pub fn id_token(&self, sub: &str) -> TokenBuilder<'_> {
        self.token(&json!({
            "sub": sub, "aud": self.client_id, "token_use": "id", "cognito:username": sub, "email_verified": true,
        }))
    }

    /// Returns a client-credentials token, to be changed and signed.
    #[must_use]
    pub fn client_token(&self, client_id: &str) -> TokenBuilder<'_> {
        self.token(&json!({
            "sub": client_id, "client_id": client_id, "token_use": "access", "scope": "gateway/invoke", "version": 2,
        }))
    }

    fn token(&self, own: &Value) -> TokenBuilder<'_> {
        let builder = TokenBuilder { pool: self, header: Map::new(), claims: Map::new() }
            .header("alg", "RS256")
            .header("kid", self.kid.as_str())
            .claim("iss", self.settings().issuer)
            .claim("iat", ISSUED_AT)
            .claim("auth_time", ISSUED_AT)
            .claim("exp", EXPIRES_AT)
            .claim("jti", "6b0f4f3e-6f36-4a5e-9d61-1f9d1c1f6a53");
        own.as_object().into_iter().flatten().fold(builder, |token, (name, value)| token.claim(name, value.clone()))
    }

    /// Signs a message with the pool's key.
    ///
    /// # Panics
    /// If the key cannot sign.
    #[must_use]
    pub fn sign(&self, message: &str, scheme: SignatureScheme) -> Vec<u8> {
        let encoding: &'static dyn RsaEncoding = match scheme {
            SignatureScheme::Rs256 => &RSA_PKCS1_SHA256,
            SignatureScheme::Rs512 => &RSA_PKCS1_SHA512,
            SignatureScheme::Ps256 => &RSA_PSS_SHA256,
        };
        let mut signature = vec![0; self.key.public_modulus_len()];
        self.key.sign(encoding, &SystemRandom::new(), message.as_bytes(), &mut signature).expect("the key can sign");
        signature
    }
}

/// The algorithm with which a [`TestPool`] signs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignatureScheme {
    /// The algorithm of Cognito: PKCS #1 v1.5 with SHA-256.
    Rs256,
    /// PKCS #1 v1.5 with SHA-512.
    Rs512,
    /// PSS with SHA-256.
    Ps256,
}

/// A token that is not signed yet.
#[derive(Clone)]
pub struct TokenBuilder<'a> {
    pool: &'a TestPool,
    header: Map<String, Value>,
    claims: Map<String, Value>,
}

impl TokenBuilder<'_> {
    /// Sets a member of the header.
    #[must_use]
    pub fn header(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.header.insert(name.to_owned(), value.into());
        self
    }

    /// Removes a member of the header.
    #[must_use]
    pub fn without_header(mut self, name: &str) -> Self {
        self.header.remove(name);
        self
    }

    /// Sets a claim.
    #[must_use]
    pub fn claim(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.claims.insert(name.to_owned(), value.into());
        self
    }

    /// Removes a claim.
    #[must_use]
    pub fn without_claim(mut self, name: &str) -> Self {
        self.claims.remove(name);
        self
    }

    /// Sets the user's groups, the one of the tenant among them.
    #[must_use]
    pub fn groups(self, groups: &[&str]) -> Self {
        self.claim("cognito:groups", groups)
    }

    /// Sets when the token expires, in seconds since 1970.
    #[must_use]
    pub fn expires_at(self, seconds: u64) -> Self {
        self.claim("exp", seconds)
    }

    /// Returns the signed part of the token: header and claims in base64url with a dot between them.
    #[must_use]
    pub fn signing_input(&self) -> String {
        let encode = |members: &Map<String, Value>| URL_SAFE_NO_PAD.encode(Value::Object(members.clone()).to_string());
        format!("{}.{}", encode(&self.header), encode(&self.claims))
    }

    /// Returns the token, signed by its pool.
    #[must_use]
    pub fn signed(&self) -> String {
        self.signed_by(self.pool, SignatureScheme::Rs256)
    }

    /// Returns the token, signed by another pool or with another algorithm than its header names.
    #[must_use]
    pub fn signed_by(&self, pool: &TestPool, scheme: SignatureScheme) -> String {
        let input = self.signing_input();
        self.with_signature(&pool.sign(&input, scheme))
    }

    /// Returns the token with this signature.
    #[must_use]
    pub fn with_signature(&self, signature: &[u8]) -> String {
        format!("{}.{}", self.signing_input(), URL_SAFE_NO_PAD.encode(signature))
    }
}
