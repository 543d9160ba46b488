//! A pool's public keys (RFC 7517) and the source that they are fetched from.
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
/// The time limit of one fetch.
const FETCH_TIMEOUT: Duration = Duration::from_secs(5);
/// The accepted sizes: at least what RFC 7518 section 3.3 requires, at most what the library verifies.
const MODULUS_BITS: RangeInclusive<usize> = 2048..=8192;

/// The reason why a key set could not be fetched.
#[derive(Debug, thiserror::Error)]
pub enum KeySetError {
    /// There was no response, or an incomplete one.
    #[error("the key set's address does not answer")]
    Unreachable(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The response has a status other than 200.
    #[error("the key set's address answers with status {0}")]
    Status(u16),
    /// The document is larger than [`MAX_KEY_SET_BYTES`].
    #[error("the key set is over 256 KB")]
    TooLarge,
    /// The document is not JSON with `keys`.
    #[error("the key set is not valid")]
    Malformed(#[source] serde_json::Error),
    /// The document has no key that can be used.
    #[error("the key set has no RSA signature key of 2048 bits or more")]
    Empty,
}

/// A source of keys.
#[async_trait]
pub trait KeySetSource: Send + Sync {
    /// Fetches the current keys, in bounded time.
    ///
    /// # Errors
    /// [`KeySetError`]; the caller continues with the keys that it has and asks again later.
    async fn fetch(&self) -> Result<KeySet, KeySetError>;
}

/// A key that is ready for use, with the one algorithm that it is for.
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

/// One key of the document. A key of another shape must not make the others unusable.
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
    /// Reads a JWKS document. Keeps RSA keys for signatures with RS256, of 2048 to 8192 bits, and ignores all others.
    /// Of two keys with the same `kid`, the first is kept.
    ///
    /// # Errors
    /// [`KeySetError::Malformed`] if it is not a JWKS document, [`KeySetError::Empty`] if it has no usable key.
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
    // An exponent of 1 would make every text its own signature; an even one cannot belong to an RSA key.
    let is_sound = MODULUS_BITS.contains(&bits) && exponent != [1] && exponent.last()? % 2 == 1;
    is_sound.then(|| VerificationKey {
        decoding: DecodingKey::from_rsa_raw_components(&modulus, &exponent),
        algorithm: Algorithm::RS256,
    })
}

/// Decodes a `Base64urlUInt` (RFC 7518 section 2), without the leading zeros that some issuers write.
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
    /// Creates a source at this address.
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
