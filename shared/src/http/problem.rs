//! Problem documents (RFC 9457).

use std::time::Duration;

use http::StatusCode;
use serde::Serialize;

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

    /// The short name, also in logs.
    #[must_use]
    pub const fn name(self) -> &'static str {
        self.row().1
    }
}

/// A fault of one member of the body.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FieldFault {
    /// Where (RFC 6901).
    pub pointer: String,
    /// What is wrong and what is allowed.
    pub detail: String,
}

/// A problem as the client reads it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Its kind.
    pub kind: ProblemKind,
    /// What was wrong and what to do; never a secret, a stack or another tenant's data.
    pub detail: String,
    /// The members at fault.
    pub errors: Vec<FieldFault>,
    /// When to try again.
    pub retry_after: Option<Duration>,
    /// The policies that forbid.
    pub policy_ids: Vec<String>,
    /// The value of `Allow`.
    pub allow: Option<String>,
    /// The value of `WWW-Authenticate`.
    pub challenge: Option<String>,
}

#[derive(Serialize)]
struct Document<'a> {
    r#type: String,
    title: &'static str,
    status: u16,
    detail: &'a str,
    instance: &'a str,
    #[serde(skip_serializing_if = "<[FieldFault]>::is_empty")]
    errors: &'a [FieldFault],
    #[serde(skip_serializing_if = "Option::is_none")]
    retry_after_seconds: Option<u64>,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    policy_ids: &'a [String],
}

impl Problem {
    /// A problem of this kind.
    pub fn new(kind: ProblemKind, detail: impl Into<String>) -> Self {
        let detail = detail.into();
        Self {
            kind,
            detail,
            errors: Vec::new(),
            retry_after: None,
            policy_ids: Vec::new(),
            allow: None,
            challenge: None,
        }
    }

    /// Says when to try again.
    #[must_use]
    pub fn retry_after(mut self, after: Duration) -> Self {
        self.retry_after = Some(after);
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
        let (status, name, title) = self.kind.row();
        let document = Document {
            r#type: format!("urn:openclaw:problem:{name}"),
            title,
            status,
            detail: &self.detail,
            instance: request_id,
            errors: &self.errors,
            retry_after_seconds: self.retry_after_seconds(),
            policy_ids: &self.policy_ids,
        };
        serde_json::to_string(&document).unwrap_or_default()
    }
}
