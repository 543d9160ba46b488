//! Bundles of documents that need not pass the check, for tests of functions.

use serde_json::{Value, json};

use crate::config::BUNDLE_REVISION;

/// Returns the text of a bundle that holds the document and no rights.
#[must_use]
pub fn bundle_of(document: &Value) -> String {
    json!({ "revision": BUNDLE_REVISION, "sha256": "", "document": document }).to_string()
}
