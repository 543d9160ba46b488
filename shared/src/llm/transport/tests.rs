use std::sync::atomic::Ordering;

use serde_json::{Value, json};
use wiremock::matchers::{header, path};
use wiremock::{Mock, MockServer, ResponseTemplate};

use super::*;
use crate::llm::test_support::*;

fn key() -> KeyHeader {
    KeyHeader { name: HeaderName::from_static("x-api-key"), prefix: "" }
}

fn http(resolver: Arc<Values>, settings: &ProviderSettings) -> ProviderHttp {
    ProviderHttp::new(&context(resolver), settings, key(), HeaderMap::new()).unwrap()
}

async fn ask(http: &ProviderHttp) -> Result<Value, LlmError> {
    http.post("v1/ask", &json!({"a": 1})).await
}

async fn answering(template: ResponseTemplate) -> MockServer {
    let server = MockServer::start().await;
    Mock::given(path("/v1/ask")).respond_with(template).mount(&server).await;
    server
}

#[tokio::test]
async fn a_rotated_key_costs_no_error() {
    let server = MockServer::start().await;
    let keyed = |key: &str| Mock::given(header("x-api-key", key));
    keyed("old").respond_with(ResponseTemplate::new(401)).expect(1).mount(&server).await;
    keyed("new").respond_with(ResponseTemplate::new(200).set_body_string("{}")).expect(1).mount(&server).await;
    let resolver = Values::new(&["old", "new"]);
    assert_eq!(ask(&http(resolver.clone(), &settings(&server.uri()))).await.unwrap(), json!({}));
    assert_eq!(resolver.renewals.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_rotated_key_costs_a_stream_no_error() {
    let server = MockServer::start().await;
    Mock::given(header("x-api-key", "old")).respond_with(ResponseTemplate::new(403)).mount(&server).await;
    Mock::given(header("x-api-key", "new")).respond_with(ResponseTemplate::new(200)).mount(&server).await;
    let http = http(Values::new(&["old", "new"]), &settings(&server.uri()));
    assert!(http.post_streaming("v1/ask", "text/event-stream", &json!({})).await.is_ok());
}

#[tokio::test]
async fn a_bad_key_is_tried_once() {
    let server = MockServer::start().await;
    let refusal = ResponseTemplate::new(401).set_body_string(r#"{"error":{"type":"authentication_error"}}"#);
    Mock::given(path("/v1/ask")).respond_with(refusal).expect(1).mount(&server).await;
    let resolver = Values::new(&["bad"]);
    let error = ask(&http(resolver.clone(), &settings(&server.uri()))).await.unwrap_err();
    let LlmError::Unauthorized { status: 401, code: Some(code) } = &error else { panic!("{error:?}") };
    assert_eq!(code, "authentication_error");
    assert_eq!(resolver.renewals.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_new_key_that_is_refused_too_is_not_renewed_again() {
    let server = MockServer::start().await;
    Mock::given(path("/v1/ask")).respond_with(ResponseTemplate::new(401)).expect(2).mount(&server).await;
    let resolver = Values::new(&["old", "new", "newer"]);
    assert!(ask(&http(resolver.clone(), &settings(&server.uri()))).await.is_err());
    assert_eq!(resolver.renewals.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_key_that_cannot_be_had_is_no_request() {
    let server = answering(ResponseTemplate::new(200).set_body_string("{}")).await;
    let error = ask(&http(Values::new(&[]), &settings(&server.uri()))).await;
    assert!(matches!(error, Err(LlmError::Secret(_))));
    assert!(server.received_requests().await.unwrap().is_empty());
}

#[tokio::test]
async fn a_key_may_end_its_line_but_not_begin_another() {
    let server = MockServer::start().await;
    let ok = ResponseTemplate::new(200).set_body_string("{}");
    Mock::given(header("x-api-key", "pasted")).respond_with(ok).mount(&server).await;
    assert!(ask(&http(Values::new(&["pasted\n"]), &settings(&server.uri()))).await.is_ok());
    let error = ask(&http(Values::new(&["two\nlines"]), &settings(&server.uri()))).await;
    assert!(matches!(error, Err(LlmError::Secret(SecretError::Unusable { .. }))));
}

#[tokio::test]
async fn configured_headers_win() {
    let server = MockServer::start().await;
    let ok = ResponseTemplate::new(200).set_body_string("{}");
    Mock::given(header("anthropic-version", "literal")).respond_with(ok).mount(&server).await;
    let name = HeaderName::from_static("anthropic-version");
    let mut settings = settings(&server.uri());
    settings.headers.push((name.clone(), SecretTemplate::literal("literal")));
    let fixed = HeaderMap::from_iter([(name, HeaderValue::from_static("2023-06-01"))]);
    let http = ProviderHttp::new(&context(Values::new(&["k"])), &settings, key(), fixed).unwrap();
    assert!(ask(&http).await.is_ok());
}

#[tokio::test]
async fn settings_that_can_make_no_request_are_refused() {
    let context = context(Values::new(&[]));
    let refused = |settings: &ProviderSettings| ProviderHttp::new(&context, settings, key(), HeaderMap::new()).err();
    assert_eq!(refused(&settings("ftp://example.com")), Some(InvalidSettings::BaseUrl));
    let mut literal = settings("https://example.com");
    literal.api_key = Some(SecretTemplate::literal("two\nlines"));
    let error = refused(&literal).unwrap();
    assert_eq!(error, InvalidSettings::HeaderValue(HeaderName::from_static("x-api-key")));
    assert!(!error.to_string().contains("lines"));
}

#[tokio::test]
async fn no_redirect_is_followed() {
    let server = answering(ResponseTemplate::new(307).insert_header("location", "/elsewhere")).await;
    let error = ask(&http(Values::new(&["k"]), &settings(&server.uri()))).await;
    assert!(matches!(error, Err(LlmError::Rejected { status: 307, .. })));
    assert_eq!(server.received_requests().await.unwrap().len(), 1);
}

#[tokio::test]
async fn half_json_is_malformed_and_a_cut_body_is_unreachable() {
    let server = answering(ResponseTemplate::new(200).set_body_string("{\"a\":")).await;
    let error = ask(&http(Values::new(&["k"]), &settings(&server.uri()))).await;
    assert!(matches!(error, Err(LlmError::Malformed(_))), "{error:?}");

    let cut = b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{\"a\":1}".to_vec();
    let error = ask(&http(Values::new(&["k"]), &settings(&raw_server(cut, Duration::ZERO).await))).await;
    assert!(matches!(error, Err(LlmError::Unreachable(_))), "{error:?}");
}

#[tokio::test]
async fn a_stream_that_is_cut_says_so_after_its_bytes() {
    let cut = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n".to_vec();
    let http = http(Values::new(&["k"]), &settings(&raw_server(cut, Duration::ZERO).await));
    let mut stream = http.post_streaming("v1/ask", "text/event-stream", &json!({})).await.unwrap();
    let next = async || futures_util::StreamExt::next(&mut stream).await;
    let mut next = next;
    assert_eq!(next().await.unwrap().unwrap(), "abc");
    assert!(matches!(next().await, Some(Err(LlmError::Unreachable(_)))));
    assert!(next().await.is_none());
}

#[tokio::test]
async fn an_answer_of_more_than_16_mb_is_refused() {
    let announced = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n", 17 * 1024 * 1024).into_bytes();
    let error = ask(&http(Values::new(&["k"]), &settings(&raw_server(announced, Duration::from_mins(1)).await))).await;
    assert!(matches!(error, Err(LlmError::Malformed(_))), "{error:?}");

    let mut endless = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n".to_vec();
    for _ in 0..17 {
        endless.extend_from_slice(b"100000\r\n");
        endless.resize(endless.len() + 1024 * 1024, b' ');
        endless.extend_from_slice(b"\r\n");
    }
    let error = ask(&http(Values::new(&["k"]), &settings(&raw_server(endless, Duration::from_mins(1)).await))).await;
    assert!(matches!(error, Err(LlmError::Malformed(_))), "{error:?}");
}

#[tokio::test]
async fn silence_is_timed_out_before_and_within_an_answer() {
    let silent = ProviderSettings {
        request_timeout: Duration::from_millis(50),
        idle_timeout: Duration::from_millis(50),
        ..settings(&raw_server(Vec::new(), Duration::from_mins(1)).await)
    };
    assert!(matches!(ask(&http(Values::new(&["k"]), &silent)).await, Err(LlmError::TimedOut)));

    let stalls = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n".to_vec();
    let stalling = ProviderSettings {
        idle_timeout: Duration::from_millis(50),
        ..settings(&raw_server(stalls, Duration::from_mins(1)).await)
    };
    let http = http(Values::new(&["k"]), &stalling);
    let stream = http.post_streaming("v1/ask", "text/event-stream", &json!({})).await.unwrap();
    let chunks: Vec<_> = futures_util::StreamExt::collect(stream).await;
    assert!(matches!(chunks.as_slice(), [Ok(_), Err(LlmError::TimedOut)]), "{chunks:?}");
}

#[tokio::test]
async fn nobody_there_is_unreachable() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let error = ask(&http(Values::new(&["k"]), &settings(&format!("http://{address}")))).await;
    assert!(matches!(error, Err(LlmError::Unreachable(_))), "{error:?}");
}

#[tokio::test]
async fn errors_hold_no_key_no_url_and_no_free_text() {
    let body = r#"{"error":{"type":"Your key sk-abc is bad","code":"so is: this","message":"sk-abc"}}"#;
    let server = answering(ResponseTemplate::new(401).set_body_string(body)).await;
    let error = ask(&http(Values::new(&["sk-abc"]), &settings(&server.uri()))).await.unwrap_err();
    let text = format!("{error} {error:?}");
    assert!(!text.contains("sk-abc") && !text.contains("127.0.0.1"), "{text}");
}

#[test]
fn paths_are_joined_whatever_the_base_ends_with() {
    let joined = |base: &str| join(&Url::parse(base).unwrap(), "v1/messages").to_string();
    assert_eq!(joined("https://a.example"), "https://a.example/v1/messages");
    assert_eq!(joined("https://a.example/"), "https://a.example/v1/messages");
    assert_eq!(joined("https://a.example/proxy"), "https://a.example/proxy/v1/messages");
    assert_eq!(joined("https://a.example/proxy/"), "https://a.example/proxy/v1/messages");
    assert_eq!(joined("https://a.example/p?api-version=1"), "https://a.example/p/v1/messages?api-version=1");
}
