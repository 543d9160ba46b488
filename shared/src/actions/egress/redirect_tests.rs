use http::HeaderValue;

use super::*;

const URL: &str = "https://api.example.com:8443/tickets/7?full=1";

fn redirected(redirects: Redirects, status: u16, location: Option<&[u8]>) -> Result<Option<String>, RefusedRedirect> {
    let mut headers = HeaderMap::new();
    if let Some(location) = location {
        headers.insert(LOCATION, HeaderValue::from_bytes(location).unwrap());
    }
    let found = target(redirects, &URL.parse().unwrap(), StatusCode::from_u16(status).unwrap(), &headers)?;
    Ok(found.map(String::from))
}

fn of_read(location: &str) -> Result<Option<String>, RefusedRedirect> {
    redirected(Redirects::Followed, 302, Some(location.as_bytes()))
}

#[test]
fn reads_follow_within_their_origin() {
    let target = |path: &str| Ok(Some(format!("https://api.example.com:8443{path}")));
    assert_eq!(of_read("/tickets/8"), target("/tickets/8"));
    assert_eq!(of_read("8"), target("/tickets/8"));
    assert_eq!(of_read("https://API.example.com:8443/tickets/8"), target("/tickets/8"));
    for status in [301, 302, 303, 307, 308] {
        assert_eq!(redirected(Redirects::Followed, status, Some(b"/tickets/8")), target("/tickets/8"), "{status}");
    }
}

#[test]
fn another_origin_is_refused() {
    for location in [
        "http://169.254.169.254/latest/meta-data",
        "https://169.254.169.254:8443/",
        "//169.254.169.254/",
        "https://api.example.com/tickets/7",
        "https://api.example.com:8444/tickets/7",
        "http://api.example.com:8443/tickets/7",
        "https://api.example.com.evil.example:8443/",
        "https://evil.example:8443/",
        "\\\\evil.example\\",
        "https://api.example.com@evil.example:8443/",
        "file:///etc/passwd",
        "data:text/plain,a",
    ] {
        assert_eq!(of_read(location), Err(RefusedRedirect::OtherOrigin), "{location}");
    }
}

#[test]
fn a_default_port_is_the_same_port() {
    let mut headers = HeaderMap::new();
    headers.insert(LOCATION, HeaderValue::from_static("https://api.example.com:443/b"));
    let url = "https://api.example.com/a".parse().unwrap();
    let found = target(Redirects::Followed, &url, StatusCode::FOUND, &headers).unwrap();
    assert_eq!(found.map(String::from).as_deref(), Some("https://api.example.com/b"));
}

#[test]
fn a_target_must_be_readable() {
    for location in [None, Some(&b"https://\xff/"[..]), Some(b"https://:0:0/"), Some(b"https://")] {
        assert_eq!(redirected(Redirects::Followed, 302, location), Err(RefusedRedirect::Unreadable), "{location:?}");
    }
}

#[test]
fn redirects_of_writes_are_refused() {
    for status in [300, 301, 302, 303, 304, 307, 308] {
        let found = redirected(Redirects::Refused, status, Some(b"/tickets/8"));
        assert_eq!(found, Err(RefusedRedirect::Write), "{status}");
    }
    assert_eq!(redirected(Redirects::Refused, 200, Some(b"/tickets/8")), Ok(None));
    assert_eq!(redirected(Redirects::Refused, 201, Some(b"/tickets/8")), Ok(None), "the address of what was created");
}

#[test]
fn other_responses_are_not_redirects() {
    for status in [200, 204, 300, 304, 404, 500] {
        assert_eq!(redirected(Redirects::Followed, status, Some(b"/tickets/8")), Ok(None), "{status}");
    }
}
