//! The files that a configuration names. They are read when it is checked and bundled, never by a function.

use std::fs;
use std::path::Path;

/// Why a file that a configuration names cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileFault {
    /// It cannot be read as text.
    Unreadable,
    /// Its path, or a link on it, leads out of the directory.
    Outside,
}

impl FileFault {
    /// Returns the fault as it is shown.
    #[must_use]
    pub const fn found(self) -> &'static str {
        match self {
            Self::Unreadable => "a file that cannot be read",
            Self::Outside => "a file outside the directory of openclaw.yaml",
        }
    }
}

/// Reads a file that a configuration names. It is in the configuration's directory or below it, since that directory alone
/// is reviewed, and what a bundle contains must not depend on the machine.
///
/// # Errors
/// [`FileFault`]: a fault of the configuration.
pub fn read_named_file(directory: &Path, file: &str) -> Result<String, FileFault> {
    let resolved = |path: &Path| path.canonicalize().map_err(|_| FileFault::Unreadable);
    let path = resolved(&directory.join(file))?;
    if !path.starts_with(resolved(directory)?) {
        return Err(FileFault::Outside);
    }
    let text = fs::read_to_string(path).map_err(|_| FileFault::Unreadable)?;
    // Some editors begin a file with a byte order mark, which does not belong to its text.
    Ok(text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text))
}
