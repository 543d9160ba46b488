//! Digests that bind an idempotency key to its caller, agent, route and body.

use std::fmt::Write;

use aws_lc_rs::digest::{Context, SHA256};

/// Returns the SHA-256 of the parts in hexadecimal.
pub(super) fn digest(parts: &[&[u8]]) -> String {
    let mut context = Context::new(&SHA256);
    for part in parts {
        // With the length before each part, no two lists of parts have the same digest.
        context.update(&(part.len() as u64).to_be_bytes());
        context.update(part);
    }
    context.finish().as_ref().iter().fold(String::with_capacity(64), |mut hex, byte| {
        // Writing to a string cannot fail.
        let _written = write!(hex, "{byte:02x}");
        hex
    })
}

#[cfg(test)]
mod tests {
    use super::digest;

    #[test]
    fn parts_cannot_be_shifted() {
        assert_ne!(digest(&[b"ab", b"c"]), digest(&[b"a", b"bc"]));
        assert_eq!(digest(&[b"ab"]).len(), 64);
    }
}
