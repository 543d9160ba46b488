//! Why a model gave no answer, as the run and the client are told.

use std::time::Duration;

use super::{ModelId, Provider};

/// A model call that came to nothing, after retries and fallbacks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LlmFailure {
    /// The provider asked last.
    pub provider: Provider,
    /// The model asked last.
    pub model: ModelId,
    /// What went wrong.
    pub kind: FailureKind,
    /// How long the provider wants to be left alone, where it said so.
    pub retry_after: Option<Duration>,
}

/// The kinds of failure that are told apart outside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FailureKind {
    /// The provider answered with an error of its own.
    Rejected {
        /// Its HTTP status.
        status: u16,
        /// Its error code, where it gave one; never its free text.
        code: Option<String>,
    },
    /// The provider answered, but not as its API says.
    Malformed(&'static str),
    /// The provider could not be reached, or its key could not be had.
    Unreachable(&'static str),
    /// The model cannot do what was asked; the text names the model and the rule.
    Unsupported {
        /// The member of the request that asks for it.
        member: &'static str,
        /// What is asked too much, and what the model takes.
        detail: String,
    },
    /// The deadline came first.
    DeadlineExceeded,
}
