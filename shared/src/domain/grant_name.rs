//! Names of grants.

/// The longest name of a grant, in bytes.
const MAX_BYTES: usize = 64;

/// What a name of a grant is, for faults.
pub const GRANT_NAME: &str = "1 to 64 of a-z, A-Z, 0-9, _, . and -";

/// Returns whether a text may be the name of a grant.
#[must_use]
pub fn is_grant_name(text: &str) -> bool {
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || b"_.-".contains(&byte);
    (1..=MAX_BYTES).contains(&text.len()) && text.bytes().all(is_part)
}
