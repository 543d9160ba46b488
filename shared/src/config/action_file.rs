//! The actions as people write them, as [`super::file`] is the rest.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::state_file::StateLlmSection;

/// An action: something that an agent can do besides answering.
#[derive(Clone, Default, PartialEq, Deserialize, JsonSchema, derive_more::Debug)]
#[serde(default)]
#[schemars(extend("required" = ["name", "description", "type"]))]
pub(super) struct ActionSection {
    /// The name: 1 to 64 of a-z, 0-9 and _; unique. Required.
    #[schemars(regex(pattern = "^[a-z0-9_]{1,64}$"))]
    pub(super) name: Option<String>,
    /// What the action does, as the model reads it. Required.
    pub(super) description: Option<String>,
    /// The kind; required.
    #[serde(rename = "type")]
    pub(super) kind: Option<String>,
    /// The arguments: a JSON Schema of an object, in a subset: one `type` for each property, closed objects, and the keywords
    /// `properties`, `required`, `items`, `enum`, `const`, `default`, `description`, `minimum`, `maximum`, `minLength`,
    /// `maxLength`, `minItems`, `maxItems`, `pattern` and `format`. `x-authority: false` marks mere content. Default: no
    /// arguments.
    #[debug("{}", parameters.is_some())]
    pub(super) parameters: Option<Value>,
    /// What the action does, as policy judges it. Default: `read` for dynamodb, sql, llm, and http with GET or HEAD; else
    /// `write`.
    pub(super) effect: Option<EffectName>,
    /// Whether strangers may have written what comes back. Default `untrusted`.
    pub(super) output: Option<OutputName>,
    /// The data classes that the output carries. Default none.
    pub(super) data: BTreeSet<String>,
    /// The data classes that the action may be sent. Default none.
    pub(super) accepts: BTreeSet<String>,
    /// The limit of a call in milliseconds, all attempts included. Default 10000.
    #[schemars(range(min = 1, max = 60_000))]
    pub(super) timeout_ms: Option<u32>,
    /// The longest output in bytes; what is longer is cut. Default 65536.
    #[schemars(range(min = 1, max = 1_048_576))]
    pub(super) max_output_bytes: Option<u32>,
    /// The keys of the kind.
    #[serde(flatten)]
    #[debug("[{} keys]", settings.len())]
    pub(super) settings: Map<String, Value>,
}

impl ActionSection {
    /// Returns the model that the action calls, as far as it can be read.
    pub(super) fn llm(&self) -> Option<StateLlmSection> {
        let llm = self.settings.get("llm")?;
        serde_json::from_value(llm.clone()).ok()
    }
}

/// What an action does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum EffectName {
    /// It changes nothing.
    Read,
    /// It changes something, or sends something out.
    Write,
}

/// Whether strangers may have written an output.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum OutputName {
    /// They cannot.
    Trusted,
    /// They may.
    Untrusted,
}
