//! Why a call has failed, as facts.

use super::egress::RefusedRedirect;
use crate::aws::AwsError;

/// The reason why a call has failed. It never has an argument, a header or a secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ActionError {
    /// The call was not sent: an argument cannot be put where it belongs, or the target is not allowed.
    #[error("the call was not sent: {0}")]
    Refused(String),
    /// There was no answer within the action's limit.
    #[error("no answer in time")]
    TimedOut,
    /// The target cannot be reached.
    #[error("the target cannot be reached")]
    Unreachable,
    /// The target asks its callers to slow down, and did so again after the last attempt.
    #[error("the target is throttling")]
    Throttled,
    /// The target has answered with an error.
    #[error("the target answered with {code}")]
    Rejected {
        /// Its status or code, an identifier.
        code: String,
        /// Its own text, for the model alone; empty if it said nothing, but chose the code.
        text: Option<String>,
    },
    /// The answer has another form than the kind describes.
    #[error("the answer cannot be used: {0}")]
    Malformed(&'static str),
    /// The answer is a redirect that is not followed. The call was sent, and a write may have been performed.
    #[error("the answer cannot be used: {0}")]
    Redirected(RefusedRedirect),
    /// The gateway itself lacks something, such as a secret or a right.
    #[error("the gateway cannot make the call: {0}")]
    Internal(&'static str),
}

impl ActionError {
    /// Maps an error of an AWS API.
    pub(super) fn from_aws(error: &AwsError) -> Self {
        match error {
            AwsError::TimedOut => Self::TimedOut,
            AwsError::Unreachable | AwsError::BrokenOff => Self::Unreachable,
            AwsError::TooLarge => Self::Malformed("it is too large"),
            AwsError::Malformed => Self::Malformed("its form is unknown"),
            AwsError::Unbuildable => Self::Internal("the request cannot be built"),
            AwsError::Refused { .. } if error.is_throttling() => Self::Throttled,
            AwsError::Refused { status, code, .. } => Self::from_code(code.as_deref(), *status),
        }
    }

    /// Maps a code of an AWS API that is not one of throttling.
    pub(super) fn from_code(code: Option<&str>, status: u16) -> Self {
        match code {
            Some("AccessDeniedException" | "AccessDenied") => Self::Internal("its role lacks a right"),
            Some(code) => Self::Rejected { code: code.to_owned(), text: None },
            None => Self::Rejected { code: format!("status {status}"), text: None },
        }
    }

    /// Returns the text for the model, and whether a part of it comes from outside.
    #[must_use]
    pub fn for_model(&self) -> (String, bool) {
        match self {
            Self::Rejected { text: Some(text), .. } if text.is_empty() => (self.to_string(), true),
            Self::Rejected { text: Some(text), .. } => (format!("{self}: {text}"), true),
            _ => (self.to_string(), false),
        }
    }

    /// Returns a name for logs and metrics.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Refused(_) => "refused",
            Self::TimedOut => "timed-out",
            Self::Unreachable => "unreachable",
            Self::Throttled => "throttled",
            Self::Rejected { .. } => "rejected",
            Self::Malformed(_) => "malformed",
            Self::Redirected(_) => "redirected",
            Self::Internal(_) => "internal",
        }
    }
}
