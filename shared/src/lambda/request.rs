//! An HTTP request, whichever event it came in.

use std::time::Duration;

use http::{HeaderMap, HeaderName, Method};

use super::{BadBase64, GatewayEvent, Invocation, Source};
use crate::domain::Timestamp;
use crate::runner::Deadline;

/// An HTTP request.
#[derive(Debug)]
pub struct HttpRequest {
    /// The method; `GET` where it is `HEAD`.
    pub method: Method,
    /// Whether the method is `HEAD`, which is answered as `GET` is, without the content.
    pub is_head: bool,
    /// The path, without the stage, percent-encoded.
    pub path: String,
    /// The query's parameters.
    pub query: Vec<(String, String)>,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: Result<Vec<u8>, BadBase64>,
    /// The kind of front door that sent the event.
    pub source: Source,
    /// Lambda's id of the invocation.
    pub request_id: String,
    /// The trace: the client's or front door's header, else the platform's.
    pub trace_id: Option<String>,
    /// When the event arrived.
    pub arrived: Timestamp,
    /// When the answer is due.
    pub deadline: Deadline,
}

impl HttpRequest {
    /// Reads an event. `limit` is the front door's limit for one request.
    #[must_use]
    pub fn new(event: GatewayEvent, invocation: &Invocation, arrived: Timestamp, limit: Duration) -> Self {
        let headers = event.headers();
        let incoming = headers.get("x-amzn-trace-id").and_then(|value| value.to_str().ok()).map(str::to_owned);
        let method = event.method();
        // `HEAD` is answered as `GET` is, so that no route needs to know it.
        let is_head = method == Method::HEAD;
        Self {
            method: if is_head { Method::GET } else { method },
            is_head,
            path: event.path().to_owned(),
            query: event.query(),
            source: event.source(),
            request_id: invocation.request_id.clone(),
            trace_id: incoming.or_else(|| invocation.trace_id.clone()),
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
