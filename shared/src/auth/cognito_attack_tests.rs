//! Forged, broken and foreign tokens, each refused for its own reason.

use std::sync::LazyLock;

use aws_lc_rs::hmac;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::{ALICE, POOL, Script, World, alice, assert_fault};
use crate::auth::{Algorithm, AuthError, MAX_TOKEN_BYTES, TokenFault};
use crate::domain::Principal;
use crate::testing::tokens::{ISSUED_AT, SignatureScheme, TestPool};

/// Signs a payload that no map could hold.
fn with_payload(payload: &str) -> String {
    with_parts(&json!({"alg": "RS256", "kid": "test-key-1"}).to_string(), &URL_SAFE_NO_PAD.encode(payload))
}

fn with_parts(header: &str, payload: &str) -> String {
    let input = format!("{}.{payload}", URL_SAFE_NO_PAD.encode(header));
    let signature = POOL.sign(&input, SignatureScheme::Rs256);
    format!("{input}.{}", URL_SAFE_NO_PAD.encode(signature))
}

#[tokio::test]
async fn a_header_that_brings_its_own_key_or_an_extension_is_refused_before_any_fetch() {
    for (name, value) in [
        ("jku", json!("https://example.com/keys")),
        ("x5u", json!("https://example.com/chain")),
        ("jwk", POOL.jwk()),
        ("jwk", Value::Null),
        ("x5c", json!(["MIIB"])),
        ("crit", json!(["b64"])),
        ("crit", json!([])),
        ("zip", json!("DEF")),
        ("cty", json!("JWT")),
        ("cty", Value::Null),
    ] {
        let world = World::new();
        let answer = world.verify(&alice().header(name, value).signed()).await;
        assert_eq!(answer, Err(AuthError::Token(TokenFault::ForeignKey)), "{name}");
        assert_eq!(world.source.fetches(), 0, "{name}");
    }
}

#[tokio::test]
async fn only_the_configured_algorithm_is_accepted() {
    let public_key = POOL.jwk()["n"].as_str().unwrap().to_owned();
    let confused = alice().header("alg", "HS256");
    let tag =
        hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, public_key.as_bytes()), confused.signing_input().as_bytes());
    let rs512 = alice().header("alg", "RS512").signed_by(&POOL, SignatureScheme::Rs512);
    let ps256 = alice().header("alg", "PS256").signed_by(&POOL, SignatureScheme::Ps256);
    for (what, token) in [
        ("HS256 keyed with the public key", confused.with_signature(tag.as_ref())),
        ("RS512", rs512.clone()),
        ("PS256", ps256.clone()),
        ("ES256", alice().header("alg", "ES256").with_signature(&[1; 64])),
        ("none", alice().header("alg", "none").with_signature(b"")),
        ("None", alice().header("alg", "None").with_signature(b"")),
        ("none, signed all the same", alice().header("alg", "none").signed()),
        ("rs256 in lower case", alice().header("alg", "rs256").signed()),
        ("no algorithm", alice().without_header("alg").signed()),
    ] {
        let world = World::new();
        assert_eq!(world.verify(&token).await, Err(AuthError::Token(TokenFault::Algorithm)), "{what}");
        assert_eq!(world.source.fetches(), 0, "{what}");
    }
    // A key is for one algorithm, whatever else the configuration accepts.
    let wide = vec![Algorithm::RS256, Algorithm::RS512, Algorithm::PS256];
    for token in [rs512, ps256] {
        let answer = World::accepting(wide.clone()).verify(&token).await;
        assert_eq!(answer, Err(AuthError::Token(TokenFault::Algorithm)));
    }
    // An empty list accepts nothing, and another family in it does not turn a public key into an HMAC key.
    for (algorithms, token) in
        [(vec![], alice().signed()), (vec![Algorithm::HS256], confused.with_signature(tag.as_ref()))]
    {
        let answer = World::accepting(algorithms).verify(&token).await;
        assert_eq!(answer, Err(AuthError::Token(TokenFault::Algorithm)));
    }
}

#[tokio::test]
async fn a_key_that_the_pool_does_not_have_is_unknown() {
    for (what, token, fetches) in [
        ("no kid", alice().without_header("kid"), 0),
        ("an empty kid", alice().header("kid", ""), 0),
        ("a null kid", alice().header("kid", Value::Null), 0),
        ("another kid", alice().header("kid", "test-key-2"), 1),
        ("a path as kid", alice().header("kid", "../../dev/null"), 1),
    ] {
        let world = World::new();
        assert_eq!(world.verify(&token.signed()).await, Err(AuthError::Token(TokenFault::UnknownKey)), "{what}");
        assert_eq!(world.source.fetches(), fetches, "{what}");
    }
}

#[tokio::test]
async fn text_that_is_not_a_compact_token_of_json_objects_is_malformed() {
    let good = alice().signed();
    let unsigned = good.rsplit_once('.').unwrap().0;
    let claims = json!({"iss": 1}).to_string();
    let payload = URL_SAFE_NO_PAD.encode(&claims);
    for (what, token) in [
        ("nothing", String::new()),
        ("dots", "..".to_owned()),
        ("one part", "abc".to_owned()),
        ("no third part", unsigned.to_owned()),
        ("a fourth part", format!("{good}.")),
        ("five parts, as an encrypted token has", format!("{good}.a.b")),
        ("a leading dot", format!(".{good}")),
        ("padding", format!("{good}=")),
        ("a space", format!("{good} ")),
        ("a header that is not base64url", format!("!{}", &good[1..])),
        ("a header that is not JSON", with_parts("alg", &payload)),
        ("a header that is an array", with_parts(r#"["RS256","test-key-1"]"#, &payload)),
        ("two kids in the header", with_parts(r#"{"alg":"RS256","kid":"x","kid":"test-key-1"}"#, &payload)),
        ("two algorithms in the header", with_parts(r#"{"alg":"none","alg":"RS256","kid":"test-key-1"}"#, &payload)),
        ("a number as kid", with_parts(r#"{"alg":"RS256","kid":7}"#, &payload)),
        ("a number as typ", with_parts(r#"{"alg":"RS256","kid":"test-key-1","typ":7}"#, &payload)),
        ("claims that are not base64url", with_parts(r#"{"alg":"RS256","kid":"test-key-1"}"#, "!!!")),
        ("claims that are not JSON", with_payload("claims")),
        ("claims that break off", with_payload(r#"{"iss":"#)),
    ] {
        assert_fault(&token, TokenFault::Malformed, what).await;
    }
}

#[tokio::test]
async fn the_length_is_checked_before_anything_else() {
    let filled = |size: usize| alice().claim("x", "a".repeat(size));
    let fill = |size: usize| filled(size).signed();
    let signature = 1 + 342;
    let fits = |size: &usize| filled(*size).signing_input().len() + signature >= MAX_TOKEN_BYTES - 2;
    let size = (11_000..12_500).find(fits).unwrap();
    assert!(World::new().verify(&fill(size)).await.is_ok());
    assert_fault(&fill(size + 4), TokenFault::TooLong, "a good token").await;
    assert_fault(&"a".repeat(MAX_TOKEN_BYTES + 1), TokenFault::TooLong, "not a token").await;
    assert_fault(&"a".repeat(MAX_TOKEN_BYTES), TokenFault::Malformed, "just short enough").await;
}

#[tokio::test]
async fn a_wrong_signature_is_reported_before_any_claim() {
    let stranger = TestPool::new();
    let good = alice().signed();
    let (input, signature) = good.rsplit_once('.').unwrap();
    let (header, _) = input.split_once('.').unwrap();
    let admin = alice().groups(&["admin"]).signing_input();
    let (_, forged) = admin.split_once('.').unwrap();
    for (what, token) in [
        ("another pool's key under the same id", alice().signed_by(&stranger, SignatureScheme::Rs256)),
        ("no signature", format!("{input}.")),
        ("half a signature", format!("{input}.{}", &signature[..(signature.len() / 2) & !3])),
        ("zeros", alice().with_signature(&[0; 256])),
        ("another token's claims", format!("{header}.{forged}.{signature}")),
        ("expired as well", alice().expires_at(1).signed_by(&stranger, SignatureScheme::Rs256)),
        ("another issuer as well", alice().claim("iss", "x").signed_by(&stranger, SignatureScheme::Rs256)),
        ("no claims as well", format!("{header}.e30.{signature}")),
        ("PS256 under RS256", alice().signed_by(&POOL, SignatureScheme::Ps256)),
        ("RS512 under RS256", alice().signed_by(&POOL, SignatureScheme::Rs512)),
    ] {
        assert_fault(&token, TokenFault::Signature, what).await;
    }
}

#[tokio::test]
async fn each_wrong_claim_has_its_own_fault() {
    let issuer = POOL.settings().issuer;
    for (what, token, fault) in [
        ("another pool", alice().claim("iss", issuer.replace("TestPool1", "TestPool2")), TokenFault::Issuer),
        ("an issuer with a slash", alice().claim("iss", format!("{issuer}/")), TokenFault::Issuer),
        ("another client", alice().claim("client_id", "other"), TokenFault::Client),
        ("another client's id token", POOL.id_token(ALICE).claim("aud", "other"), TokenFault::Client),
        (
            "an access token's aud does not count",
            alice().claim("client_id", "other").claim("aud", POOL.client_id()),
            TokenFault::Client,
        ),
        (
            "an id token's client_id does not count",
            POOL.id_token(ALICE).claim("aud", "other").claim("client_id", POOL.client_id()),
            TokenFault::Client,
        ),
        ("a refresh token", alice().claim("token_use", "refresh"), TokenFault::Use),
        ("no use", alice().claim("token_use", ""), TokenFault::Use),
        ("expired", alice().expires_at(1), TokenFault::Expired),
        ("not yet valid", alice().claim("nbf", ISSUED_AT + 1000), TokenFault::NotYetValid),
        ("issued in the future", alice().claim("iat", ISSUED_AT + 1000), TokenFault::NotYetValid),
    ] {
        assert_fault(&token.signed(), fault, what).await;
    }
}

#[tokio::test]
async fn missing_repeated_and_mistyped_claims_are_refused() {
    for name in ["iss", "token_use", "exp", "client_id", "sub"] {
        assert_fault(&alice().without_claim(name).signed(), TokenFault::Claims, name).await;
        assert_fault(&alice().claim(name, Value::Null).signed(), TokenFault::Claims, name).await;
        assert_fault(&alice().claim(name, json!(["x"])).signed(), TokenFault::Claims, name).await;
    }
    for (name, value) in [
        ("exp", json!("4102444800")),
        ("exp", json!(-1)),
        ("exp", json!(4_102_444_800.5)),
        ("nbf", json!("0")),
        ("iat", json!(true)),
        ("sub", json!(7)),
        ("username", json!(7)),
        ("cognito:groups", json!("admin")),
        ("cognito:groups", json!({"0": "admin"})),
        ("cognito:groups", json!(["user", 7])),
    ] {
        assert_fault(&alice().claim(name, value.clone()).signed(), TokenFault::Claims, &format!("{name} {value}"))
            .await;
    }
    for audience in [json!([POOL.client_id()]), json!(7), Value::Null] {
        assert_fault(&POOL.id_token(ALICE).claim("aud", audience.clone()).signed(), TokenFault::Claims, "aud").await;
    }
    let good = alice().groups(&["user"]).signed();
    let payload = URL_SAFE_NO_PAD.decode(good.split('.').nth(1).unwrap()).unwrap();
    let payload = String::from_utf8(payload).unwrap();
    assert!(World::new().verify(&with_payload(&payload)).await.is_ok());
    for double in [r#","exp":4102444800}"#, r#","cognito:groups":["admin"]}"#, r#","sub":"x"}"#] {
        let payload = format!("{}{double}", payload.strip_suffix('}').unwrap());
        assert_fault(&with_payload(&payload), TokenFault::Claims, double).await;
    }
}

static GOOD: LazyLock<String> = LazyLock::new(|| alice().groups(&["tenant:acme", "user"]).signed());

fn verify_now(token: &str) -> Result<Principal, AuthError> {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(World::new().verify(token))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn no_change_of_a_byte_makes_another_principal(place in any::<prop::sample::Index>(), byte in 0u8..=127) {
        let mut bytes = GOOD.clone().into_bytes();
        let place = place.index(bytes.len());
        prop_assume!(bytes[place] != byte);
        bytes[place] = byte;
        prop_assert!(verify_now(&String::from_utf8(bytes).unwrap()).is_err());
    }

    #[test]
    fn no_cut_and_no_insertion_is_accepted(place in any::<prop::sample::Index>(), insert in "[A-Za-z0-9._=-]{0,3}", cut in 0usize..4) {
        let at = place.index(GOOD.len());
        let end = GOOD.len().min(at + cut);
        let token = format!("{}{insert}{}", &GOOD[..at], &GOOD[end..]);
        prop_assume!(token != *GOOD);
        prop_assert!(verify_now(&token).is_err());
    }

    #[test]
    fn no_text_makes_the_verifier_panic(token in "\\PC{0,200}|([A-Za-z0-9_-]{0,40}\\.){2}[A-Za-z0-9_-]{0,40}") {
        prop_assert!(verify_now(&token).is_err());
    }
}

#[tokio::test]
async fn a_second_key_under_a_known_name_verifies_nothing() {
    let intruder = TestPool::new();
    let forged = intruder.access_token(ALICE).signed();
    let keys = json!({ "keys": [POOL.jwk(), intruder.jwk()] }).to_string();
    let world = World::new();
    world.source.set(Script::Document(keys));
    assert!(world.verify(&alice().signed()).await.is_ok(), "the first key of the name counts");
    assert_eq!(world.verify(&forged).await, Err(AuthError::Token(TokenFault::Signature)));
}
