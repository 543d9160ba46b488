//! What an endpoint answers, and what it tells the log and the metrics.

use std::time::Duration;

use http::StatusCode;
use serde::Serialize;

use super::sse::EVENT_STREAM;
use super::{Problem, ProblemKind};
use crate::domain::{ModelId, Provider, RetryStats, Usage};

const JSON: &str = "application/json";

/// An answer that is no problem.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// Its status.
    pub status: StatusCode,
    /// The body's media type.
    pub content_type: &'static str,
    /// Its body; none with 204.
    pub body: Option<String>,
}

impl Reply {
    /// 200 with a body.
    ///
    /// # Errors
    /// [`ProblemKind::Internal`] when the body cannot be written as JSON.
    pub fn json(body: &impl Serialize) -> Result<Self, Problem> {
        Self::with_status(StatusCode::OK, body)
    }

    /// A body with another status.
    ///
    /// # Errors
    /// As [`Self::json`].
    pub fn with_status(status: StatusCode, body: &impl Serialize) -> Result<Self, Problem> {
        let body = serde_json::to_string(body).map_err(|_| Problem::new(ProblemKind::Internal, "an internal error"))?;
        Ok(Self { status, content_type: JSON, body: Some(body) })
    }

    /// 204.
    #[must_use]
    pub const fn no_content() -> Self {
        Self { status: StatusCode::NO_CONTENT, content_type: JSON, body: None }
    }

    /// 200 with events.
    pub(super) const fn events(text: String) -> Self {
        Self { status: StatusCode::OK, content_type: EVENT_STREAM, body: Some(text) }
    }

    /// 200 whose body has gone out already.
    pub(super) const fn sent() -> Self {
        Self { status: StatusCode::OK, content_type: EVENT_STREAM, body: None }
    }
}

/// What an endpoint tells the log line and the metrics of its invocation.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct InvocationFacts {
    /// The agent.
    pub agent: Option<String>,
    /// The provider that answered, or was asked last.
    pub provider: Option<Provider>,
    /// The model, likewise.
    pub model: Option<ModelId>,
    /// Tokens.
    pub usage: Option<Usage>,
    /// Time spent waiting for models.
    pub llm_latency: Option<Duration>,
    /// Retries and fallbacks.
    pub retry_stats: RetryStats,
    /// For the log alone: what failed inside, in our own words.
    pub fault: Option<String>,
}
