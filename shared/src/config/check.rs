//! The circumstances of a check.

use std::path::Path;

use super::env::Environment;
use super::rules::ModelRules;
use super::stage::Stage;

/// The circumstances of a check.
pub(super) struct Check<'a> {
    pub(super) environment: &'a Environment,
    pub(super) rules: &'a dyn ModelRules,
    pub(super) stage: Stage,
    /// The directory that relative paths of certificates start from.
    pub(super) directory: &'a Path,
    /// The document's own provider where the environment names another one.
    pub(super) replaced_provider: Option<&'a str>,
}
