//! The framing of Server-Sent Events (WHATWG HTML, section 9.2).

/// Their media type.
pub const EVENT_STREAM: &str = "text/event-stream";

/// A comment, which clients skip; it keeps the connection alive.
pub const COMMENT: &str = ": keep-alive\n\n";

/// Appends an event. `data` is JSON, which contains no line breaks.
pub fn push(into: &mut String, name: &str, data: &str) {
    for part in ["event: ", name, "\ndata: ", data, "\n\n"] {
        into.push_str(part);
    }
}
