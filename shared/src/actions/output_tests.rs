use proptest::prelude::{prop_assert, prop_assert_eq, proptest};
use serde_json::json;

use super::*;

const JSON: Option<&str> = Some("application/json");

fn whole(body: impl AsRef<[u8]>, content_type: Option<&str>) -> Result<Value, NotText> {
    let body = body.as_ref();
    from_body(body, content_type, body.len() as u64, 100_000)
}

#[test]
fn whole_text_is_kept() {
    assert_eq!(cut("", 0, 0), "");
    assert_eq!(cut("größer", 8, 8), "größer");
    assert_eq!(cut("größer", 100, 0), "größer");
}

#[test]
fn text_is_cut_between_characters() {
    assert_eq!(cut("größer", 7, 8), "größe…[cut: 7 of 8 bytes]");
    assert_eq!(cut("größer", 3, 8), "gr…[cut: 2 of 8 bytes]", "ö has two bytes");
    assert_eq!(cut("größer", 0, 8), "…[cut: 0 of 8 bytes]");
    assert_eq!(cut("größer", 100, 5000), "größer…[cut: 8 of 5000 bytes]", "it was cut before");
    assert_eq!(cut("größer", 2, 5000), "gr…[cut: 2 of 5000 bytes]");
}

proptest! {
    #[test]
    fn a_cut_is_a_beginning_and_a_mark(text in "\\PC*", max_bytes in 0..64_usize, more in 0..9_u64) {
        let total = text.len() as u64 + more;
        let found = cut(&text, max_bytes, total);
        match found.rsplit_once("…[cut: ") {
            Some((kept, mark)) if found != text => {
                prop_assert!(text.starts_with(kept) && kept.len() <= max_bytes);
                prop_assert!(kept.len() + 4 > max_bytes.min(text.len()), "as much as fits is kept");
                prop_assert_eq!(mark, format!("{} of {total} bytes]", kept.len()));
            }
            _ => prop_assert!(found == text && text.len() <= max_bytes && more == 0),
        }
    }

    #[test]
    fn any_bytes_are_converted_or_refused(body: Vec<u8>, more in 0..9_u64, max_bytes in 0..64_usize) {
        let total = body.len() as u64 + more;
        if let Ok(Value::String(text)) = from_body(&body, None, total, max_bytes) {
            prop_assert!(text.len() <= max_bytes + "…[cut: 99 of 9999 bytes]".len());
        }
    }
}

#[test]
fn json_is_parsed() {
    for (body, content_type, expected) in [
        (r#"{"id": 7}"#, JSON, json!({"id": 7})),
        ("[1, 2]", Some("Application/Problem+JSON; charset=utf-8"), json!([1, 2])),
        ("\u{feff}{\"id\": 7}", JSON, json!({"id": 7})),
        ("12", JSON, json!(12)),
        ("null", None, Value::Null),
        (" [true]", Some("text/plain"), json!([true])),
    ] {
        assert_eq!(whole(body, content_type), Ok(expected), "{body}");
    }
}

#[test]
fn everything_else_is_text() {
    for (body, content_type) in [
        ("", None),
        ("{\"id\": ", JSON),
        ("0.10", Some("text/plain")),
        ("true", Some("text/csv; charset=utf-8")),
        ("Grüße\r\n\tan alle", Some("text/plain")),
        ("<p>7</p>", None),
        ("NaN", JSON),
    ] {
        assert_eq!(whole(body, content_type), Ok(json!(body)), "{body}");
    }
}

#[test]
fn deep_json_is_text() {
    let deep = format!("{}{}", "[".repeat(10_000), "]".repeat(10_000));
    assert_eq!(whole(&deep, JSON), Ok(json!(deep)));
    let objects = "{\"a\":".repeat(10_000);
    assert_eq!(whole(&objects, JSON), Ok(json!(objects)));
}

#[test]
fn binary_is_refused() {
    let bodies: [&[u8]; 8] = [
        b"\x00",
        b"text\x00text",
        b"\x1b[31mred",
        b"\x7f",
        b"\xff\xfe{\x00}\x00",
        b"\x89PNG\r\n\x1a\n",
        b"\xc3(",
        b"end\xc3",
    ];
    for body in bodies {
        assert_eq!(whole(body, None), Err(NotText), "{body:?}");
        assert_eq!(whole(body, JSON), Err(NotText), "{body:?}");
    }
    assert_eq!(from_body(b"a\xc3(", None, 99, 99), Err(NotText), "it is not the end that is wrong");
    assert_eq!(from_body(b"a\x00b", None, 99, 99), Err(NotText));
}

#[test]
fn a_body_that_was_cut_is_text_with_a_mark() {
    assert_eq!(from_body(b"end\xc3", None, 1000, 4), Ok(json!("end…[cut: 3 of 1000 bytes]")));
    assert_eq!(from_body(b"end\xf0\x9f\x98", None, 1000, 6), Ok(json!("end…[cut: 3 of 1000 bytes]")));
    assert_eq!(from_body(b"[1]", JSON, 4, 10), Ok(json!("[1]…[cut: 3 of 4 bytes]")), "its beginning happens to parse");
    assert_eq!(from_body(b"[1,2]", JSON, 5, 4), Ok(json!("[1,2…[cut: 4 of 5 bytes]")), "a whole body beyond the limit");
    assert_eq!(from_body(b"[1,2]", JSON, 5, 5), Ok(json!([1, 2])));
}

#[test]
fn values_are_bounded_as_json() {
    assert_eq!(bounded(json!({"id": 7}), 8), json!({"id": 7}));
    assert_eq!(bounded(json!({"id": 7}), 7), json!("{\"id\":7…[cut: 7 of 8 bytes]"));
    assert_eq!(bounded(json!("größer"), 8), json!("größer"));
    assert_eq!(bounded(json!("größer"), 3), json!("gr…[cut: 2 of 8 bytes]"));
    assert_eq!(bounded(Value::Null, 4), Value::Null);
}

#[test]
fn what_is_cut_twice_has_one_mark_with_the_length_of_the_whole() {
    let once = cut(&"x".repeat(1000), 500, 0);
    assert_eq!(bounded(Value::String(once), 100), format!("{}…[cut: 100 of 1000 bytes]", "x".repeat(100)));
}
