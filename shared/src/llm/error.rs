//! Why a model call failed.

use std::time::Duration;

use crate::domain::FailureKind;
use crate::secrets::SecretError;

/// Why a model call failed. Variants hold facts for the log; none holds what a provider said in free text, since that
/// may quote the prompt.
#[derive(Debug, thiserror::Error)]
pub enum LlmError {
    /// The provider asks for patience (HTTP 429, a throttling exception, 529).
    #[error("the provider throttles (HTTP {status})")]
    Throttled {
        /// Its HTTP status.
        status: u16,
        /// Its error code, where it gave one.
        code: Option<String>,
        /// How long it asks to be left alone.
        retry_after: Option<Duration>,
    },
    /// The provider refuses the credentials (HTTP 401 or 403).
    #[error("the provider refuses the credentials (HTTP {status})")]
    Unauthorized {
        /// Its HTTP status.
        status: u16,
        /// Its error code, where it gave one.
        code: Option<String>,
    },
    /// The provider answered with an error of its own.
    #[error("the provider answered with an error (HTTP {status})")]
    Rejected {
        /// Its HTTP status.
        status: u16,
        /// Its error code, where it gave one.
        code: Option<String>,
        /// How long it asks to be left alone.
        retry_after: Option<Duration>,
    },
    /// The answer is not what the provider's API says; the text says where.
    #[error("the provider's answer is malformed: {0}")]
    Malformed(&'static str),
    /// The connection failed or broke off before the answer was whole; the text says where.
    #[error("the provider cannot be reached: {0}")]
    Unreachable(&'static str),
    /// The provider's own time-out came before an answer.
    #[error("the provider did not answer in time")]
    TimedOut,
    /// The key could not be had.
    #[error("the provider's credentials cannot be had")]
    Secret(#[from] SecretError),
    /// The model cannot do what was asked.
    #[error("the model does not support {member}: {detail}")]
    Unsupported {
        /// The member of the request that asks for it.
        member: &'static str,
        /// The model, what was asked and what it takes.
        detail: String,
    },
}

impl LlmError {
    /// Whether the same call may succeed a little later.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Throttled { .. } | Self::Unreachable(_) | Self::TimedOut => true,
            Self::Rejected { status, .. } => matches!(status, 408 | 409 | 424 | 425 | 500..),
            Self::Secret(error) => error.is_transient(),
            Self::Unauthorized { .. } | Self::Malformed(_) | Self::Unsupported { .. } => false,
        }
    }

    /// How long the provider asks to be left alone.
    #[must_use]
    pub const fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Throttled { retry_after, .. } | Self::Rejected { retry_after, .. } => *retry_after,
            _ => None,
        }
    }

    /// The error and its cause, for the log.
    #[must_use]
    pub fn in_full(&self) -> String {
        match self {
            Self::Secret(cause) => format!("{self}: {cause}"),
            other => other.to_string(),
        }
    }

    /// What the run is told.
    #[must_use]
    pub fn into_failure(self) -> FailureKind {
        match self {
            Self::Throttled { status, code, .. }
            | Self::Unauthorized { status, code }
            | Self::Rejected { status, code, .. } => FailureKind::Rejected { status, code },
            Self::Malformed(place) => FailureKind::Malformed(place),
            Self::Unreachable(place) => FailureKind::Unreachable(place),
            Self::TimedOut => FailureKind::Unreachable("no answer within the provider's time-out"),
            Self::Secret(_) => FailureKind::Unreachable("its credentials cannot be had"),
            Self::Unsupported { member, detail } => FailureKind::Unsupported { member, detail },
        }
    }
}
