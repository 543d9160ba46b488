use http::HeaderValue;

use super::*;

fn accepts(values: &[&str]) -> bool {
    let mut headers = HeaderMap::new();
    for value in values {
        headers.append(ACCEPT, HeaderValue::from_str(value).unwrap());
    }
    choose(&[Offer::JSON], &headers).is_ok()
}

#[test]
fn clients_that_do_not_refuse_json_accept_it() {
    for values in [
        &[][..],
        &[""],
        &["*/*"],
        &["application/*"],
        &["Application/JSON; q=0.5"],
        &["text/html, application/xhtml+xml, */*;q=0.8"],
        &["text/html", "application/json"],
        &["*/*;q=0, application/json"],
    ] {
        assert!(accepts(values), "{values:?}");
    }
}

#[test]
fn clients_that_ask_for_another_type_or_refuse_json_do_not_accept_it() {
    for values in [
        &["text/html"][..],
        &["text/*, image/*"],
        &["application/json;q=0"],
        &["application/json;q=0.0"],
        &["*/*, application/json;q=0"],
        &["application/*, application/json; q=0"],
        &["application/xml"],
    ] {
        assert!(!accepts(values), "{values:?}");
    }
}

fn declared(name: http::HeaderName, value: &str) -> Option<BodyType> {
    let mut headers = HeaderMap::new();
    headers.insert(name, HeaderValue::from_bytes(value.as_bytes()).unwrap());
    body_type(&headers).ok()
}

#[test]
fn a_body_is_json_in_utf_8() {
    assert_eq!(body_type(&HeaderMap::new()).ok(), Some(BodyType::Json));
    for value in [
        "application/json",
        "Application/Json",
        "application/json; charset=UTF-8",
        "application/json;charset=\"utf-8\"",
    ] {
        assert_eq!(declared(CONTENT_TYPE, value), Some(BodyType::Json), "{value}");
    }
    assert_eq!(declared(CONTENT_TYPE, "application/x-www-form-urlencoded"), Some(BodyType::Form));
    for value in ["", "text/plain", "application/json; charset=latin1", "multipart/form-data; boundary=x", "é"] {
        assert_eq!(declared(CONTENT_TYPE, value), None, "{value}");
    }
}

#[test]
fn a_body_is_not_compressed() {
    assert_eq!(declared(CONTENT_ENCODING, "gzip"), None);
    assert_eq!(declared(CONTENT_ENCODING, "identity"), Some(BodyType::Json));
}

#[test]
fn an_offer_that_must_be_named_is_not_chosen_by_a_wildcard() {
    let offers = [Offer::JSON, Offer::NAMED_EVENT_STREAM];
    for (accept, expected) in [
        ("*/*", MediaType::Json),
        ("text/*;q=1, */*;q=0.1", MediaType::Json),
        ("text/event-stream", MediaType::EventStream),
        ("application/json;q=0.5, text/event-stream", MediaType::EventStream),
    ] {
        let headers = [(ACCEPT, HeaderValue::from_static(accept))].into_iter().collect();
        assert_eq!(choose(&offers, &headers).ok(), Some(expected), "{accept}");
    }
}
