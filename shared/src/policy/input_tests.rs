use cedar_policy::Context;
use serde_json::json;

use super::*;

#[test]
fn whole_numbers_are_long_whatever_their_spelling() {
    for (number, expected) in [
        (json!(5), Some(5)),
        (json!(5.0), Some(5)),
        (json!(-0.0), Some(0)),
        (json!(1e15), Some(1_000_000_000_000_000)),
        (json!(i64::MAX), Some(i64::MAX)),
        (json!(-9_223_372_036_854_775_808.0), Some(i64::MIN)),
        (json!(9_223_372_036_854_775_808.0), None),
        (json!(u64::MAX), None),
        (json!(1e300), None),
        (json!(5.5), None),
    ] {
        assert_eq!(long(number.as_number().unwrap()), expected, "{number}");
    }
}

#[test]
fn decimals_reach_as_far_as_cedars() {
    for (number, expected) in [
        ("7", "7.0"),
        ("-3.25", "-3.25"),
        ("-0.0001", "-0.0001"),
        ("922337203685477", "922337203685477.0"),
        ("922337203685477.5807", "922337203685477.5807"),
        ("-922337203685477.5808", "-922337203685477.5808"),
    ] {
        assert_eq!(decimal(number).as_deref(), Ok(expected));
        let held = Context::from_pairs([("x".to_owned(), RestrictedExpression::new_decimal(expected))]);
        assert!(held.is_ok(), "Cedar refuses {expected}");
    }
    for number in ["922337203685477.5808", "-922337203685477.5809", "922337203685478", "0.00001", "1e20", "1.5e16"] {
        assert_eq!(decimal(number), Err(Unjudgeable), "{number}");
    }
}
