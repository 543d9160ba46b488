use proptest::prelude::*;

use super::bearer_token;
use crate::auth::{MAX_TOKEN_BYTES, TokenFault};

#[test]
fn the_scheme_may_be_in_any_case_and_the_token_is_returned_unchanged() {
    for header in
        ["Bearer a.b-c_d~e+f/g==", "bearer a.b-c_d~e+f/g==", "BEARER   a.b-c_d~e+f/g==", " Bearer a.b-c_d~e+f/g== "]
    {
        assert_eq!(bearer_token(Some(header)), Ok("a.b-c_d~e+f/g=="), "{header}");
    }
}

#[test]
fn a_header_without_a_bearer_token_counts_as_missing() {
    for header in
        [None, Some(""), Some(" "), Some("Bearer"), Some("Bearer "), Some("Basic YTpi"), Some("Bearerx y"), Some("abc")]
    {
        assert_eq!(bearer_token(header), Err(TokenFault::Missing), "{header:?}");
    }
}

#[test]
fn two_tokens_and_invalid_characters_are_malformed() {
    for header in [
        "Bearer a b",
        "Bearer a, Bearer b",
        "Bearer a,b",
        "Bearer \"a\"",
        "Bearer a\tb",
        "Bearer a=b",
        "Bearer ==",
        "Bearer ä",
    ] {
        assert_eq!(bearer_token(Some(header)), Err(TokenFault::Malformed), "{header}");
    }
}

#[test]
fn sixteen_kilobytes_pass_and_one_more_byte_does_not() {
    let longest = format!("Bearer {}", "a".repeat(MAX_TOKEN_BYTES));
    assert!(bearer_token(Some(&longest)).is_ok());
    assert_eq!(bearer_token(Some(&format!("{longest}a"))), Err(TokenFault::TooLong));
}

proptest! {
    #[test]
    fn any_header_is_judged_and_never_yields_a_space(header in ".{0,80}") {
        if let Ok(token) = bearer_token(Some(&header)) {
            prop_assert!(!token.is_empty() && token.bytes().all(|byte| byte.is_ascii_graphic()));
        }
    }
}
