//! `openclaw policy`.

use std::fmt::Write;
use std::io;
use std::path::PathBuf;

use clap::{Args, Subcommand};
use openclaw::agent::FullSchemaChecks;
use openclaw::app::{KnownModels, SystemClock};
use openclaw::config::Environment;
use openclaw::domain::Clock;

use super::terminal::{CommandError, Status, may_colour, print, print_error, stage};
use crate::directory::Directory;
use crate::report;

/// Works on the sets of policies of a configuration.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Test(TestArguments),
}

/// Checks the sets of policies that DIR/openclaw.yaml names, and runs their examples.
///
/// A set is checked against the actions of the configuration: what its policies read must
/// be there, and each must be able to apply. Then its examples are judged. Prints a line
/// for each set; what fails is shown with its place on standard error.
///
/// openclaw.yaml itself must be free of the faults that `openclaw check` finds;
/// `OPENCLAW_LOCAL=1` has the same meaning as there.
///
/// Exit status: 0 if every example was decided as it expects, 1 if not or if there are
/// other faults, 2 if DIR is not a directory with a readable openclaw.yaml or the
/// arguments are wrong.
#[derive(Debug, Args)]
#[command(verbatim_doc_comment)]
struct TestArguments {
    /// The directory that holds openclaw.yaml
    #[arg(value_name = "DIR")]
    directory: PathBuf,
}

pub(super) fn run(arguments: &Arguments, environment: &Environment) -> Result<Status, CommandError> {
    let Command::Test(TestArguments { directory }) = &arguments.command;
    let directory = Directory::read(directory)?;
    let colour = may_colour(&io::stderr(), environment);
    let reports = match directory.policies(stage(environment), &KnownModels(FullSchemaChecks), SystemClock.now()) {
        Ok(reports) => reports,
        Err(faults) => {
            print_error(&report::text(&directory, &faults, colour))?;
            return Ok(Status::Faulty);
        }
    };
    let mut lines = String::new();
    let (mut faults, mut warnings) = (Vec::new(), Vec::new());
    for set in reports {
        let examples = if set.examples == 1 { "example" } else { "examples" };
        let result = match set.faults.len() {
            0 => "all as expected".to_owned(),
            1 => "1 fault".to_owned(),
            count => format!("{count} faults"),
        };
        // Writing to a string cannot fail.
        let _written = writeln!(lines, "{}: {} {examples}, {result}", set.name, set.examples);
        faults.extend(set.faults);
        warnings.extend(set.warnings);
    }
    if lines.is_empty() {
        lines.push_str("no sets of policies of its own\n");
    }
    print(&lines)?;
    let status = if faults.is_empty() { Status::Fine } else { Status::Faulty };
    faults.extend(warnings);
    if !faults.is_empty() {
        print_error(&report::text(&directory, &faults, colour))?;
    }
    Ok(status)
}
