//! The digest that names stored texts.

use std::fmt::Write;

use aws_lc_rs::digest::{SHA256, digest};

/// Returns the SHA-256 of the bytes, in hexadecimal.
#[must_use]
pub fn sha256_hex(bytes: &[u8]) -> String {
    digest(&SHA256, bytes).as_ref().iter().fold(String::with_capacity(64), |mut hex, byte| {
        // Writing to a string cannot fail.
        let _written = write!(hex, "{byte:02x}");
        hex
    })
}

#[cfg(test)]
mod tests {
    use super::sha256_hex;

    /// The one-block message of FIPS 180-2, appendix B.1.
    #[test]
    fn the_published_example_has_its_digest() {
        assert_eq!(sha256_hex(b"abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }
}
