//! The facts that the platform provides about an invocation.

use crate::domain::Timestamp;

/// An invocation's facts.
#[derive(Debug, Clone)]
pub struct Invocation {
    /// Lambda's id of the invocation.
    pub request_id: String,
    /// The platform's `X-Amzn-Trace-Id`.
    pub trace_id: Option<String>,
    /// When Lambda stops the function.
    pub function_ends: Timestamp,
    /// Whether it is the sandbox's first invocation.
    pub cold_start: bool,
}
