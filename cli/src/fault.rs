//! A fault with its place in the file.

use std::ops::Range;
use std::sync::Arc;

use openclaw::config::{ConfigFault, FaultPart};

/// How much a fault matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// The configuration is refused.
    Error,
    /// The configuration is used as it is.
    Warning,
}

/// A fault in `openclaw.yaml`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// How much it matters.
    pub severity: Severity,
    /// The path within the document, such as `agents[1].llm.provider`; empty for the document as a whole. `***` stands for a
    /// key that may be a secret.
    pub path: String,
    /// The half of the pair at `path` that is wrong.
    pub part: FaultPart,
    /// What was found; never the value of a key or a header.
    pub found: String,
    /// What is allowed.
    pub allowed: String,
    /// The bytes to mark; `None` if nothing in the file stands for the fault.
    pub marked: Option<Range<usize>>,
    /// The bytes of an earlier place that explains the fault, with the reason.
    pub related: Option<(Range<usize>, &'static str)>,
    /// The file that the bytes are of; `None` for `openclaw.yaml`.
    pub other: Option<Arc<OtherFile>>,
}

/// A file that `openclaw.yaml` names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OtherFile {
    /// Its path, as faults show it.
    pub path: String,
    /// Its text.
    pub text: String,
}

impl Fault {
    /// Returns the fault in one sentence.
    #[must_use]
    pub fn message(&self) -> String {
        let separator = if self.path.is_empty() { "" } else { ": " };
        format!("{}{separator}found {}; allowed: {}", self.path, self.found, self.allowed)
    }

    /// Makes a fault of a value without a place.
    pub(crate) fn at(path: impl Into<String>, found: impl Into<String>, allowed: impl Into<String>) -> Self {
        let (path, found, allowed) = (path.into(), found.into(), allowed.into());
        Self {
            severity: Severity::Error,
            path,
            part: FaultPart::Value,
            found,
            allowed,
            marked: None,
            related: None,
            other: None,
        }
    }

    /// Makes a fault of one that the configuration's check found.
    pub(crate) fn of(fault: ConfigFault, marked: Option<Range<usize>>) -> Self {
        Self {
            path: fault.path,
            part: fault.part,
            found: fault.found,
            allowed: fault.allowed,
            marked,
            ..Self::at("", "", "")
        }
    }
}

/// Returns the line and the column of a byte, both from 1; the column counts characters.
pub(crate) fn line_and_column(text: &str, byte: usize) -> (usize, usize) {
    let before = text.get(..byte).unwrap_or(text);
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    let column = before.get(line_start..).map_or(0, |line| line.chars().count());
    (before.matches('\n').count() + 1, column + 1)
}
