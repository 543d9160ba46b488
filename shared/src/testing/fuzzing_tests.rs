use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use proptest::prelude::*;

/// Returns a token of the right form, signed by nobody.
fn unsigned(header: &str, claims: &str) -> String {
    [header, claims, "signature"].map(|part| URL_SAFE_NO_PAD.encode(part)).join(".")
}

#[test]
fn what_looks_real_is_read_or_refused() {
    super::token(unsigned(r#"{"alg":"RS256","kid":"test-key-1"}"#, r#"{"sub":"a"}"#).as_bytes());
    super::token(unsigned(r#"{"alg":"none"}"#, "{}").as_bytes());
    super::key_set(br#"{"keys":[{"kty":"RSA","use":"sig","alg":"RS256","kid":"k","n":"AQAB","e":"AQAB"},null]}"#);
}

proptest! {
    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        super::token(&bytes);
        super::key_set(&bytes);
    }

    #[test]
    fn tokens_of_any_header_and_claims_are_refused(header in "\\PC{0,80}", claims in "\\PC{0,80}") {
        super::token(unsigned(&header, &claims).as_bytes());
        super::token(unsigned(&format!(r#"{{"alg":"RS256","kid":"test-key-1","x":{header:?}}}"#), &claims).as_bytes());
    }

    #[test]
    fn key_sets_of_any_members_are_read_or_refused(kid in "\\PC{0,20}", n in "[A-Za-z0-9_-]{0,400}", e in "[A-Za-z0-9_-]{0,12}") {
        let key = serde_json::json!({ "kty": "RSA", "use": "sig", "kid": kid, "n": n, "e": e });
        super::key_set(serde_json::json!({ "keys": [key] }).to_string().as_bytes());
    }
}
