//! The port to grants: rights that callers or agents have for a time.

mod grant;
mod port;

pub use grant::{Grant, GrantHolder, GrantId, GrantPage};
pub use port::GrantStore;
