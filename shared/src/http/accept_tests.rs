use http::HeaderValue;

use super::*;

fn accepts(values: &[&str]) -> bool {
    let mut headers = HeaderMap::new();
    for value in values {
        headers.append(ACCEPT, HeaderValue::from_str(value).unwrap());
    }
    choose(&Route::Agents, &headers).is_ok()
}

#[test]
fn json_is_taken_by_whoever_does_not_refuse_it() {
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
fn json_is_not_taken_where_another_form_is_asked_for_or_json_refused() {
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

fn form(name: http::HeaderName, value: &str) -> Option<BodyForm> {
    let mut headers = HeaderMap::new();
    headers.insert(name, HeaderValue::from_bytes(value.as_bytes()).unwrap());
    check_content_type(&headers).ok()
}

#[test]
fn a_body_is_json_in_utf_8() {
    assert_eq!(check_content_type(&HeaderMap::new()).ok(), Some(BodyForm::Json));
    for value in [
        "application/json",
        "Application/Json",
        "application/json; charset=UTF-8",
        "application/json;charset=\"utf-8\"",
    ] {
        assert_eq!(form(CONTENT_TYPE, value), Some(BodyForm::Json), "{value}");
    }
    assert_eq!(form(CONTENT_TYPE, "application/x-www-form-urlencoded"), Some(BodyForm::PerhapsJson));
    for value in ["", "text/plain", "application/json; charset=latin1", "multipart/form-data; boundary=x", "é"] {
        assert_eq!(form(CONTENT_TYPE, value), None, "{value}");
    }
}

#[test]
fn a_body_is_not_compressed() {
    assert_eq!(form(CONTENT_ENCODING, "gzip"), None);
    assert_eq!(form(CONTENT_ENCODING, "identity"), Some(BodyForm::Json));
}
