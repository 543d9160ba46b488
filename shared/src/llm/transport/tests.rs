use std::sync::atomic::Ordering;

use serde_json::{Value, json};
use wiremock::matchers::{header, path};
use wiremock::{Mock, MockServer, ResponseTemplate};

use super::*;
use crate::llm::StreamEvent;
use crate::llm::test_support::*;

fn key() -> KeyHeader {
    KeyHeader { name: HeaderName::from_static("x-api-key"), prefix: "" }
}

fn http(resolver: Arc<RotatingSecrets>, settings: &ProviderSettings) -> ProviderHttp {
    ProviderHttp::new(&context(resolver), settings, key(), HeaderMap::new()).unwrap()
}

async fn post(http: &ProviderHttp) -> Result<Value, LlmError> {
    http.post("v1/path", &json!({"a": 1})).await
}

async fn server_with(template: ResponseTemplate) -> MockServer {
    let server = MockServer::start().await;
    Mock::given(path("/v1/path")).respond_with(template).mount(&server).await;
    server
}

#[tokio::test]
async fn a_rotated_key_causes_no_error() {
    let server = MockServer::start().await;
    let keyed = |key: &str| Mock::given(header("x-api-key", key));
    keyed("old").respond_with(ResponseTemplate::new(401)).expect(1).mount(&server).await;
    keyed("new").respond_with(ResponseTemplate::new(200).set_body_string("{}")).expect(1).mount(&server).await;
    let resolver = RotatingSecrets::new(&["old", "new"]);
    assert_eq!(post(&http(resolver.clone(), &settings(&server.uri()))).await.unwrap(), json!({}));
    assert_eq!(resolver.renewals.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_rotated_key_causes_no_error_of_a_stream() {
    let server = MockServer::start().await;
    Mock::given(header("x-api-key", "old")).respond_with(ResponseTemplate::new(403)).mount(&server).await;
    Mock::given(header("x-api-key", "new")).respond_with(ResponseTemplate::new(200)).mount(&server).await;
    let http = http(RotatingSecrets::new(&["old", "new"]), &settings(&server.uri()));
    assert!(http.post_streaming("v1/path", "text/event-stream", &json!({})).await.is_ok());
}

#[tokio::test]
async fn an_unchanged_bad_key_is_sent_once() {
    let server = MockServer::start().await;
    let refusal = ResponseTemplate::new(401).set_body_string(r#"{"error":{"type":"authentication_error"}}"#);
    Mock::given(path("/v1/path")).respond_with(refusal).expect(1).mount(&server).await;
    let resolver = RotatingSecrets::new(&["bad"]);
    let error = post(&http(resolver.clone(), &settings(&server.uri()))).await.unwrap_err();
    let LlmError::Unauthorized { status: 401, code: Some(code) } = &error else { panic!("{error:?}") };
    assert_eq!(code, "authentication_error");
    assert_eq!(resolver.renewals.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_refused_new_key_is_not_renewed_again() {
    let server = MockServer::start().await;
    Mock::given(path("/v1/path")).respond_with(ResponseTemplate::new(401)).expect(2).mount(&server).await;
    let resolver = RotatingSecrets::new(&["old", "new", "newer"]);
    assert!(post(&http(resolver.clone(), &settings(&server.uri()))).await.is_err());
    assert_eq!(resolver.renewals.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn an_unavailable_key_prevents_the_request() {
    let server = server_with(ResponseTemplate::new(200).set_body_string("{}")).await;
    let error = post(&http(RotatingSecrets::new(&[]), &settings(&server.uri()))).await;
    assert!(matches!(error, Err(LlmError::Secret(_))));
    assert!(server.received_requests().await.unwrap().is_empty());
}

#[tokio::test]
async fn a_key_may_end_with_a_line_break_but_not_contain_one() {
    let server = MockServer::start().await;
    let ok = ResponseTemplate::new(200).set_body_string("{}");
    Mock::given(header("x-api-key", "pasted")).respond_with(ok).mount(&server).await;
    assert!(post(&http(RotatingSecrets::new(&["pasted\n"]), &settings(&server.uri()))).await.is_ok());
    let error = post(&http(RotatingSecrets::new(&["two\nlines"]), &settings(&server.uri()))).await;
    assert!(matches!(error, Err(LlmError::Secret(SecretError::Unusable { .. }))));
}

#[tokio::test]
async fn configured_headers_replace_the_providers_own() {
    let server = MockServer::start().await;
    let ok = ResponseTemplate::new(200).set_body_string("{}");
    Mock::given(header("anthropic-version", "literal")).respond_with(ok).mount(&server).await;
    let name = HeaderName::from_static("anthropic-version");
    let mut settings = settings(&server.uri());
    settings.headers.push((name.clone(), SecretTemplate::literal("literal")));
    let fixed = HeaderMap::from_iter([(name, HeaderValue::from_static("2023-06-01"))]);
    let http = ProviderHttp::new(&context(RotatingSecrets::new(&["k"])), &settings, key(), fixed).unwrap();
    assert!(post(&http).await.is_ok());
}

#[tokio::test]
async fn settings_of_which_no_request_can_be_made_are_refused() {
    let context = context(RotatingSecrets::new(&[]));
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
    let server = server_with(ResponseTemplate::new(307).insert_header("location", "/elsewhere")).await;
    let error = post(&http(RotatingSecrets::new(&["k"]), &settings(&server.uri()))).await;
    assert!(matches!(error, Err(LlmError::Rejected { status: 307, .. })));
    assert_eq!(server.received_requests().await.unwrap().len(), 1);
}

#[tokio::test]
async fn incomplete_json_is_malformed_and_an_incomplete_body_broken_off() {
    let server = server_with(ResponseTemplate::new(200).set_body_string("{\"a\":")).await;
    let error = post(&http(RotatingSecrets::new(&["k"]), &settings(&server.uri()))).await;
    assert!(matches!(error, Err(LlmError::Malformed(_))), "{error:?}");

    let cut = b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{\"a\":1}".to_vec();
    let error = post(&http(RotatingSecrets::new(&["k"]), &settings(&raw_server(cut, Duration::ZERO).await))).await;
    assert!(matches!(error, Err(LlmError::BrokenOff(_))), "{error:?}");
}

#[tokio::test]
async fn an_incomplete_stream_ends_with_an_error() {
    let cut = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n".to_vec();
    let http = http(RotatingSecrets::new(&["k"]), &settings(&raw_server(cut, Duration::ZERO).await));
    let (mut stream, _timeouts) = http.post_streaming("v1/path", "text/event-stream", &json!({})).await.unwrap();
    let next = async || futures_util::StreamExt::next(&mut stream).await;
    let mut next = next;
    assert_eq!(next().await.unwrap().unwrap(), "abc");
    assert!(matches!(next().await, Some(Err(LlmError::BrokenOff(_)))));
    assert!(next().await.is_none());
}

#[tokio::test]
async fn a_response_over_16_mb_is_malformed() {
    let announced = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n", 17 * 1024 * 1024).into_bytes();
    let error =
        post(&http(RotatingSecrets::new(&["k"]), &settings(&raw_server(announced, Duration::from_mins(1)).await)))
            .await;
    assert!(matches!(error, Err(LlmError::Malformed(_))), "{error:?}");

    let mut endless = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n".to_vec();
    for _ in 0..17 {
        endless.extend_from_slice(b"100000\r\n");
        endless.resize(endless.len() + 1024 * 1024, b' ');
        endless.extend_from_slice(b"\r\n");
    }
    let error =
        post(&http(RotatingSecrets::new(&["k"]), &settings(&raw_server(endless, Duration::from_mins(1)).await))).await;
    assert!(matches!(error, Err(LlmError::Malformed(_))), "{error:?}");
}

#[tokio::test]
async fn silence_times_out_before_and_within_a_response() {
    let silent = ProviderSettings {
        request_timeout: Duration::from_millis(50),
        idle_timeout: Duration::from_millis(50),
        ..settings(&raw_server(Vec::new(), Duration::from_mins(1)).await)
    };
    assert!(matches!(post(&http(RotatingSecrets::new(&["k"]), &silent)).await, Err(LlmError::TimedOut)));

    let stalls = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n".to_vec();
    let stalling = ProviderSettings {
        idle_timeout: Duration::from_millis(50),
        ..settings(&raw_server(stalls, Duration::from_mins(1)).await)
    };
    let http = http(RotatingSecrets::new(&["k"]), &stalling);
    let (stream, timeouts) = http.post_streaming("v1/path", "text/event-stream", &json!({})).await.unwrap();
    timeouts.observe(&StreamEvent::TextDelta("abc".to_owned()));
    let chunks: Vec<_> = futures_util::StreamExt::collect(stream).await;
    assert!(matches!(chunks.as_slice(), [Ok(_), Err(LlmError::TimedOut)]), "{chunks:?}");
}

/// A model that thinks before it writes: its stream begins at once, and its first text comes later than `idle_timeout` allows.
#[tokio::test]
async fn silence_before_the_first_text_is_limited_by_the_requests_time_alone() {
    let stalls = || b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n".to_vec();
    let idle_timeout = Duration::from_millis(20);
    for (request_timeout, events) in
        [(Duration::from_millis(400), Vec::new()), (Duration::from_millis(400), vec![usage()])]
    {
        let url = raw_server(stalls(), Duration::from_millis(200)).await;
        let thinking = ProviderSettings { request_timeout, idle_timeout, ..settings(&url) };
        let http = http(RotatingSecrets::new(&["k"]), &thinking);
        let (stream, timeouts) = http.post_streaming("v1/path", "text/event-stream", &json!({})).await.unwrap();
        for event in &events {
            timeouts.observe(event);
        }
        let chunks: Vec<_> = futures_util::StreamExt::collect(stream).await;
        // The server closes the connection after 200 ms, which is ten times the limit on silence.
        assert!(matches!(chunks.as_slice(), [Ok(_), Err(LlmError::BrokenOff(_))]), "{chunks:?}");
    }
    let url = raw_server(stalls(), Duration::from_mins(1)).await;
    let silent = ProviderSettings { request_timeout: Duration::from_millis(100), ..settings(&url) };
    let http = http(RotatingSecrets::new(&["k"]), &silent);
    let (stream, _timeouts) = http.post_streaming("v1/path", "text/event-stream", &json!({})).await.unwrap();
    let chunks: Vec<_> = futures_util::StreamExt::collect(stream).await;
    assert!(matches!(chunks.as_slice(), [Ok(_), Err(LlmError::TimedOut)]), "{chunks:?}");
}

fn usage() -> StreamEvent {
    StreamEvent::Usage(crate::domain::Usage { input_tokens: 1, output_tokens: 0 })
}

#[tokio::test]
async fn a_closed_port_is_unreachable() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let error = post(&http(RotatingSecrets::new(&["k"]), &settings(&format!("http://{address}")))).await;
    assert!(matches!(error, Err(LlmError::Unreachable(_))), "{error:?}");
}

#[tokio::test]
async fn errors_contain_no_key_no_url_and_no_free_text() {
    let body = r#"{"error":{"type":"Your key sk-abc is bad","code":"so is: this","message":"sk-abc"}}"#;
    let server = server_with(ResponseTemplate::new(401).set_body_string(body)).await;
    let error = post(&http(RotatingSecrets::new(&["sk-abc"]), &settings(&server.uri()))).await.unwrap_err();
    let text = format!("{error} {error:?}");
    assert!(!text.contains("sk-abc") && !text.contains("127.0.0.1"), "{text}");
}

#[test]
fn paths_are_joined_with_and_without_a_trailing_slash() {
    let joined = |base: &str| join(&Url::parse(base).unwrap(), "v1/messages").to_string();
    assert_eq!(joined("https://a.example"), "https://a.example/v1/messages");
    assert_eq!(joined("https://a.example/"), "https://a.example/v1/messages");
    assert_eq!(joined("https://a.example/proxy"), "https://a.example/proxy/v1/messages");
    assert_eq!(joined("https://a.example/proxy/"), "https://a.example/proxy/v1/messages");
    assert_eq!(joined("https://a.example/p?api-version=1"), "https://a.example/p/v1/messages?api-version=1");
}
