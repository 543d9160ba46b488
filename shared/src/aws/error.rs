//! The errors of calls, as facts. The free text of an error is never kept: it may quote what was sent.

use std::time::Duration;

use http::{HeaderMap, StatusCode};
use serde::Deserialize;

/// Codes of throttling, which every service may answer with (AWS SDKs and Tools Reference Guide, "Retry behavior").
const THROTTLING: [&str; 14] = [
    "BandwidthLimitExceeded",
    "EC2ThrottledException",
    "LimitExceededException",
    "PriorRequestNotComplete",
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "RequestThrottled",
    "RequestThrottledException",
    "SlowDown",
    "ThrottledException",
    "Throttling",
    "ThrottlingException",
    "TooManyRequestsException",
    "TransactionInProgressException",
];

/// Codes of faults that pass (same page).
const TRANSIENT: [&str; 2] = ["RequestTimeout", "RequestTimeoutException"];

/// The reason why a call of an AWS API failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AwsError {
    /// The request, its address or its signature cannot be written. Another attempt fails too.
    #[error("the request cannot be built")]
    Unbuildable,
    /// The attempt took longer than the client's limit.
    #[error("no answer in time")]
    TimedOut,
    /// The connection failed before the response began; the request may have arrived.
    #[error("no answer")]
    Unreachable,
    /// The connection failed within the response.
    #[error("the answer broke off")]
    BrokenOff,
    /// The response is larger than the request's limit.
    #[error("the answer is too large")]
    TooLarge,
    /// The service answered with success, but not in the form that its reference describes.
    #[error("the answer's form is unknown")]
    Malformed,
    /// The service refused the call.
    #[error("status {status}, {}", code.as_deref().unwrap_or("no code"))]
    Refused {
        /// The HTTP status, which is not a success.
        status: u16,
        /// The error's code, as `ThrottlingException`, where the response names one.
        code: Option<String>,
        /// The time that the service asks its callers to wait.
        retry_after: Option<Duration>,
    },
}

impl AwsError {
    /// Reads the error from a response that is not a success.
    pub(super) fn from_response(status: StatusCode, headers: &HeaderMap, body: &[u8]) -> Self {
        // The header comes first: it is there even if the body cannot be read.
        let named = header(headers, "x-amzn-errortype").and_then(bare);
        Self::Refused {
            status: status.as_u16(),
            code: named.or_else(|| code_in(body)),
            retry_after: retry_after(headers),
        }
    }

    /// Returns the service's code for the error.
    #[must_use]
    pub fn code(&self) -> Option<&str> {
        match self {
            Self::Refused { code, .. } => code.as_deref(),
            _ => None,
        }
    }

    /// Returns the HTTP status of a refusal.
    #[must_use]
    pub const fn status(&self) -> Option<u16> {
        match self {
            Self::Refused { status, .. } => Some(*status),
            _ => None,
        }
    }

    /// Returns how long the service asks its callers to wait.
    #[must_use]
    pub const fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Refused { retry_after, .. } => *retry_after,
            _ => None,
        }
    }

    /// Returns whether the service asks its callers to slow down.
    #[must_use]
    pub fn is_throttling(&self) -> bool {
        matches!(self, Self::Refused { status: 429, .. }) || self.code().is_some_and(is_throttling_code)
    }

    /// Returns whether another attempt may succeed: throttling, a failed connection, a time-out or a fault of the
    /// service.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        match self {
            Self::TimedOut | Self::Unreachable | Self::BrokenOff => true,
            Self::Unbuildable | Self::TooLarge | Self::Malformed => false,
            Self::Refused { status, code, .. } => {
                let is_listed = |code| is_throttling_code(code) || TRANSIENT.contains(&code);
                // The guide counts these statuses as transient, whatever the code.
                matches!(status, 429 | 500 | 502 | 503 | 504) || code.as_deref().is_some_and(is_listed)
            }
        }
    }
}

/// Returns whether a code is one of throttling.
#[must_use]
pub fn is_throttling_code(code: &str) -> bool {
    THROTTLING.contains(&code)
}

/// Reads the code from the body of an error: `__type` in AWS JSON, `code` in REST JSON (Smithy, "Operation error
/// serialization").
fn code_in(body: &[u8]) -> Option<String> {
    #[derive(Deserialize)]
    struct Fault {
        #[serde(rename = "__type")]
        kind: Option<String>,
        #[serde(alias = "Code")]
        code: Option<String>,
    }
    let fault: Fault = serde_json::from_slice(body).ok()?;
    fault.kind.as_deref().and_then(bare).or_else(|| fault.code.as_deref().and_then(bare))
}

/// Returns the name within `namespace#Name:http://…`, or `None` for what is not a name.
fn bare(text: &str) -> Option<String> {
    let name = text.split(':').next().unwrap_or_default();
    let name = name.rsplit('#').next().unwrap_or_default().trim();
    let is_name = (1..=64).contains(&name.len())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-'));
    is_name.then(|| name.to_owned())
}

/// Reads `x-amz-retry-after` (milliseconds) or `retry-after` (seconds).
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let number = |name| header(headers, name)?.trim().parse().ok();
    number("x-amz-retry-after").map(Duration::from_millis).or_else(|| number("retry-after").map(Duration::from_secs))
}

fn header<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

#[cfg(test)]
#[path = "error_tests.rs"]
mod tests;
