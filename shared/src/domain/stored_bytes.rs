//! The size of texts where they are stored.

/// Returns the bytes that a text takes where it is stored, as JSON. Outputs have none but these control characters.
#[must_use]
pub fn stored_bytes(text: &str) -> usize {
    text.len() + text.bytes().filter(|byte| matches!(byte, b'"' | b'\\' | b'\n' | b'\r' | b'\t')).count()
}
