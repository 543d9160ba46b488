//! Errors of model calls.

use std::time::Duration;

use crate::domain::{ContextOverflow, FailureKind, Usage};
use crate::secrets::SecretError;

/// The stream of a generation ended before its end was marked.
pub(super) const TRUNCATED: LlmError = LlmError::BrokenOff("the stream ended before the generation was complete");

/// A failed model call. Variants hold facts for the log; none holds a provider's free text, since that may quote the
/// prompt.
#[derive(Debug, thiserror::Error)]
pub enum LlmError {
    /// The provider throttles (HTTP 429 or 529, or a throttling exception).
    #[error("the provider throttles (HTTP {status})")]
    Throttled {
        /// The HTTP status.
        status: u16,
        /// The provider's error code, if it sent one.
        code: Option<String>,
        /// The wait that the provider asks for.
        retry_after: Option<Duration>,
    },
    /// The provider refuses the credentials (HTTP 401 or 403).
    #[error("the provider refuses the credentials (HTTP {status})")]
    Unauthorized {
        /// The HTTP status.
        status: u16,
        /// The provider's error code, if it sent one.
        code: Option<String>,
    },
    /// The provider responded with another error.
    #[error("the provider responded with an error (HTTP {status})")]
    Rejected {
        /// The HTTP status.
        status: u16,
        /// The provider's error code, if it sent one.
        code: Option<String>,
        /// The wait that the provider asks for.
        retry_after: Option<Duration>,
    },
    /// The prompt exceeds the model's context.
    #[error("the prompt exceeds the model's context")]
    ContextExceeded(ContextOverflow),
    /// The response does not follow the provider's API; the text says where.
    #[error("the provider's response is malformed: {0}")]
    Malformed(&'static str),
    /// The model has replied, and the reply cannot be used; the text says why.
    #[error("the model's reply cannot be used: {reason}")]
    Unusable {
        /// The defect.
        reason: &'static str,
        /// The tokens that the provider has reported for it.
        usage: Usage,
    },
    /// The request could not be sent; the text says why.
    #[error("the provider cannot be reached: {0}")]
    Unreachable(&'static str),
    /// The connection closed before the response was complete; the text says where.
    #[error("the connection to the provider broke: {0}")]
    BrokenOff(&'static str),
    /// The provider's time-out expired before the response was complete.
    #[error("the provider did not respond in time")]
    TimedOut,
    /// The credentials could not be fetched.
    #[error("the provider's credentials are unavailable")]
    Secret(#[from] SecretError),
    /// The model does not support the request.
    #[error("the model does not support {member}: {detail}")]
    Unsupported {
        /// The member of the request that the model does not support.
        member: &'static str,
        /// The model, the refused value and the allowed ones.
        detail: String,
    },
}

impl LlmError {
    /// Returns whether the same call may succeed a little later.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Throttled { .. } | Self::Unreachable(_) | Self::BrokenOff(_) | Self::TimedOut => true,
            // 424 is how Bedrock reports that the model failed.
            Self::Rejected { status, .. } => matches!(status, 408 | 409 | 424 | 425 | 500..),
            Self::Secret(error) => error.is_transient(),
            // The same model would most likely do the same again; a fallback need not.
            Self::Unauthorized { .. }
            | Self::ContextExceeded(_)
            | Self::Malformed(_)
            | Self::Unusable { .. }
            | Self::Unsupported { .. } => false,
        }
    }

    /// Returns whether the model may have worked on a call that failed so, even if nothing of its answer has arrived.
    pub(super) const fn may_be_billed(&self) -> bool {
        matches!(self, Self::TimedOut | Self::BrokenOff(_) | Self::Unusable { .. })
    }

    /// Returns the wait that the provider asks for.
    #[must_use]
    pub const fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Throttled { retry_after, .. } | Self::Rejected { retry_after, .. } => *retry_after,
            _ => None,
        }
    }

    /// Returns the error with its cause, for the log.
    #[must_use]
    pub fn with_cause(&self) -> String {
        match self {
            Self::Secret(cause) => format!("{self}: {cause}"),
            other => other.to_string(),
        }
    }

    /// Converts the error into the kind of failure that the run records.
    #[must_use]
    pub fn into_failure(self) -> FailureKind {
        match self {
            Self::Throttled { status, code, .. }
            | Self::Unauthorized { status, code }
            | Self::Rejected { status, code, .. } => FailureKind::Rejected { status, code },
            Self::ContextExceeded(overflow) => FailureKind::ContextExceeded(overflow),
            Self::Malformed(place) | Self::Unusable { reason: place, .. } => FailureKind::Malformed(place),
            Self::Unreachable(place) | Self::BrokenOff(place) => FailureKind::Unreachable(place),
            Self::TimedOut => FailureKind::TimedOut,
            // Which secret failed is for the log alone.
            Self::Secret(_) => FailureKind::Unreachable("its credentials are unavailable"),
            Self::Unsupported { member, detail } => FailureKind::Unsupported { member, detail },
        }
    }
}
