//! `openclaw check`.

use std::io;
use std::path::PathBuf;

use clap::{Args, ValueEnum};
use openclaw::agent::FullSchemaChecks;
use openclaw::app::{KnownModels, SystemClock};
use openclaw::config::Environment;
use openclaw::domain::Clock;

use super::terminal::{CommandError, Status, may_colour, print, stage};
use crate::directory::Directory;
use crate::fault::Severity;
use crate::report;

/// Checks DIR/openclaw.yaml as functions do, and prints every fault with its place.
///
/// The check does not depend on the shell's variables: `LLM_…` and `OPENCLAW__…`
/// override a configuration where it is deployed, not here. The one exception is
/// `OPENCLAW_LOCAL=1`, which checks the file as the local cloud does: authentication
/// may be switched off, the addresses and keys of providers may be missing, and
/// actions may call loopback addresses. The user pool and its client may always be
/// missing, since a deployment fills them in.
///
/// Warnings are not faults: the configuration does what it says, which may be more than
/// its author expects.
///
/// Exit status: 0 if there is no fault, 1 if there are faults, 2 if DIR is not a
/// directory with a readable openclaw.yaml or the arguments are wrong.
#[derive(Debug, Args)]
#[command(verbatim_doc_comment)]
pub(super) struct Arguments {
    /// The directory that holds openclaw.yaml
    #[arg(value_name = "DIR")]
    directory: PathBuf,
    /// The format of the result, which goes to standard output
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Format {
    /// Each fault with its line, for people
    Text,
    /// A list of {severity, message, file, path, line, column, found, allowed}; empty if there is no fault
    Json,
}

pub(super) fn run(arguments: &Arguments, environment: &Environment) -> Result<Status, CommandError> {
    let directory = Directory::read(&arguments.directory)?;
    let faults = directory.check(stage(environment), &KnownModels(FullSchemaChecks), SystemClock.now());
    match arguments.format {
        Format::Text => print(&report::text(&directory, &faults, may_colour(&io::stdout(), environment)))?,
        Format::Json => print(&report::json(&directory, &faults))?,
    }
    let is_faulty = faults.iter().any(|fault| fault.severity == Severity::Error);
    Ok(if is_faulty { Status::Faulty } else { Status::Fine })
}
