//! The bundle: the one JSON document that `openclaw bundle` writes and that functions and Terraform read.
//!
//! A stored shape with a revision of its own, since functions of two releases overlap in every deployment.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::empty_keys;
use super::faults::Faults;
use super::rights::Rights;
use crate::domain::sha256_hex;

/// The revision that this release writes and reads.
pub const BUNDLE_REVISION: u32 = 1;

/// The keys of actions whose members are data, in which `null` is a value.
const DATA_OF_ACTIONS: [&str; 6] = ["args", "body", "key", "parameters", "query", "response"];

pub(super) const HOW_TO_BUNDLE: &str = "a bundle; run `openclaw bundle DIR -o bundle.json`";

/// A configuration in one document.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, derive_more::Debug)]
pub struct Bundle {
    /// The revision of this shape.
    pub revision: u32,
    /// SHA-256 over the compact JSON, keys sorted, of `document`, `policies` and `schemas`, hexadecimal. Names the source:
    /// readers do not verify it, since a deployment fills in what the source leaves out.
    pub sha256: String,
    /// `openclaw.yaml` as written, in JSON, with the files that it names in place of their paths.
    #[debug("[hidden]")]
    pub document: Value,
    /// The sets of policies by name.
    #[serde(default)]
    pub policies: BTreeMap<String, PolicyTexts>,
    /// Schemas by name.
    #[serde(default)]
    pub schemas: BTreeMap<String, Value>,
    /// The rights that a deployment has to grant.
    #[serde(default)]
    pub rights: Rights,
}

/// The texts of a set of policies.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PolicyTexts {
    /// The texts of its files, in their order.
    pub texts: Vec<String>,
}

impl Bundle {
    /// Bundles a document that has passed its check.
    pub(super) fn new(mut document: Value, policies: BTreeMap<String, PolicyTexts>, rights: Rights) -> Self {
        let schemas = BTreeMap::new();
        // As written, the order of keys says nothing, and `serde_json` keeps it.
        document.sort_all_objects();
        let canonical = json!({ "document": document, "policies": policies, "schemas": schemas }).to_string();
        let sha256 = sha256_hex(canonical.as_bytes());
        Self { revision: BUNDLE_REVISION, sha256, document, policies, schemas, rights }
    }
}

impl fmt::Display for Bundle {
    /// Writes the bundle as it is stored: indented, so that a change can be reviewed. Terraform stores it compactly.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&serde_json::to_string_pretty(self).map_err(|_| fmt::Error)?)
    }
}

/// Reads a bundle's text. Returns `None` after adding the fault of a text that cannot be used.
pub(super) fn read_bundle(text: &str, faults: &mut Faults) -> Option<Bundle> {
    let value = match serde_json::from_str::<Value>(text) {
        Ok(value) if value.get("revision").is_some() => value,
        // An `openclaw.yaml`, most likely. The parser's own text may quote it, and with it a key.
        Ok(_) | Err(_) => {
            faults.add("", "text that is not a bundle", HOW_TO_BUNDLE);
            return None;
        }
    };
    // Before the rest is read, since another revision may have another shape.
    let revision = value.get("revision").unwrap_or(&Value::Null);
    if *revision != json!(BUNDLE_REVISION) {
        let allowed = format!("{BUNDLE_REVISION}; write the bundle again with the `openclaw` of this release");
        let found =
            if revision.is_number() { revision.to_string() } else { "something other than a number".to_owned() };
        faults.add("revision", found, allowed);
        return None;
    }
    // The parser's text is dropped, because it may quote a key.
    let bundle = serde_json::from_value(value).ok();
    if bundle.is_none() {
        faults.add("", "a bundle without some of its members", HOW_TO_BUNDLE);
    }
    bundle
}

/// Returns the sections of a document. A key with `null` counts as left out, but not within data, and an empty document has no
/// sections.
pub(super) fn sections(mut document: Value, faults: &mut Faults) -> Value {
    empty_keys::check(&document, faults);
    drop_nulls(&mut document, &[]);
    match document {
        Value::Object(_) => document,
        Value::Null => Value::Object(Map::new()),
        _ => {
            faults.add("", "something other than a mapping", "a mapping of the sections");
            Value::Object(Map::new())
        }
    }
}

/// Drops the keys with `null`; `path` has the keys that lead to the value.
fn drop_nulls(value: &mut Value, path: &[&str]) {
    match value {
        _ if is_data(path) => {}
        Value::Object(map) => {
            // YAML reads `key:` without a value as null.
            map.retain(|_, inner| !inner.is_null());
            for (key, inner) in map {
                drop_nulls(inner, &[path, &[key]].concat());
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| drop_nulls(item, path)),
        _ => {}
    }
}

/// Returns whether what is written at this place is passed on as it is.
fn is_data(path: &[&str]) -> bool {
    match path {
        ["actions", key] => DATA_OF_ACTIONS.contains(key),
        ["agent" | "agents", "states", _, key] => *key == "arguments",
        _ => false,
    }
}
