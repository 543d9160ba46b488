//! Failures of model calls, as runs record them and clients see them.

use std::time::Duration;

use super::{ModelId, Provider};

/// A model call that failed after retries and fallbacks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LlmFailure {
    /// The provider that was called last.
    pub provider: Provider,
    /// The model that was called last.
    pub model: ModelId,
    /// The kind of failure.
    pub kind: FailureKind,
    /// The wait that the provider asks for, if it sent one.
    pub retry_after: Option<Duration>,
}

/// The kinds of failure that clients can distinguish.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FailureKind {
    /// The provider responded with an error.
    Rejected {
        /// The HTTP status.
        status: u16,
        /// The provider's error code, if it sent one; never its free text.
        code: Option<String>,
    },
    /// The provider's response does not follow its API; the text says where.
    Malformed(&'static str),
    /// The provider could not be reached, or its key is unavailable; the text says which.
    Unreachable(&'static str),
    /// The provider did not respond within its own time-out.
    TimedOut,
    /// The model does not support the request.
    Unsupported {
        /// The member of the request that the model does not support.
        member: &'static str,
        /// The model, the refused value and the allowed ones.
        detail: String,
    },
    /// The prompt exceeds the model's context.
    ContextExceeded(ContextOverflow),
    /// The deadline passed before the model responded.
    DeadlineExceeded,
}

/// By how much a prompt exceeds a model's context, as far as it is known.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ContextOverflow {
    /// The tokens of the prompt, with those that are reserved for the answer where they count.
    pub needed_tokens: Option<u64>,
    /// The size of the context.
    pub context_tokens: Option<u64>,
}
