//! The circumstances of every subcommand: its stage, its streams, its result.

use std::io::{self, Write};

use openclaw::config::{Environment, Stage};

use crate::directory::DirectoryError;

/// The result of a command, as its exit status.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Status {
    /// The configuration is fine: 0.
    Fine,
    /// The configuration has faults: 1.
    Faulty,
}

/// A command that could not do its work, which exits with status 2 as wrong arguments do.
#[derive(Debug, thiserror::Error)]
pub(super) enum CommandError {
    /// The directory cannot be used.
    #[error(transparent)]
    Directory(#[from] DirectoryError),
    /// The audit cannot be read.
    #[error("{0}")]
    Audit(String),
    /// The result cannot be written.
    #[error("{target} cannot be written: {source}")]
    Output {
        /// The file or stream.
        target: String,
        /// The reason.
        source: io::Error,
    },
}

/// Returns the stage at which a directory is checked.
pub(super) fn stage(environment: &Environment) -> Stage {
    if environment.is_local() { Stage::LocalCloud } else { Stage::Deployment }
}

/// Returns whether a stream may be coloured: a terminal, unless `NO_COLOR` is set (no-color.org).
pub(super) fn may_colour(stream: &impl io::IsTerminal, environment: &Environment) -> bool {
    // A dumb terminal would show the escape codes themselves.
    stream.is_terminal() && environment.get("NO_COLOR").is_none() && environment.get("TERM") != Some("dumb")
}

/// Writes a result to standard output.
pub(super) fn print(text: &str) -> Result<(), CommandError> {
    // Flushed here, where an error can still be reported.
    let written = io::stdout().write_all(text.as_bytes()).and_then(|()| io::stdout().flush());
    unless_closed(written, "standard output")
}

/// Writes a text to standard error.
pub(super) fn print_error(text: &str) -> Result<(), CommandError> {
    unless_closed(io::stderr().write_all(text.as_bytes()), "standard error")
}

/// Returns the error of a stream, but not that its reader, such as `head`, has read enough.
fn unless_closed(written: io::Result<()>, target: &str) -> Result<(), CommandError> {
    match written {
        Err(source) if source.kind() != io::ErrorKind::BrokenPipe => {
            Err(CommandError::Output { target: target.to_owned(), source })
        }
        _ => Ok(()),
    }
}
