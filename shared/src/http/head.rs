//! Status and headers of responses, and the body of those that come whole.

use http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, ALLOW, CACHE_CONTROL, CONTENT_TYPE, ORIGIN, RETRY_AFTER,
    VARY, WWW_AUTHENTICATE,
};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};

use super::serve::{Answered, Front};
use super::{HttpRequest, Problem, ProblemHeader, sse};

/// A response that comes whole.
pub(super) struct Whole {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: String,
}

/// The headers of a stream of events.
pub(super) fn of_stream(front: &Front, request: &HttpRequest) -> HeaderMap {
    let mut headers = common(&request.request_id);
    put(&mut headers, CONTENT_TYPE, sse::EVENT_STREAM);
    cross_origin(front, request, &mut headers);
    headers
}

/// The response to a request.
pub(super) fn render(front: &Front, request: &HttpRequest, result: &Result<Answered, Problem>) -> Whole {
    let mut headers = common(&request.request_id);
    let (status, body) = match result {
        Ok(Answered::Reply(reply)) => {
            if reply.body.is_some() {
                put(&mut headers, CONTENT_TYPE, reply.content_type);
            }
            (reply.status, reply.body.clone().unwrap_or_default())
        }
        Ok(Answered::Options(allow)) => {
            put(&mut headers, ALLOW, allow);
            (StatusCode::NO_CONTENT, String::new())
        }
        Err(problem) => {
            add_problem(&mut headers, problem);
            (problem.kind.status(), problem.to_json(&request.request_id))
        }
    };
    cross_origin(front, request, &mut headers);
    // RFC 9110, 9.3.2: HEAD is GET without the content.
    Whole { status, headers, body: if request.is_head { String::new() } else { body } }
}

/// The headers of a handshake's answer.
pub(super) fn of_handshake(request_id: &str, refused: Option<&Problem>) -> HeaderMap {
    let mut headers = common(request_id);
    if let Some(problem) = refused {
        add_problem(&mut headers, problem);
    }
    headers
}

fn add_problem(headers: &mut HeaderMap, problem: &Problem) {
    put(headers, CONTENT_TYPE, "application/problem+json");
    match &problem.header {
        Some(ProblemHeader::Allow(value)) => put(headers, ALLOW, value),
        Some(ProblemHeader::Challenge(value)) => put(headers, WWW_AUTHENTICATE, value),
        None => {}
    }
    if let Some(after) = problem.retry_after_seconds() {
        put(headers, RETRY_AFTER, &after.to_string());
    }
}

fn common(request_id: &str) -> HeaderMap {
    let mut headers = HeaderMap::new();
    put(&mut headers, HeaderName::from_static("x-request-id"), request_id);
    put(&mut headers, HeaderName::from_static("x-content-type-options"), "nosniff");
    put(&mut headers, CACHE_CONTROL, "no-store");
    headers
}

/// CORS (WHATWG Fetch, "CORS protocol"): an origin that is not configured gets no header, and the browser refuses.
fn cross_origin(front: &Front, request: &HttpRequest, headers: &mut HeaderMap) {
    if front.allowed_origins.is_empty() {
        return;
    }
    put(headers, VARY, "Origin");
    let Some(origin) = request.header(&ORIGIN) else { return };
    let any = front.allowed_origins.contains("*");
    if !any && !front.allowed_origins.contains(origin) {
        return;
    }
    put(headers, ACCESS_CONTROL_ALLOW_ORIGIN, if any { "*" } else { origin });
    put(headers, ACCESS_CONTROL_EXPOSE_HEADERS, "x-request-id, retry-after, www-authenticate");
    if request.method == Method::OPTIONS {
        let Some(allow) = headers.get(ALLOW).cloned() else { return };
        headers.insert(ACCESS_CONTROL_ALLOW_METHODS, allow);
        put(headers, ACCESS_CONTROL_ALLOW_HEADERS, "authorization, content-type, idempotency-key");
        put(headers, ACCESS_CONTROL_MAX_AGE, "3600");
    }
}

fn put(headers: &mut HeaderMap, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::try_from(value) {
        headers.insert(name, value);
    }
}
