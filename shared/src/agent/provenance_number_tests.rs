use serde_json::json;

use super::tests::{of, sources};
use super::*;

#[test]
fn numbers_compare_by_value() {
    let all =
        [("7", "7"), ("007.50", "7.5"), ("-0.0", "0"), ("+3", "3"), ("1,234,567.80", "1234567.8"), ("-12", "-12")];
    for (text, number) in all {
        assert_eq!(decimal(text).as_deref(), Some(number), "{text}");
    }
    for text in ["", "-", "1.2.3", "1,23", "12,3456", "0x10", "1e3", "٣", ".5", "5.", "1234,567"] {
        assert_eq!(decimal(text), None, "{text}");
    }
    let big = sources("9007199254740993", "");
    assert_eq!(of(&big, json!(9_007_199_254_740_993_u64)), Origin::Caller);
    assert_eq!(of(&big, json!(9_007_199_254_740_992_u64)), Origin::Model, "no rounding");
}

#[test]
fn a_part_of_a_number_is_not_the_number() {
    for (words, number) in [
        ("send 1'500 pieces", 500),
        ("send 1'500 pieces", 1),
        ("send 1036‘500 pieces", 1036),
        ("send 10·5 pieces", 10),
        ("send 10⁄3 of it", 10),
        ("book −50", 50),
        ("take 2^10", 10),
        ("pay 10€50", 10),
        ("pay 10$50", 50),
        ("pay 0,500 of it", 500),
        ("pay 10;000", 10),
        ("pay 10|000", 10),
        ("a=10&20", 20),
        ("pay -$500", 500),
        ("pay US-$500", 500),
        ("between 5€-10€", -10),
        ("between 5€-10€", 5),
        ("between 5–10", 10),
        ("between 5–10", 5),
        ("pay –700", 700),
        ("pay —700", 700),
    ] {
        let sources = sources(words, "");
        assert_eq!(of(&sources, json!(number)), Origin::Model, "{number} of {words}");
        assert_eq!(of(&sources, json!(number.to_string())), Origin::Model, "the text {number} of {words}");
    }
    for words in [
        "pay €500.",
        "pay '500' now",
        "pay **500**",
        "amount=500",
        "pay 500€ (today)",
        "pay 500, please",
        "pay US$500",
        "pay 500; then stop",
        "|500|",
        "pay 500 – no more",
        "pay 500–no more",
        "order-amount=500",
        "a=10&b=500",
        "bob@corp.com,500",
        "x,500,y",
    ] {
        assert_eq!(of(&sources(words, ""), json!(500)), Origin::Caller, "{words}");
    }
}
