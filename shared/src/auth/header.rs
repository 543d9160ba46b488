//! The protected header of a token (RFC 7515 section 4), which is read before anything else in the token.
//!
//! Pure; must not know keys or claims.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::Algorithm;
use serde::de::IgnoredAny;
use serde::{Deserialize, Deserializer};

use super::{MAX_TOKEN_BYTES, TokenFault};

/// The members of the header that the verification needs.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct TokenHeader {
    /// The algorithm, one of those accepted.
    pub(super) algorithm: Algorithm,
    /// The key's id.
    pub(super) kid: String,
}

/// The members that are read. Unknown ones are ignored, as RFC 7515 requires; known ones must not occur twice.
#[derive(Deserialize)]
struct WireHeader {
    alg: Option<String>,
    kid: Option<String>,
    #[serde(default)]
    jku: Present,
    #[serde(default)]
    jwk: Present,
    #[serde(default)]
    x5u: Present,
    #[serde(default)]
    x5c: Present,
    #[serde(default)]
    crit: Present,
    #[serde(default)]
    zip: Present,
    #[serde(default)]
    cty: Present,
}

/// Whether a member is present, whatever its value, `null` included.
#[derive(Default)]
struct Present(bool);

impl<'de> Deserialize<'de> for Present {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        IgnoredAny::deserialize(deserializer).map(|_| Self(true))
    }
}

/// Reads a token's header and refuses those that no signature can make valid. The length is checked first, so that
/// nothing long is decoded.
pub(super) fn read_header(token: &str, accepted: &[Algorithm]) -> Result<TokenHeader, TokenFault> {
    if token.len() > MAX_TOKEN_BYTES {
        return Err(TokenFault::TooLong);
    }
    let mut parts = token.split('.');
    let (Some(header), Some(_), Some(_), None) = (parts.next(), parts.next(), parts.next(), parts.next()) else {
        return Err(TokenFault::Malformed);
    };
    let json = URL_SAFE_NO_PAD.decode(header).map_err(|_| TokenFault::Malformed)?;
    let header: WireHeader = serde_json::from_slice(&json).map_err(|_| TokenFault::Malformed)?;
    // `zip` belongs to encrypted tokens, and `cty` announces a token within the token: neither is a user's.
    let refused = [header.jku, header.jwk, header.x5u, header.x5c, header.crit, header.zip, header.cty];
    if refused.iter().any(|member| member.0) {
        return Err(TokenFault::ForeignKey);
    }
    let algorithm: Algorithm = header
        .alg
        .and_then(|name| name.parse().ok())
        .filter(|name| accepted.contains(name))
        .ok_or(TokenFault::Algorithm)?;
    let kid = header.kid.filter(|kid| !kid.is_empty()).ok_or(TokenFault::UnknownKey)?;
    Ok(TokenHeader { algorithm, kid })
}
