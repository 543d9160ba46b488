//! Problem documents (RFC 9457).

use std::time::Duration;

use http::StatusCode;
use schemars::JsonSchema;
use serde::Serialize;

use super::HealthCheck;

/// A kind of problem, with its own URN, title and status.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ProblemKind {
    /// 400: the body cannot be read.
    InvalidBody,
    /// 400: a query parameter or cursor cannot be read.
    InvalidParameter,
    /// 401: no valid token.
    InvalidToken,
    /// 403: policy forbids the act.
    Forbidden,
    /// 404: unknown, or not visible to this caller.
    NotFound,
    /// 405: the path does not support this method.
    MethodNotAllowed,
    /// 406: no acceptable media type.
    NotAcceptable,
    /// 409: other turns were committed first until the deadline.
    Contention,
    /// 409: the idempotency key was used with another body.
    IdempotencyConflict,
    /// 409: a request with the same idempotency key is running.
    RequestInProgress,
    /// 413: the prompt or the body is too large.
    TooLarge,
    /// 415: the body has an unsupported type.
    UnsupportedMediaType,
    /// 422: the body is JSON but not a valid request.
    InvalidRequest,
    /// 422: the model does not support what the request asks for.
    UnsupportedByModel,
    /// 429: too many runs or connections at once.
    TooManyRequests,
    /// 499: the client cancelled the run; over WebSocket.
    Cancelled,
    /// 499: the client left. For the log alone, since no client can read it.
    ClientGone,
    /// 500: our bug.
    Internal,
    /// 500: a template or a condition of the agent's states has no value.
    GraphFailed,
    /// 502: an action of the agent failed.
    ActionFailed,
    /// 502: the provider answered with an error of its own or with an invalid response.
    ProviderFailed,
    /// 503: provider, store, secrets or key set cannot be reached.
    Unavailable,
    /// 504: the deadline passed.
    DeadlineExceeded,
}

impl ProblemKind {
    /// The kinds that an HTTP response can have, by status.
    pub const ALL: [Self; 21] = [
        Self::InvalidBody,
        Self::InvalidParameter,
        Self::InvalidToken,
        Self::Forbidden,
        Self::NotFound,
        Self::MethodNotAllowed,
        Self::NotAcceptable,
        Self::Contention,
        Self::IdempotencyConflict,
        Self::RequestInProgress,
        Self::TooLarge,
        Self::UnsupportedMediaType,
        Self::InvalidRequest,
        Self::UnsupportedByModel,
        Self::TooManyRequests,
        Self::Internal,
        Self::GraphFailed,
        Self::ActionFailed,
        Self::ProviderFailed,
        Self::Unavailable,
        Self::DeadlineExceeded,
    ];

    /// A further problem that only an `error` event of a WebSocket may have.
    #[cfg(any(test, feature = "testing"))]
    pub const WEBSOCKET_ONLY: [Self; 1] = [Self::Cancelled];

    /// Returns the status, the name in the URN, and the title.
    const fn row(self) -> (u16, &'static str, &'static str) {
        match self {
            Self::InvalidBody => (400, "invalid-body", "The body cannot be read"),
            Self::InvalidParameter => (400, "invalid-parameter", "A parameter cannot be read"),
            Self::InvalidToken => (401, "invalid-token", "A valid token is required"),
            Self::Forbidden => (403, "forbidden", "Policy forbids this"),
            Self::NotFound => (404, "not-found", "Not found"),
            Self::MethodNotAllowed => (405, "method-not-allowed", "The path does not support this method"),
            Self::NotAcceptable => (406, "not-acceptable", "No acceptable media type"),
            Self::Contention => (409, "contention", "Other turns were committed first"),
            Self::IdempotencyConflict => {
                (409, "idempotency-conflict", "The idempotency key was used with another body")
            }
            Self::RequestInProgress => (409, "request-in-progress", "The same request is running"),
            Self::TooLarge => (413, "too-large", "Too large"),
            Self::UnsupportedMediaType => (415, "unsupported-media-type", "The body's type is not supported"),
            Self::InvalidRequest => (422, "invalid-request", "The request is not valid"),
            Self::UnsupportedByModel => (422, "unsupported-by-model", "The model does not support this"),
            Self::TooManyRequests => (429, "too-many-requests", "Too many requests"),
            // No standard status says that the client ended the request; 499 is the one that nginx logs.
            Self::Cancelled => (499, "cancelled", "The run was cancelled"),
            Self::ClientGone => (499, "client-gone", "The client left"),
            Self::Internal => (500, "internal", "Internal error"),
            Self::GraphFailed => (500, "graph-failed", "A state of the agent cannot be evaluated"),
            Self::ActionFailed => (502, "action-failed", "An action of the agent failed"),
            Self::ProviderFailed => (502, "provider-failed", "The model's provider failed"),
            Self::Unavailable => (503, "unavailable", "Temporarily unavailable"),
            Self::DeadlineExceeded => (504, "deadline-exceeded", "The deadline passed"),
        }
    }

    /// Returns the HTTP status.
    #[must_use]
    pub fn status(self) -> StatusCode {
        StatusCode::from_u16(self.row().0).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    /// Returns the title, for people.
    #[must_use]
    pub const fn title(self) -> &'static str {
        self.row().2
    }

    /// Returns the document's `type`.
    #[must_use]
    pub fn urn(self) -> String {
        format!("urn:openclaw:problem:{}", self.name())
    }

    /// Returns the short name, as in logs.
    #[must_use]
    pub const fn name(self) -> &'static str {
        self.row().1
    }
}

/// A fault in one member of the body.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct FieldFault {
    /// A JSON pointer to the member (RFC 6901).
    pub pointer: String,
    /// What is wrong and what is allowed.
    pub detail: String,
}

/// A member that only some kinds of problem have.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ProblemMember {
    /// The members of the body at fault.
    Errors(Vec<FieldFault>),
    /// The policies that forbid the request.
    PolicyIds(Vec<String>),
    /// Every part that was checked.
    Parts(Vec<HealthCheck>),
}

/// A header that only some kinds of problem have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ProblemHeader {
    /// The value of `Allow`.
    Allow(String),
    /// The value of `WWW-Authenticate`.
    Challenge(String),
    /// The values of `RateLimit-Policy` and `RateLimit`: an exhausted quota (IETF draft
    /// "`RateLimit` header fields for HTTP").
    RateLimit {
        /// The name of the quota's policy.
        policy: &'static str,
        /// The quota.
        quota: u32,
    },
}

/// A problem, as the client reads it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Its kind.
    pub kind: ProblemKind,
    /// What was wrong and what to do; never a secret, a stack or another tenant's data.
    pub detail: String,
    /// How long to wait before the next try.
    pub retry_after: Option<Duration>,
    /// The member that its kind adds.
    pub member: Option<ProblemMember>,
    /// The header that its kind adds.
    pub header: Option<ProblemHeader>,
}

/// The document's members (RFC 9457, section 3.1) and our extensions.
#[derive(Serialize)]
struct Document<'a> {
    r#type: String,
    title: &'static str,
    status: u16,
    detail: &'a str,
    instance: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    retry_after_seconds: Option<u64>,
    #[serde(flatten)]
    member: Option<&'a ProblemMember>,
}

impl Problem {
    /// Creates a problem.
    pub fn new(kind: ProblemKind, detail: impl Into<String>) -> Self {
        Self { kind, detail: detail.into(), retry_after: None, member: None, header: None }
    }

    /// Adds how long to wait before the next try.
    #[must_use]
    pub fn retry_after(mut self, after: Duration) -> Self {
        self.retry_after = Some(after);
        self
    }

    /// Adds a member.
    #[must_use]
    pub fn with(mut self, member: ProblemMember) -> Self {
        self.member = Some(member);
        self
    }

    /// Adds a header.
    #[must_use]
    pub fn with_header(mut self, header: ProblemHeader) -> Self {
        self.header = Some(header);
        self
    }

    /// Returns the seconds to wait, rounded up, at least one.
    #[must_use]
    pub fn retry_after_seconds(&self) -> Option<u64> {
        self.retry_after
            // 0 would invite clients to return at once.
            .map(|after| after.as_millis().div_ceil(1000).max(1))
            .map(|seconds| u64::try_from(seconds).unwrap_or(u64::MAX))
    }

    /// Returns the document as JSON.
    #[must_use]
    pub fn to_json(&self, request_id: &str) -> String {
        serde_json::to_string(&self.document(request_id)).unwrap_or_default()
    }

    /// Returns the document as a value that can be serialized into another one.
    #[must_use]
    pub fn document<'a>(&'a self, request_id: &'a str) -> impl Serialize + 'a {
        let (status, _, title) = self.kind.row();
        Document {
            r#type: self.kind.urn(),
            title,
            status,
            detail: &self.detail,
            instance: request_id,
            retry_after_seconds: self.retry_after_seconds(),
            member: self.member.as_ref(),
        }
    }
}
