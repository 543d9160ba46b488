//! Problem documents (RFC 9457).

use std::time::Duration;

use http::StatusCode;
use schemars::JsonSchema;
use serde::Serialize;

use super::PartHealth;

/// The kinds of problem; each has its URN, title and status.
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
    /// 404: not there, or not for this caller.
    NotFound,
    /// 405: the path does not take this method.
    MethodNotAllowed,
    /// 406: no acceptable form.
    NotAcceptable,
    /// 409: other turns came first until the deadline.
    Contention,
    /// 409: the idempotency key is taken.
    IdempotencyConflict,
    /// 409: the idempotency key's request is running.
    RequestInProgress,
    /// 413: prompt or body too large.
    TooLarge,
    /// 415: a body of another type.
    UnsupportedMediaType,
    /// 422: the body does not say what it must.
    InvalidRequest,
    /// 422: the model does not take it.
    UnsupportedByModel,
    /// 429: too much at once; on a WebSocket.
    TooManyRequests,
    /// 499: the client has called it off; on a WebSocket.
    Cancelled,
    /// 499: nobody is there to read it. For the log alone: no client is ever sent it.
    ClientGone,
    /// 500: our bug.
    Internal,
    /// 502: the provider answered wrongly or with its own error.
    ProviderFailed,
    /// 503: provider, store, secrets or key set cannot be reached.
    Unavailable,
    /// 504: the deadline came first.
    DeadlineExceeded,
}

impl ProblemKind {
    /// All that an answer over HTTP may have, by status.
    pub const ALL: [Self; 18] = [
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
        Self::Internal,
        Self::ProviderFailed,
        Self::Unavailable,
        Self::DeadlineExceeded,
    ];

    /// Further problems that only an `error` event of a WebSocket may have.
    pub const WEBSOCKET_ONLY: [Self; 2] = [Self::TooManyRequests, Self::Cancelled];

    /// Status, name in the URN, title.
    const fn row(self) -> (u16, &'static str, &'static str) {
        match self {
            Self::InvalidBody => (400, "invalid-body", "The body cannot be read"),
            Self::InvalidParameter => (400, "invalid-parameter", "A parameter cannot be read"),
            Self::InvalidToken => (401, "invalid-token", "A valid token is required"),
            Self::Forbidden => (403, "forbidden", "Policy forbids this"),
            Self::NotFound => (404, "not-found", "Not found"),
            Self::MethodNotAllowed => (405, "method-not-allowed", "The path does not take this method"),
            Self::NotAcceptable => (406, "not-acceptable", "No acceptable form"),
            Self::Contention => (409, "contention", "Other turns came first"),
            Self::IdempotencyConflict => (409, "idempotency-conflict", "The idempotency key is taken"),
            Self::RequestInProgress => (409, "request-in-progress", "The same request is running"),
            Self::TooLarge => (413, "too-large", "Too large"),
            Self::UnsupportedMediaType => (415, "unsupported-media-type", "The body's type is not supported"),
            Self::InvalidRequest => (422, "invalid-request", "The request is not valid"),
            Self::UnsupportedByModel => (422, "unsupported-by-model", "The model does not support this"),
            Self::TooManyRequests => (429, "too-many-requests", "Too many requests"),
            Self::Cancelled => (499, "cancelled", "The run was cancelled"),
            Self::ClientGone => (499, "client-gone", "The client left"),
            Self::Internal => (500, "internal", "Internal error"),
            Self::ProviderFailed => (502, "provider-failed", "The model's provider failed"),
            Self::Unavailable => (503, "unavailable", "Temporarily unavailable"),
            Self::DeadlineExceeded => (504, "deadline-exceeded", "The deadline came first"),
        }
    }

    /// The HTTP status.
    #[must_use]
    pub fn status(self) -> StatusCode {
        StatusCode::from_u16(self.row().0).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    /// What it is about, for people.
    #[must_use]
    pub const fn title(self) -> &'static str {
        self.row().2
    }

    /// The document's `type`.
    #[must_use]
    pub fn urn(self) -> String {
        format!("urn:openclaw:problem:{}", self.name())
    }

    /// The short name, also in logs.
    #[must_use]
    pub const fn name(self) -> &'static str {
        self.row().1
    }
}

/// A fault of one member of the body.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct FieldFault {
    /// Where (RFC 6901).
    pub pointer: String,
    /// What is wrong and what is allowed.
    pub detail: String,
}

/// What a kind of problem says besides what all say.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ProblemMember {
    /// The members of the body at fault.
    Errors(Vec<FieldFault>),
    /// The policies that forbid.
    PolicyIds(Vec<&'static str>),
    /// Every part that was looked at.
    Parts(Vec<PartHealth>),
}

/// The header that a kind of problem brings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ProblemHeader {
    /// `Allow`, with its value.
    Allow(String),
    /// `WWW-Authenticate`, with its value.
    Challenge(String),
}

/// A problem as the client reads it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Its kind.
    pub kind: ProblemKind,
    /// What was wrong and what to do; never a secret, a stack or another tenant's data.
    pub detail: String,
    /// When to try again.
    pub retry_after: Option<Duration>,
    /// What its kind says besides.
    pub member: Option<ProblemMember>,
    /// The header that its kind brings.
    pub header: Option<ProblemHeader>,
}

/// The document's members (RFC 9457, section 3.1), and ours.
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
    /// A problem of this kind.
    pub fn new(kind: ProblemKind, detail: impl Into<String>) -> Self {
        Self { kind, detail: detail.into(), retry_after: None, member: None, header: None }
    }

    /// Says when to try again.
    #[must_use]
    pub fn retry_after(mut self, after: Duration) -> Self {
        self.retry_after = Some(after);
        self
    }

    /// Says more.
    #[must_use]
    pub fn with(mut self, member: ProblemMember) -> Self {
        self.member = Some(member);
        self
    }

    /// Brings a header.
    #[must_use]
    pub fn with_header(mut self, header: ProblemHeader) -> Self {
        self.header = Some(header);
        self
    }

    /// Whole seconds until another try, at least one.
    #[must_use]
    pub fn retry_after_seconds(&self) -> Option<u64> {
        self.retry_after
            .map(|after| after.as_millis().div_ceil(1000).max(1))
            .map(|seconds| u64::try_from(seconds).unwrap_or(u64::MAX))
    }

    /// The document.
    #[must_use]
    pub fn to_json(&self, request_id: &str) -> String {
        serde_json::to_string(&self.document(request_id)).unwrap_or_default()
    }

    /// The same, to be written into something else.
    pub(super) fn document<'a>(&'a self, request_id: &'a str) -> impl Serialize + 'a {
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
