//! The signatures of AWS's Signature Version 4 test suite.

use aws_credential_types::Credentials;
use http::Method;

use super::*;

/// 2015-08-30T12:36:00Z
const NOW: Timestamp = Timestamp::from_millis(1_440_938_160_000);
const VANILLA: &str = "https://example.amazonaws.com/";

fn signed(request: http::request::Builder, body: &'static str, session_token: Option<&str>) -> Request<Bytes> {
    let mut request = request.body(Bytes::from_static(body.as_bytes())).unwrap();
    let secret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
    let identity = Credentials::new("AKIDEXAMPLE", secret, session_token.map(str::to_owned), None, "test").into();
    sign(&mut request, &Scope { region: "us-east-1", service: "service", now: NOW }, &identity).unwrap();
    request
}

fn request(method: Method, uri: &str) -> http::request::Builder {
    Request::builder().method(method).uri(uri)
}

fn header<'a>(request: &'a Request<Bytes>, name: &str) -> &'a str {
    request.headers()[name].to_str().unwrap()
}

#[test]
fn requests_have_the_published_signatures() {
    let token = "6e86291e8372ff2a2260956d9b8aae1d763fbf315fa00fa31553b73ebf194267";
    let connection = "https://tj9n5r0m12.execute-api.us-east-1.amazonaws.com/test/@connections/JBDvjfGEIAMCERw%3D";
    for (case, method, uri, token, signature) in [
        ("get-vanilla", Method::GET, VANILLA, None, "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"),
        (
            "post-vanilla",
            Method::POST,
            VANILLA,
            None,
            "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b",
        ),
        (
            "get-vanilla-query-order-encoded",
            Method::GET,
            "https://example.amazonaws.com/?Param-3=Value3&Param=Value2&%E1%88%B4=Value1",
            None,
            "371d3713e185cc334048618a97f809c9ffe339c62934c032af5a0e595648fcac",
        ),
        (
            "get-vanilla-with-session-token",
            Method::GET,
            VANILLA,
            Some(token),
            "07ec1639c89043aa0e3e2de82b96708f198cceab042d4a97044c66dd9f74e7f8",
        ),
        // The suite gives the canonical request alone; the signature follows from it.
        (
            "double-encode-path",
            Method::POST,
            connection,
            None,
            "6f871eb157f326fa5f7439eb88ca200048635950ce7d6037deda56f0c95d4364",
        ),
    ] {
        let request = signed(request(method, uri), "", token);
        let names = if token.is_some() { "host;x-amz-date;x-amz-security-token" } else { "host;x-amz-date" };
        let expected = format!(
            "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders={names}, \
             Signature={signature}"
        );
        assert_eq!(header(&request, "authorization"), expected, "{case}");
        assert_eq!(header(&request, "x-amz-date"), "20150830T123600Z");
        assert_eq!(request.headers().get("x-amz-security-token").map(|value| value.to_str().unwrap()), token);
    }
}

#[test]
fn headers_and_body_are_covered() {
    let one = signed(request(Method::POST, VANILLA).header("x-amz-target", "One"), "{}", None);
    let other_header = signed(request(Method::POST, VANILLA).header("x-amz-target", "Two"), "{}", None);
    let other_body = signed(request(Method::POST, VANILLA).header("x-amz-target", "One"), "[]", None);
    assert!(header(&one, "authorization").contains("SignedHeaders=host;x-amz-date;x-amz-target,"));
    assert_ne!(header(&one, "authorization"), header(&other_header, "authorization"));
    assert_ne!(header(&one, "authorization"), header(&other_body, "authorization"));
}

#[test]
fn credentials_are_marked_as_sensitive() {
    let request = signed(request(Method::GET, VANILLA), "", Some("hidden"));
    assert!(!format!("{request:?}").contains("hidden"), "{request:?}");
}

#[test]
fn a_credential_that_no_header_can_carry_is_an_error() {
    let mut request = request(Method::GET, VANILLA).body(Bytes::new()).unwrap();
    let identity = Credentials::new("key", "secret", Some("two\nlines".to_owned()), None, "test").into();
    let scope = Scope { region: "us-east-1", service: "service", now: NOW };
    assert_eq!(sign(&mut request, &scope, &identity), Err(AwsError::Unbuildable));
}
