use proptest::collection::{hash_map, vec};
use proptest::prelude::*;
use serde_json::json;

use super::*;

fn number(text: &str) -> Value {
    number_to_json(text.to_owned())
}

#[test]
fn numbers_keep_their_value() {
    for (text, expected) in [
        ("0", json!(0)),
        ("-7", json!(-7)),
        ("9007199254740993", json!(9_007_199_254_740_993_u64)),
        ("18446744073709551615", json!(u64::MAX)),
        ("0.1", json!(0.1)),
        ("-12.50", json!(-12.5)),
        ("1000000000000000000000000000000", json!(1e30)),
        ("1E-7", json!(1e-7)),
        ("18446744073709551616.5", json!("18446744073709551616.5")),
        ("18446744073709551617", json!("18446744073709551617")),
        ("0.12345678901234567890123456789012345678", json!("0.12345678901234567890123456789012345678")),
        ("-99999999999999999999999999999999999999", json!("-99999999999999999999999999999999999999")),
        ("NaN", json!("NaN")),
        ("", json!("")),
    ] {
        assert_eq!(number(text), expected, "{text}");
    }
}

#[test]
fn every_type_has_its_form_in_json() {
    let item = HashMap::from([
        ("s".to_owned(), AttributeValue::S("text".to_owned())),
        ("bool".to_owned(), AttributeValue::Bool(true)),
        ("null".to_owned(), AttributeValue::Null(true)),
        ("b".to_owned(), AttributeValue::B(Blob::new(*b"\x00\xff"))),
        ("l".to_owned(), AttributeValue::L(vec![AttributeValue::N("1".to_owned()), AttributeValue::Null(true)])),
        ("m".to_owned(), AttributeValue::M(HashMap::from([("n".to_owned(), AttributeValue::N("2.5".to_owned()))]))),
        ("ss".to_owned(), AttributeValue::Ss(vec!["a".to_owned(), "b".to_owned()])),
        ("ns".to_owned(), AttributeValue::Ns(vec!["1".to_owned(), "123456789012345678901".to_owned()])),
        ("bs".to_owned(), AttributeValue::Bs(vec![Blob::new(*b"a")])),
    ]);
    let expected = json!({
        "s": "text", "bool": true, "null": null, "b": "AP8=", "l": [1, null], "m": { "n": 2.5 }, "ss": ["a", "b"],
        "ns": [1, "123456789012345678901"], "bs": ["YQ=="],
    });
    assert_eq!(item_to_json(item), expected);
}

#[test]
fn keys_are_texts_and_numbers_alone() {
    assert_eq!(key_value("id", json!("7")).unwrap(), AttributeValue::S("7".to_owned()));
    assert_eq!(key_value("id", json!(7)).unwrap(), AttributeValue::N("7".to_owned()));
    assert_eq!(key_value("id", json!(-0.5)).unwrap(), AttributeValue::N("-0.5".to_owned()));
    for bad in [json!(null), json!(true), json!(""), json!(["a"]), json!({ "S": "a" })] {
        let error = key_value("id", bad.clone()).unwrap_err();
        assert!(matches!(&error, ActionError::Refused(why) if why.contains("attribute id")), "{bad}: {error}");
    }
}

fn any_value() -> impl Strategy<Value = AttributeValue> {
    let leaf = prop_oneof![
        any::<String>().prop_map(AttributeValue::S),
        "-?[0-9]{1,38}(\\.[0-9]{1,20})?(E-?[0-9]{1,2})?".prop_map(AttributeValue::N),
        any::<bool>().prop_map(AttributeValue::Bool),
        vec(any::<u8>(), 0..20).prop_map(|bytes| AttributeValue::B(Blob::new(bytes))),
        Just(AttributeValue::Null(true)),
        vec(any::<String>(), 1..4).prop_map(AttributeValue::Ss),
    ];
    leaf.prop_recursive(4, 40, 5, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..5).prop_map(AttributeValue::L),
            hash_map(any::<String>(), inner, 0..5).prop_map(AttributeValue::M),
        ]
    })
}

/// Returns whether the JSON stands for the value, by rules that are written down apart from the conversion.
fn stands_for(json: &Value, value: &AttributeValue) -> bool {
    match value {
        AttributeValue::S(text) => json == text.as_str(),
        AttributeValue::N(text) => match json {
            Value::Number(number) => number.as_f64() == text.parse().ok(),
            other => other == text.as_str(),
        },
        AttributeValue::Bool(flag) => json == &Value::Bool(*flag),
        AttributeValue::B(bytes) => {
            json.as_str().and_then(|text| STANDARD.decode(text).ok()).as_deref() == Some(bytes.as_ref())
        }
        AttributeValue::Ss(texts) => json == &json!(texts),
        AttributeValue::L(items) => json.as_array().is_some_and(|found| {
            found.len() == items.len() && found.iter().zip(items).all(|(found, item)| stands_for(found, item))
        }),
        AttributeValue::M(members) => json.as_object().is_some_and(|found| {
            found.len() == members.len() && members.iter().all(|(name, member)| stands_for(&found[name], member))
        }),
        _ => json.is_null(),
    }
}

proptest! {
    #[test]
    fn the_json_stands_for_the_value(value in any_value()) {
        let json = to_json(value.clone());
        prop_assert!(stands_for(&json, &value), "{json} is not {value:?}");
    }

    #[test]
    fn whole_numbers_of_64_bits_keep_their_digits(whole in any::<i64>()) {
        prop_assert_eq!(number(&whole.to_string()).to_string(), whole.to_string());
    }

    #[test]
    fn numbers_of_up_to_15_digits_are_numbers(digits in 0_i64..1_000_000_000_000_000, scale in 0_u8..30) {
        let found = number(&format!("{digits}E-{scale}"));
        prop_assert!(found.is_number(), "{}", found);
    }

    #[test]
    fn no_digit_of_a_long_number_is_lost(digits in "[1-9][0-9]{19,36}[1-9]") {
        let found = number(&digits);
        let written = found.as_str().map_or_else(|| found.to_string(), str::to_owned);
        prop_assert_eq!(written, digits);
    }
}
