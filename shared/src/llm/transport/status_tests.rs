use http::{HeaderName, HeaderValue};

use super::*;

const NOON: Timestamp = Timestamp::from_millis(1_767_268_800_000);

fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
    pairs.iter().map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value))).collect()
}

fn wait(pairs: &[(&'static str, &'static str)]) -> Option<Duration> {
    error(429, &headers(pairs), b"", NOON).retry_after()
}

#[test]
fn retry_after_is_read_in_every_form() {
    assert_eq!(wait(&[("retry-after", "7")]), Some(Duration::from_secs(7)));
    assert_eq!(wait(&[("retry-after", "0.5")]), Some(Duration::from_millis(500)));
    assert_eq!(wait(&[("retry-after-ms", "250"), ("retry-after", "7")]), Some(Duration::from_millis(250)));
    assert_eq!(wait(&[("retry-after", "Thu, 01 Jan 2026 12:00:09 GMT")]), Some(Duration::from_secs(9)));
    assert_eq!(wait(&[("retry-after", "Thu, 01 Jan 2026 11:00:00 GMT")]), Some(Duration::ZERO), "past");
    let by_their_clock = [("retry-after", "Thu, 01 Jan 2026 18:00:05 GMT"), ("date", "Thu, 01 Jan 2026 18:00:00 GMT")];
    assert_eq!(wait(&by_their_clock), Some(Duration::from_secs(5)));
    for nonsense in ["soon", "-1", "NaN", "1e300", ""] {
        let value = HeaderValue::from_str(nonsense).unwrap();
        let headers = HeaderMap::from_iter([(RETRY_AFTER, value)]);
        assert_eq!(error(429, &headers, b"", NOON).retry_after(), None, "{nonsense}");
    }
}

#[test]
fn every_status_has_its_error() {
    let kind = |status, pairs: &[(&'static str, &'static str)]| error(status, &headers(pairs), b"", NOON);
    for status in [401, 403] {
        assert!(matches!(kind(status, &[]), LlmError::Unauthorized { .. }), "{status}");
    }
    for status in [429, 529] {
        assert!(matches!(kind(status, &[]), LlmError::Throttled { .. }), "{status}");
    }
    assert!(matches!(kind(503, &[("retry-after", "1")]), LlmError::Throttled { .. }));
    for status in [302, 400, 404, 422, 500, 502, 503, 504] {
        let error = kind(status, &[]);
        assert!(matches!(error, LlmError::Rejected { .. }), "{status}");
        assert_eq!(error.is_transient(), status >= 500, "{status}");
    }
}

#[test]
fn only_identifiers_become_codes() {
    let code = |body: &str| match error(400, &HeaderMap::new(), body.as_bytes(), NOON) {
        LlmError::Rejected { code, .. } => code,
        other => panic!("{other:?}"),
    };
    assert_eq!(code(r#"{"type":"error","error":{"type":"invalid_request_error"}}"#).unwrap(), "invalid_request_error");
    assert_eq!(code(r#"{"error":{"type":"a","code":"model_not_found"}}"#).unwrap(), "model_not_found");
    assert_eq!(code(r#"{"error":{"type":"a","code":400}}"#).unwrap(), "a");
    assert_eq!(code(r#"{"error":{"type":"a","code":null}}"#).unwrap(), "a");
    assert_eq!(code(r#"{"error":{"type":"a","code":[1]}}"#).unwrap(), "a");
    assert_eq!(code(r#"{"error":{"type":"a","code":"error_404"}}"#).unwrap(), "error_404");
    // It may be a key, or a part of one.
    assert_eq!(code(r#"{"error":{"type":"a","code":"sk_1234"}}"#).unwrap(), "a");
    for none in [
        "",
        "<html>",
        "{}",
        "[]",
        r#"{"error":"text"}"#,
        r#"{"error":{"code":"free text"}}"#,
        r#"{"error":{"code":"400"}}"#,
        r#"{"error":{"code":""}}"#,
        r#"{"error":{"code":"sk-a1b2c3d4"}}"#,
        &format!(r#"{{"error":{{"code":"{}"}}}}"#, "a".repeat(65)),
    ] {
        assert_eq!(code(none), None, "{none}");
    }
}

#[test]
fn a_prompt_over_the_context_is_an_error_of_its_own() {
    let overflow = |needed_tokens, context_tokens| ContextOverflow { needed_tokens, context_tokens };
    for (status, body, expected) in [
        (
            400,
            r#"{"type":"error","error":{"type":"invalid_request_error","message":"prompt is too long: 208310 tokens > 200000 maximum"}}"#,
            overflow(Some(208_310), Some(200_000)),
        ),
        (400, r#"{"error":{"code":"context_length_exceeded","message":"hidden"}}"#, overflow(None, None)),
        (
            400,
            r#"{"error":{"code":400,"message":"hidden","type":"exceed_context_size_error","n_prompt_tokens":5003,"n_ctx":4096}}"#,
            overflow(Some(5_003), Some(4_096)),
        ),
        (
            400,
            r#"{"object":"error","message":"This model's maximum context length is 16384 tokens. However, you requested 20000 tokens","type":"BadRequestError","code":400}"#,
            overflow(Some(20_000), Some(16_384)),
        ),
        (
            400,
            r#"{"error":{"code":400,"type":"exceed_context_size_error","n_prompt_tokens":"many","n_ctx":-1}}"#,
            overflow(None, None),
        ),
        (400, r#"{"error":"the input length exceeds the context length"}"#, overflow(None, None)),
        (500, r#"{"error":"input length exceeds maximum context length"}"#, overflow(None, None)),
    ] {
        let error = error(status, &HeaderMap::new(), body.as_bytes(), NOON);
        assert!(matches!(error, LlmError::ContextExceeded(seen) if seen == expected), "{body}: {error:?}");
        assert!(!error.is_transient());
    }
    let throttled = r#"{"error":{"message":"prompt is too long"}}"#;
    assert!(matches!(error(429, &HeaderMap::new(), throttled.as_bytes(), NOON), LlmError::Throttled { .. }));
}

#[test]
fn nothing_of_an_errors_text_is_kept() {
    let body = r#"{"error":{"message":"prompt is too long: hidden","type":"a"}}"#;
    let parsed: Body = serde_json::from_str(body).unwrap();
    assert!(!format!("{:?}", parsed.error).contains("hidden"), "{:?}", parsed.error);
}

#[test]
fn an_error_frame_equals_the_same_error_over_http() {
    let error = |text: &str| serde_json::from_str::<InBandError>(text).unwrap().into_error();
    assert!(matches!(error(r#"{"type":"overloaded_error"}"#), LlmError::Throttled { status: 529, .. }));
    assert!(matches!(error(r#"{"type":"rate_limit_error"}"#), LlmError::Throttled { status: 429, .. }));
    assert!(matches!(error(r#"{"type":"authentication_error"}"#), LlmError::Unauthorized { status: 401, .. }));
    assert!(matches!(error(r#"{"type":"invalid_request_error"}"#), LlmError::Rejected { status: 400, .. }));
    assert!(matches!(error(r#"{"code":"503","type":"x"}"#), LlmError::Rejected { status: 503, .. }));
    assert!(matches!(error(r#"{"code":200}"#), LlmError::Rejected { status: 500, .. }));
    assert!(matches!(error(r#"{"type":"new_error"}"#), LlmError::Rejected { status: 500, .. }));
}
