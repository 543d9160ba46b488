//! What is wrong with a configuration, all at once.

use std::fmt;

/// One fault.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ConfigFault {
    /// The file, or the environment variable that overrides it.
    pub source: String,
    /// The path within it, such as `agents[1].llm.provider`; empty for the whole.
    pub path: String,
    /// What was found there; never the value of a key or a header.
    pub found: String,
    /// What is allowed there.
    pub allowed: String,
}

impl fmt::Display for ConfigFault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { source, path, found, allowed } = self;
        let separator = if path.is_empty() { "" } else { ": " };
        write!(formatter, "{source}: {path}{separator}found {found}; allowed: {allowed}")
    }
}

/// A configuration that is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigError(pub Vec<ConfigFault>);

impl fmt::Display for ConfigError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "the configuration is refused ({} faults)", self.0.len())?;
        self.0.iter().try_for_each(|fault| write!(formatter, "\n  {fault}"))
    }
}

impl std::error::Error for ConfigError {}

/// Gathers faults by path; the first at a path counts, since later ones are its echo.
#[derive(Debug, Default)]
pub(super) struct Faults(Vec<(String, String, String)>);

impl Faults {
    pub(super) fn add(&mut self, path: impl Into<String>, found: impl Into<String>, allowed: impl Into<String>) {
        let path = path.into();
        if !self.is_known(&path) {
            self.0.push((path, found.into(), allowed.into()));
        }
    }

    /// Whether something is wrong at this very path.
    pub(super) fn is_known(&self, path: &str) -> bool {
        self.0.iter().any(|(known, _, _)| known == path)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn into_error(self, source_of: impl Fn(&str) -> String) -> ConfigError {
        let mut faults: Vec<ConfigFault> = self
            .0
            .into_iter()
            .map(|(path, found, allowed)| ConfigFault { source: source_of(&path), path, found, allowed })
            .collect();
        faults.sort();
        ConfigError(faults)
    }
}
