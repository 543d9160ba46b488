//! Status and headers of responses, and the body of buffered ones.

use std::collections::BTreeSet;

use http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, ALLOW, CACHE_CONTROL, CONTENT_TYPE, LOCATION, ORIGIN,
    RETRY_AFTER, VARY, WWW_AUTHENTICATE,
};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};

use super::{Problem, ProblemHeader, Reply, sse};
use crate::lambda::HttpRequest;

const RATE_LIMIT_POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");
const RATE_LIMIT: HeaderName = HeaderName::from_static("ratelimit");

/// A response with its whole body.
pub struct BufferedResponse {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body; empty for `HEAD`.
    pub body: String,
}

/// Returns the headers of a stream of events.
#[must_use]
pub fn stream_headers(allowed_origins: &BTreeSet<String>, request: &HttpRequest) -> HeaderMap {
    let mut headers = common_headers(&request.request_id);
    put(&mut headers, CONTENT_TYPE, sse::EVENT_STREAM);
    add_cors(allowed_origins, request, &mut headers);
    headers
}

/// Returns the response to a request.
#[must_use]
pub fn render(
    allowed_origins: &BTreeSet<String>,
    request: &HttpRequest,
    result: Result<Reply, Problem>,
) -> BufferedResponse {
    let mut headers = common_headers(&request.request_id);
    let (status, body) = match result {
        Ok(reply) => {
            if let Some(media_type) = reply.media_type.filter(|_| reply.body.is_some()) {
                put(&mut headers, CONTENT_TYPE, media_type);
            }
            if let Some(location) = &reply.location {
                put(&mut headers, LOCATION, location);
            }
            if let Some(allow) = &reply.allow {
                put(&mut headers, ALLOW, allow);
            }
            (reply.status, reply.body.unwrap_or_default())
        }
        Err(problem) => {
            add_problem_headers(&mut headers, &problem);
            (problem.kind.status(), problem.to_json(&request.request_id))
        }
    };
    add_cors(allowed_origins, request, &mut headers);
    // RFC 9110, section 9.3.2: HEAD is GET without the content.
    BufferedResponse { status, headers, body: if request.is_head { String::new() } else { body } }
}

/// Returns the headers of the response to a WebSocket handshake.
#[must_use]
pub fn handshake_headers(request_id: &str, refused: Option<&Problem>) -> HeaderMap {
    let mut headers = common_headers(request_id);
    if let Some(problem) = refused {
        add_problem_headers(&mut headers, problem);
    }
    headers
}

fn add_problem_headers(headers: &mut HeaderMap, problem: &Problem) {
    put(headers, CONTENT_TYPE, "application/problem+json");
    match &problem.header {
        Some(ProblemHeader::Allow(value)) => put(headers, ALLOW, value),
        Some(ProblemHeader::Challenge(value)) => put(headers, WWW_AUTHENTICATE, value),
        Some(ProblemHeader::RateLimit { policy, quota }) => {
            let seconds = problem.retry_after_seconds().unwrap_or(1);
            put(headers, RATE_LIMIT_POLICY, &format!("\"{policy}\";q={quota}"));
            put(headers, RATE_LIMIT, &format!("\"{policy}\";r=0;t={seconds}"));
        }
        None => {}
    }
    if let Some(after) = problem.retry_after_seconds() {
        put(headers, RETRY_AFTER, &after.to_string());
    }
}

fn common_headers(request_id: &str) -> HeaderMap {
    let mut headers = HeaderMap::new();
    put(&mut headers, HeaderName::from_static("x-request-id"), request_id);
    // A browser that guesses types might render a model's text as HTML.
    put(&mut headers, HeaderName::from_static("x-content-type-options"), "nosniff");
    // A response belongs to one caller, so no cache may keep it.
    put(&mut headers, CACHE_CONTROL, "no-store");
    headers
}

/// Adds the CORS headers (WHATWG Fetch, "CORS protocol").
fn add_cors(allowed_origins: &BTreeSet<String>, request: &HttpRequest, headers: &mut HeaderMap) {
    // Without configured origins the response is the same for every page, so it does not vary.
    if allowed_origins.is_empty() {
        return;
    }
    // Sent even without the headers below, because these depend on the origin.
    put(headers, VARY, "Origin");
    let Some(origin) = request.header(&ORIGIN) else { return };
    let any = allowed_origins.contains("*");
    // Without these headers the browser refuses the response.
    if !any && !allowed_origins.contains(origin) {
        return;
    }
    put(headers, ACCESS_CONTROL_ALLOW_ORIGIN, if any { "*" } else { origin });
    // A page may read only the headers that are listed here.
    put(
        headers,
        ACCESS_CONTROL_EXPOSE_HEADERS,
        "x-request-id, retry-after, www-authenticate, ratelimit, ratelimit-policy, location",
    );
    if request.method == Method::OPTIONS {
        // An unknown path has no methods to allow.
        let Some(allow) = headers.get(ALLOW).cloned() else { return };
        headers.insert(ACCESS_CONTROL_ALLOW_METHODS, allow);
        put(headers, ACCESS_CONTROL_ALLOW_HEADERS, "authorization, content-type, idempotency-key");
        put(headers, ACCESS_CONTROL_MAX_AGE, "3600");
    }
}

fn put(headers: &mut HeaderMap, name: HeaderName, value: &str) {
    // A header is left out if its value cannot stand in one; the response itself must not fail.
    if let Ok(value) = HeaderValue::try_from(value) {
        headers.insert(name, value);
    }
}
