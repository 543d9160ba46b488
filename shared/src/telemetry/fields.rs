//! The names of all fields that a log line may have. Any other field is dropped, so that a prompt cannot slip in by a
//! careless event.

/// In alphabetical order.
pub const ALLOWED: &[&str] = &[
    "agent",
    "attempt",
    "cold_start",
    "connection_id",
    "conversation_id",
    "detail",
    "duration_ms",
    "fault",
    "input_tokens",
    "latency_ms",
    "llm_latency_ms",
    "message",
    "method",
    "model",
    "output_tokens",
    "problem",
    "provider",
    "request_id",
    "route",
    "run_id",
    "source",
    "status",
    "tenant",
    "trace_id",
    "version",
];

/// Whether a field may be written.
#[must_use]
pub fn is_allowed(name: &str) -> bool {
    ALLOWED.binary_search(&name).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_sorted_so_that_it_can_be_searched() {
        assert!(ALLOWED.is_sorted());
        assert!(is_allowed("request_id"));
        assert!(!is_allowed("prompt"));
    }
}
