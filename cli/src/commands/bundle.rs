//! `openclaw bundle`.

use std::ffi::OsString;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use clap::Args;
use openclaw::app::KnownModels;
use openclaw::config::Environment;

use super::terminal::{CommandError, Status, may_colour, print, stage};
use crate::directory::Directory;
use crate::report;

/// Bundles DIR/openclaw.yaml into the one JSON document that functions and Terraform read.
///
/// Files that openclaw.yaml names are included. The same input gives the same bytes,
/// indented and with sorted keys, so that a committed bundle can be reviewed;
/// Terraform stores it compactly.
///
/// Refuses what `openclaw check` refuses, with the faults on standard error;
/// `OPENCLAW_LOCAL=1` has the same meaning as there.
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
    match directory.bundle(stage(environment), &KnownModels) {
        Ok(bundle) => {
            let text = format!("{bundle}\n");
            match &arguments.output {
                Some(file) => replace(file, &text)?,
                None => print(&text)?,
            }
            Ok(Status::Fine)
        }
        Err(faults) => {
            let text = report::text(&directory, &faults, may_colour(&io::stderr(), environment));
            let written = io::stderr().write_all(text.as_bytes());
            written.map_err(|source| CommandError::Output { target: "standard error".to_owned(), source })?;
            Ok(Status::Faulty)
        }
    }
}

/// Replaces a file, so that a reader sees the old text or the new one and never a part.
fn replace(file: &Path, text: &str) -> Result<(), CommandError> {
    // Beside the file, since only a rename within one file system is atomic.
    let mut beside = file.file_name().map_or_else(OsString::new, OsString::from);
    // The process id keeps two runs of the command apart.
    beside.push(format!(".{}.tmp", std::process::id()));
    let beside = file.with_file_name(beside);
    let written = fs::write(&beside, text).and_then(|()| fs::rename(&beside, file));
    written.map_err(|source| {
        // The first error is the one that matters.
        let _removed = fs::remove_file(&beside);
        CommandError::Output { target: file.display().to_string(), source }
    })
}
