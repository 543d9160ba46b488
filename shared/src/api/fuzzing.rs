//! The targets of `fuzz/` for what callers and front doors send; the tests run them briefly too. Each checks that any bytes
//! are read or refused, without a panic.
#![expect(clippy::missing_panics_doc, reason = "a fuzz target fails by panicking")]

use std::time::Duration;

use http::HeaderMap;
use http::header::ACCEPT;
use serde_json::json;

use super::pagination::{list_cursor, transcript_cursor, write_list_cursor, write_transcript_cursor};
use super::v1::invoke;
use super::{read_json, resolve};
use crate::auth::bearer_token;
use crate::domain::{SecretTemplate, TemplatePart, Timestamp};
use crate::http::{Offer, body_type, choose};
use crate::lambda::{GatewayEvent, HttpRequest, Invocation, WebSocketEvent};

/// Reads the bytes as an HTTP event of any front door, and what the handlers read of a request.
pub fn http_event(bytes: &[u8]) {
    let Ok(event) = serde_json::from_slice::<GatewayEvent>(bytes) else { return };
    let request = request(event);
    let _route = resolve(&request.path);
    let _type = choose(&[Offer::JSON, Offer::NAMED_EVENT_STREAM], &request.headers);
    let _body = body_type(&request.headers);
    let _token = bearer_token(request.header(&http::header::AUTHORIZATION));
    let _cursors = (list_cursor(&request), transcript_cursor(&request));
    if let Ok(body) = &request.body {
        let _document = read_json(body, "the body");
    }
    assert!(!request.is_health_check() || request.header(&http::header::USER_AGENT).is_some());
}

/// Reads the bytes as an event of a WebSocket API.
pub fn websocket_event(bytes: &[u8]) {
    let Ok(mut event) = serde_json::from_slice::<WebSocketEvent>(bytes) else { return };
    let _failed = event.take_failed_invocation();
    let _kind = event.into_kind();
}

/// Reads the bytes as the cursor of both lists. A cursor that is read is written as it was.
pub fn cursor(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let request = with_cursor(text);
    let (list, transcript) = (list_cursor(&request), transcript_cursor(&request));
    assert!(list.is_err() || transcript.is_err(), "a cursor belongs to one list");
    if let Ok(Some(cursor)) = list {
        assert_eq!(list_cursor(&with_cursor(&write_list_cursor(cursor))).ok().flatten(), Some(cursor));
    }
    if let Ok(after) = transcript {
        assert_eq!(transcript_cursor(&with_cursor(&write_transcript_cursor(after))).ok(), Some(after));
    }
}

/// Reads the bytes as the header `Accept`.
pub fn accept(bytes: &[u8]) {
    let Ok(value) = http::HeaderValue::from_bytes(bytes) else { return };
    let headers = HeaderMap::from_iter([(ACCEPT, value)]);
    if let Ok(chosen) = choose(&[Offer::NAMED_EVENT_STREAM], &headers) {
        assert_eq!(choose(&[Offer::EVENT_STREAM], &headers).ok(), Some(chosen), "a named type is accepted anyway");
    }
    let _either = choose(&[Offer::JSON, Offer::NAMED_EVENT_STREAM], &headers);
}

/// Reads the bytes as the header `Idempotency-Key`.
pub fn idempotency_key(bytes: &[u8]) {
    let Ok(value) = http::HeaderValue::from_bytes(bytes) else { return };
    let mut headers = HeaderMap::from_iter([(http::HeaderName::from_static("idempotency-key"), value)]);
    if let Ok(Some(key)) = invoke::idempotency_key(&headers) {
        assert!((1..=255).contains(&key.len()) && key.bytes().all(|byte| byte.is_ascii_graphic()));
    }
    headers.append("idempotency-key", http::HeaderValue::from_static("another"));
    assert!(invoke::idempotency_key(&headers).is_err(), "two keys are refused");
}

/// Reads the bytes as a value of the configuration with references to secrets. A reference is written as it was read.
pub fn template(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let Ok(template) = SecretTemplate::parse(text) else { return };
    let written: String = template
        .parts()
        .iter()
        .map(|part| match part {
            TemplatePart::Literal(text) => text.clone(),
            TemplatePart::Reference(reference) => format!("{{{{ {reference} }}}}"),
        })
        .collect();
    assert_eq!(SecretTemplate::parse(&written).ok(), Some(template));
}

fn request(event: GatewayEvent) -> HttpRequest {
    let now = Timestamp::from_millis(0);
    let invocation = Invocation { request_id: String::new(), trace_id: None, function_ends: now, cold_start: false };
    HttpRequest::new(event, &invocation, now, Duration::from_secs(1))
}

fn with_cursor(cursor: &str) -> HttpRequest {
    let event = json!({ "path": "/v1/conversations", "queryStringParameters": { "cursor": cursor } });
    request(serde_json::from_value(event).unwrap_or_default())
}

#[cfg(test)]
#[path = "fuzzing_tests.rs"]
mod tests;
