//! `openclaw bundle`.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use clap::Args;
use openclaw::agent::FullSchemaChecks;
use openclaw::app::{KnownModels, SystemClock};
use openclaw::config::{Environment, shown_path};
use openclaw::domain::Clock;

use super::terminal::{CommandError, Status, may_colour, print, print_error, stage};
use crate::directory::Directory;
use crate::report;

/// Bundles DIR/openclaw.yaml into the one JSON document that functions and Terraform read.
///
/// Files that openclaw.yaml names are included. The same input gives the same bytes,
/// indented and with sorted keys, so that a committed bundle can be reviewed;
/// Terraform stores it compactly.
///
/// Refuses what `openclaw check` refuses, with the faults on standard error;
/// `OPENCLAW_LOCAL=1` has the same meaning as there. Its warnings go to standard error. If openclaw.yaml holds keys in the
/// clear, a warning names their paths and only the owner may read FILE.
///
/// Exit status: 0 if the bundle was written, 1 if there are faults, 2 if DIR is not a
/// directory with a readable openclaw.yaml, the bundle cannot be written, or the
/// arguments are wrong.
#[derive(Debug, Args)]
#[command(verbatim_doc_comment)]
pub(super) struct Arguments {
    /// The directory that holds openclaw.yaml
    #[arg(value_name = "DIR")]
    directory: PathBuf,
    /// The file to write, which is replaced as a whole; without it the bundle goes to standard output
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

pub(super) fn run(arguments: &Arguments, environment: &Environment) -> Result<Status, CommandError> {
    let directory = Directory::read(&arguments.directory)?;
    match directory.bundle(stage(environment), &KnownModels(FullSchemaChecks), SystemClock.now()) {
        Ok((bundle, warnings)) => {
            if !warnings.is_empty() {
                print_error(&report::text(&directory, &warnings, may_colour(&io::stderr(), environment)))?;
            }
            let text = format!("{bundle}\n");
            let literal_keys = &bundle.rights.literal_keys;
            if !literal_keys.is_empty() {
                warn(directory.file(), literal_keys)?;
            }
            match &arguments.output {
                Some(file) => replace(file, &text, !literal_keys.is_empty())?,
                None => print(&text)?,
            }
            Ok(Status::Fine)
        }
        Err(faults) => {
            let text = report::text(&directory, &faults, may_colour(&io::stderr(), environment));
            print_error(&text)?;
            Ok(Status::Faulty)
        }
    }
}

/// Warns of keys that are written in the clear, by their paths.
fn warn(file: &str, literal_keys: &BTreeSet<String>) -> Result<(), CommandError> {
    let paths: Vec<String> = literal_keys.iter().map(|path| shown_path(path)).collect();
    print_error(&format!(
        "warning: {file}: keys in the clear, which the bundle holds too: {}; name a secret instead, as in \
         \"{{{{ secrets['name'] }}}}\"\n",
        paths.join(", ")
    ))
}

/// Replaces a file, so that a reader sees the old text or the new one and never a part. Only its owner may read a file that
/// `holds_keys`.
fn replace(file: &Path, text: &str, holds_keys: bool) -> Result<(), CommandError> {
    // Beside the file, since only a rename within one file system is atomic.
    let mut beside = file.file_name().map_or_else(OsString::new, OsString::from);
    // The process id keeps two runs of the command apart.
    beside.push(format!(".{}.tmp", std::process::id()));
    let beside = file.with_file_name(beside);
    let written = write(&beside, text, holds_keys).and_then(|()| fs::rename(&beside, file));
    written.map_err(|source| {
        // The first error is the one that matters.
        let _removed = fs::remove_file(&beside);
        CommandError::Output { target: file.display().to_string(), source }
    })
}

fn write(file: &Path, text: &str, holds_keys: bool) -> io::Result<()> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    if holds_keys {
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    }
    #[cfg(not(unix))]
    let _mode_of_unix = holds_keys;
    options.open(file)?.write_all(text.as_bytes())
}
