//! Sets of policies as people write them, as [`super::file`] is the rest.

use schemars::JsonSchema;
use serde::Deserialize;

/// A set of policies.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(extend("required" = ["files"]))]
pub(super) struct PolicySection {
    /// The paths of the files with the policies, in Cedar; required.
    pub(super) files: Vec<String>,
    /// The path of the file with the examples, in YAML. Required where the set needs examples.
    pub(super) tests: Option<String>,
    /// The shipped set that it extends. Default `strict`.
    pub(super) extends: Option<ExtendsName>,
}

/// A shipped set, or none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum ExtendsName {
    /// Asks before what strangers may have caused.
    Strict,
    /// Allows every call but those that would leak data.
    Permissive,
    /// Allows nothing.
    None,
}
