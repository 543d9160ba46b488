//! A pool's public keys (RFC 7517) and where they are fetched.
//!
//! Must not know tokens, nor how long keys are kept.

use std::collections::HashMap;
use std::ops::RangeInclusive;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, DecodingKey};
use serde::Deserialize;
use serde::de::IgnoredAny;

/// A key set larger than this is refused. Cognito's has two keys in about 1 KB.
pub const MAX_KEY_SET_BYTES: usize = 256 * 1024;
/// How long one fetch may take.
const FETCH_TIMEOUT: Duration = Duration::from_secs(5);
/// At least what RFC 7518 section 3.3 asks, at most what the library verifies.
const MODULUS_BITS: RangeInclusive<usize> = 2048..=8192;

/// Why a key set could not be had.
#[derive(Debug, thiserror::Error)]
pub enum KeySetError {
    /// No answer, or one that broke off.
    #[error("the key set's address does not answer")]
    Unreachable(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// An answer other than 200.
    #[error("the key set's address answers with status {0}")]
    Status(u16),
    /// More than [`MAX_KEY_SET_BYTES`].
    #[error("the key set is over 256 KB")]
    TooLarge,
    /// Not a JSON document with `keys`.
    #[error("the key set is not valid")]
    Malformed(#[source] serde_json::Error),
    /// Not one key that can be used.
    #[error("the key set has no RSA signature key of 2048 bits or more")]
    Empty,
}

/// Where keys come from.
#[async_trait]
pub trait KeySetSource: Send + Sync {
    /// Fetches the keys as they are now, in bounded time.
    ///
    /// # Errors
    /// [`KeySetError`]; the caller goes on with the keys it has and asks again later.
    async fn fetch(&self) -> Result<KeySet, KeySetError>;
}

/// A key, ready for use, with the one algorithm that it is for.
pub(super) struct VerificationKey {
    pub(super) decoding: DecodingKey,
    pub(super) algorithm: Algorithm,
}

/// The usable keys of a pool by their `kid`.
pub struct KeySet(HashMap<String, Arc<VerificationKey>>);

#[derive(Deserialize)]
struct WireKeySet {
    keys: Vec<WireKey>,
}

/// A key that is not even of this shape must not take the others down.
#[derive(Deserialize)]
#[serde(untagged)]
enum WireKey {
    Rsa(RsaKey),
    Other(IgnoredAny),
}

#[derive(Deserialize)]
struct RsaKey {
    kty: String,
    kid: String,
    n: String,
    e: String,
    #[serde(rename = "use")]
    public_key_use: Option<String>,
    alg: Option<String>,
}

impl KeySet {
    /// Reads a JWKS document. RSA keys for signatures with RS256, of 2048 to 8192 bits, are taken; others are passed
    /// over, and of two with one `kid` the second.
    ///
    /// # Errors
    /// [`KeySetError::Malformed`] where it is no JWKS document, [`KeySetError::Empty`] where no key is left.
    pub fn parse(document: &[u8]) -> Result<Self, KeySetError> {
        let wire: WireKeySet = serde_json::from_slice(document).map_err(KeySetError::Malformed)?;
        let mut keys = HashMap::new();
        for key in wire.keys {
            if let WireKey::Rsa(key) = key
                && let Some(prepared) = prepare(&key)
            {
                keys.entry(key.kid).or_insert_with(|| Arc::new(prepared));
            }
        }
        if keys.is_empty() { Err(KeySetError::Empty) } else { Ok(Self(keys)) }
    }

    pub(super) fn key(&self, kid: &str) -> Option<Arc<VerificationKey>> {
        self.0.get(kid).cloned()
    }
}

fn prepare(key: &RsaKey) -> Option<VerificationKey> {
    let is_for_us = key.kty == "RSA"
        && !key.kid.is_empty()
        && key.public_key_use.as_deref().is_none_or(|public_key_use| public_key_use == "sig")
        && key.alg.as_deref().is_none_or(|alg| alg == "RS256");
    if !is_for_us {
        return None;
    }
    let modulus = unsigned(&key.n)?;
    let exponent = unsigned(&key.e)?;
    let bits = modulus.len() * 8 - usize::try_from(modulus.first()?.leading_zeros()).ok()?;
    // An exponent of 1 would make every text its own signature; an even one belongs to no RSA key.
    let is_sound = MODULUS_BITS.contains(&bits) && exponent != [1] && exponent.last()? % 2 == 1;
    is_sound.then(|| VerificationKey {
        decoding: DecodingKey::from_rsa_raw_components(&modulus, &exponent),
        algorithm: Algorithm::RS256,
    })
}

/// A `Base64urlUInt` (RFC 7518 section 2), without the leading zeros that some write all the same.
fn unsigned(text: &str) -> Option<Vec<u8>> {
    let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
    Some(bytes.into_iter().skip_while(|byte| *byte == 0).collect())
}

/// Fetches keys by HTTP.
pub struct HttpKeySetSource {
    client: reqwest::Client,
    url: String,
    timeout: Duration,
}

impl HttpKeySetSource {
    /// A source at this address.
    pub fn new(client: reqwest::Client, url: impl Into<String>) -> Self {
        Self { client, url: url.into(), timeout: FETCH_TIMEOUT }
    }
}

#[async_trait]
impl KeySetSource for HttpKeySetSource {
    async fn fetch(&self) -> Result<KeySet, KeySetError> {
        let mut response = self.client.get(&self.url).timeout(self.timeout).send().await.map_err(unreachable)?;
        if response.status() != reqwest::StatusCode::OK {
            return Err(KeySetError::Status(response.status().as_u16()));
        }
        let mut document = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(unreachable)? {
            if document.len() + chunk.len() > MAX_KEY_SET_BYTES {
                return Err(KeySetError::TooLarge);
            }
            document.extend_from_slice(&chunk);
        }
        KeySet::parse(&document)
    }
}

fn unreachable(error: reqwest::Error) -> KeySetError {
    KeySetError::Unreachable(Box::new(error))
}

#[cfg(test)]
#[path = "key_set_tests.rs"]
mod tests;
