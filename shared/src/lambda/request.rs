//! An HTTP request, whichever event it came in.

use std::time::Duration;

use http::{HeaderMap, HeaderName, Method};

use super::{BadBase64, GatewayEvent, Invocation, Source};
use crate::domain::Timestamp;
use crate::runner::Deadline;

/// The longest trace that is taken from a header; the platform's own have some 120 bytes.
const MAX_TRACE_BYTES: usize = 256;

/// An HTTP request.
#[derive(derive_more::Debug)]
pub struct HttpRequest {
    /// The method; `GET` where it is `HEAD`.
    pub method: Method,
    /// Whether the method is `HEAD`, which is answered as `GET` is, without the content.
    pub is_head: bool,
    /// The path, without the stage, percent-encoded.
    pub path: String,
    /// The query's parameters.
    #[debug("[{} parameters]", query.len())]
    pub query: Vec<(String, String)>,
    /// The headers.
    #[debug("[{} headers]", headers.len())]
    pub headers: HeaderMap,
    /// The body.
    #[debug("{:?} bytes", body.as_ref().map(Vec::len))]
    pub body: Result<Vec<u8>, BadBase64>,
    /// The kind of front door that sent the event.
    pub source: Source,
    /// The client's network address.
    #[debug("[hidden]")]
    pub client_address: Option<String>,
    /// Lambda's id of the invocation.
    pub request_id: String,
    /// The trace: the platform's, else that of the request's header where it is well-formed.
    pub trace_id: Option<String>,
    /// When the event arrived.
    pub arrived: Timestamp,
    /// When the answer is due.
    pub deadline: Deadline,
}

/// Returns the trace of the request's header, or `None` if it does not have the form of a trace: fields of letters, digits
/// and hyphens, `Root=1-…;Parent=…;Sampled=1` (AWS X-Ray Developer Guide, "Tracing header").
fn incoming_trace(headers: &HeaderMap) -> Option<String> {
    let is_part =
        |part: &str| part.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b':' | b'_'));
    let is_field = |field: &str| field.split_once('=').is_some_and(|(name, value)| is_part(name) && is_part(value));
    let text = headers.get("x-amzn-trace-id")?.to_str().ok()?;
    (text.len() <= MAX_TRACE_BYTES && text.split(';').all(is_field)).then(|| text.to_owned())
}

impl HttpRequest {
    /// Reads an event. `limit` is the front door's limit for one request.
    #[must_use]
    pub fn new(event: GatewayEvent, invocation: &Invocation, arrived: Timestamp, limit: Duration) -> Self {
        let headers = event.headers();
        // Clients can set the header, so it counts only where the platform names no trace.
        let trace_id = invocation.trace_id.clone().or_else(|| incoming_trace(&headers));
        let method = event.method();
        // `HEAD` is answered as `GET` is, so that no route needs to know it.
        let is_head = method == Method::HEAD;
        Self {
            method: if is_head { Method::GET } else { method },
            is_head,
            path: event.path().to_owned(),
            query: event.query(),
            source: event.source(),
            client_address: event.client_address(),
            request_id: invocation.request_id.clone(),
            trace_id,
            arrived,
            deadline: Deadline::new(arrived, invocation.function_ends, limit),
            body: event.body(),
            headers,
        }
    }

    /// Returns a header's first value, or `None` if it is absent or not text.
    #[must_use]
    pub fn header(&self, name: &HeaderName) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// Returns whether this is a load balancer's own health check, which names none of our paths and carries no token.
    /// Requests that come through a load balancer have `X-Forwarded-For`; its own checks do not.
    #[must_use]
    pub fn is_health_check(&self) -> bool {
        let agent = self.header(&http::header::USER_AGENT).unwrap_or_default();
        self.source == Source::LoadBalancer
            && self.method == Method::GET
            && agent.starts_with("ELB-HealthChecker/")
            && !self.headers.contains_key("x-forwarded-for")
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn trace(platform: Option<&str>, header: &str) -> Option<String> {
        let event = json!({"headers": {"x-amzn-trace-id": header}});
        let event = serde_json::from_value(event).unwrap();
        let now = Timestamp::from_millis(1_700_000_000_000);
        let invocation = Invocation {
            request_id: "r".to_owned(),
            trace_id: platform.map(str::to_owned),
            function_ends: now,
            cold_start: false,
        };
        HttpRequest::new(event, &invocation, now, Duration::from_secs(1)).trace_id
    }

    #[test]
    fn the_platforms_trace_goes_before_the_clients() {
        assert_eq!(trace(Some("Root=1-platform"), "Root=1-client").as_deref(), Some("Root=1-platform"));
        assert_eq!(trace(None, "Root=1-client;Sampled=1").as_deref(), Some("Root=1-client;Sampled=1"));
    }

    #[test]
    fn a_header_that_is_not_a_trace_is_ignored() {
        let long = format!("Root={}", "1".repeat(MAX_TRACE_BYTES));
        for header in ["", "text", "Root=1 2", "Root=\"1\"", "Root=1;;Sampled=1", &long] {
            assert_eq!(trace(None, header), None, "{header}");
        }
    }
}
