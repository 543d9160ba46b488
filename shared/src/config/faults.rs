//! Everything that is wrong with a configuration, gathered before it is refused.

use std::fmt;

use super::shown::shown_path;

/// One fault.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ConfigFault {
    /// The file, or the environment variable that overrides it.
    pub source: String,
    /// The path within the document, such as `agents[1].llm.provider`; empty for the document as a whole. `***` stands for a
    /// key that may be a secret.
    pub path: String,
    /// The same path with every key as written.
    pub written_path: WrittenPath,
    /// The half of the pair at `path` that is wrong.
    pub part: FaultPart,
    /// What was found there; never the value of a key or a header.
    pub found: String,
    /// What is allowed there.
    pub allowed: String,
}

/// A path with every key as written. A key may be a secret, so the path is for finding the place and is never shown.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct WrittenPath(String);

impl WrittenPath {
    /// Returns the path, which must not be shown.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for WrittenPath {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("WrittenPath(***)")
    }
}

/// The half of a `key: value` pair that a fault is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum FaultPart {
    /// The key: it is unknown, or not allowed there.
    Key,
    /// The value, or its absence.
    Value,
}

impl fmt::Display for ConfigFault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { source, path, found, allowed, .. } = self;
        let separator = if path.is_empty() { "" } else { ": " };
        write!(formatter, "{source}: {path}{separator}found {found}; allowed: {allowed}")
    }
}

/// A configuration that is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigError(pub Vec<ConfigFault>);

impl fmt::Display for ConfigError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let noun = if self.0.len() == 1 { "fault" } else { "faults" };
        write!(formatter, "the configuration is refused ({} {noun})", self.0.len())?;
        self.0.iter().try_for_each(|fault| write!(formatter, "\n  {fault}"))
    }
}

impl std::error::Error for ConfigError {}

/// Gathers faults by path. Only the first fault at a path counts, since later ones are its consequences.
#[derive(Debug, Default)]
pub(super) struct Faults(Vec<Fault>);

#[derive(Debug)]
struct Fault {
    path: String,
    part: FaultPart,
    found: String,
    allowed: String,
}

impl Faults {
    /// Adds a fault of a value.
    pub(super) fn add(&mut self, path: impl Into<String>, found: impl Into<String>, allowed: impl Into<String>) {
        self.add_part(FaultPart::Value, path.into(), found.into(), allowed.into());
    }

    /// Adds a fault of a key.
    pub(super) fn add_key(&mut self, path: impl Into<String>, found: impl Into<String>, allowed: impl Into<String>) {
        self.add_part(FaultPart::Key, path.into(), found.into(), allowed.into());
    }

    fn add_part(&mut self, part: FaultPart, path: String, found: String, allowed: String) {
        if !self.is_known(&path) {
            self.0.push(Fault { path, part, found, allowed });
        }
    }

    /// Returns whether this very path has a fault.
    pub(super) fn is_known(&self, path: &str) -> bool {
        self.0.iter().any(|fault| fault.path == path)
    }

    /// Returns the places of the faults below this path, such as `find.next` below `agents[0].states`.
    pub(super) fn below(&self, path: &str) -> impl Iterator<Item = &str> {
        let prefix = format!("{path}.");
        self.0.iter().filter_map(move |fault| fault.path.strip_prefix(prefix.as_str()))
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns the error that names every fault, with the source of each path.
    pub(super) fn into_error(self, source_of: impl Fn(&str) -> String) -> ConfigError {
        let mut faults: Vec<ConfigFault> = self
            .0
            .into_iter()
            .map(|Fault { path, part, found, allowed }| ConfigFault {
                source: source_of(&path),
                path: shown_path(&path),
                written_path: WrittenPath(path),
                part,
                found,
                allowed,
            })
            .collect();
        // Sorted, so that the same configuration always gives the same text.
        faults.sort();
        ConfigError(faults)
    }
}
