//! A successful reply.

use http::StatusCode;
use serde::Serialize;

use super::sse::EVENT_STREAM;
use super::{Problem, ProblemKind};

/// A successful reply, before the headers that all responses have.
#[derive(Clone, PartialEq, Eq, derive_more::Debug)]
pub struct Reply {
    /// The status.
    pub status: StatusCode,
    /// The body's media type.
    pub media_type: Option<&'static str>,
    /// The body; `None` with 204, and where it was streamed.
    #[debug("{:?} bytes", body.as_ref().map(String::len))]
    pub body: Option<String>,
    /// The value of `Allow`.
    pub allow: Option<String>,
    /// The value of `Location`.
    pub location: Option<String>,
}

impl Reply {
    const fn empty(status: StatusCode) -> Self {
        Self { status, media_type: None, body: None, allow: None, location: None }
    }

    /// Returns 200 with a JSON body.
    ///
    /// # Errors
    /// [`ProblemKind::Internal`] when the body cannot be written as JSON.
    pub fn json(body: &impl Serialize) -> Result<Self, Problem> {
        let internal = |_| Problem::new(ProblemKind::Internal, "an internal error");
        let body = serde_json::to_string(body).map_err(internal)?;
        Ok(Self { media_type: Some("application/json"), body: Some(body), ..Self::empty(StatusCode::OK) })
    }

    /// Returns 201 with a JSON body, and the path of what was created.
    ///
    /// # Errors
    /// As [`Self::json`].
    pub fn created(location: String, body: &impl Serialize) -> Result<Self, Problem> {
        Ok(Self { status: StatusCode::CREATED, location: Some(location), ..Self::json(body)? })
    }

    /// Returns 204.
    #[must_use]
    pub const fn no_content() -> Self {
        Self::empty(StatusCode::NO_CONTENT)
    }

    /// Returns the reply to `OPTIONS`: 204 with `Allow`.
    #[must_use]
    pub fn options(allow: String) -> Self {
        Self { allow: Some(allow), ..Self::no_content() }
    }

    /// Returns 200 with Server-Sent Events.
    #[must_use]
    pub fn events(text: String) -> Self {
        Self { media_type: Some(EVENT_STREAM), body: Some(text), ..Self::empty(StatusCode::OK) }
    }

    /// Returns 200 for a body that was streamed already.
    #[must_use]
    pub const fn streamed() -> Self {
        Self::empty(StatusCode::OK)
    }
}
