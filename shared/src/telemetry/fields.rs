//! The names of all fields that a log line may have. Any other field is dropped, so that a careless event cannot log a
//! prompt.

/// The fields, in alphabetical order.
pub const ALLOWED: &[&str] = &[
    "action",
    "agent",
    "cold_start",
    "connection_id",
    "context_tokens",
    "detail",
    "fault",
    "input_tokens",
    "latency_ms",
    "llm_latency_ms",
    "message",
    "method",
    "model",
    "needed_tokens",
    "output_tokens",
    "problem",
    "provider",
    "request_id",
    "route",
    "source",
    "status",
    "subject",
    "suppressed",
    "tenant",
    "trace_id",
    "usage_estimated",
    "version",
];

/// Returns whether a field may be written.
#[must_use]
pub fn is_allowed(name: &str) -> bool {
    ALLOWED.binary_search(&name).is_ok()
}

#[cfg(test)]
#[path = "fields_tests.rs"]
mod tests;
