//! The subcommands, a file each, and their exit statuses.

mod audit;
mod bundle;
mod check;
mod policy;
mod terminal;

use std::io::{self, Write};
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use openclaw::config::Environment;

use terminal::Status;

/// The arguments of the command.
#[derive(Debug, Parser)]
#[command(
    name = "openclaw",
    version,
    about = "Checks and bundles the configuration of OpenClaw on Lambda, and verifies its audit",
    arg_required_else_help = true
)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Audit(audit::Arguments),
    Check(check::Arguments),
    Bundle(bundle::Arguments),
    Policy(policy::Arguments),
}

/// Runs the command that the process's arguments name, and returns its exit status: 0 if the configuration is fine, 1 if it
/// has faults, 2 if the command was used wrongly or could not do its work.
#[must_use]
pub fn run() -> ExitCode {
    // `clap` exits with status 2 itself where the arguments are wrong.
    let arguments = Arguments::parse();
    let environment = Environment::from_process();
    let result = match arguments.command {
        Command::Audit(arguments) => audit::run(&arguments, environment),
        Command::Check(arguments) => check::run(&arguments, &environment),
        Command::Bundle(arguments) => bundle::run(&arguments, &environment),
        Command::Policy(arguments) => policy::run(&arguments, &environment),
    };
    match result {
        Ok(Status::Fine) => ExitCode::SUCCESS,
        Ok(Status::Faulty) => ExitCode::from(1),
        Err(error) => {
            // Nothing can be done where standard error is closed.
            let _written = writeln!(io::stderr(), "error: {error}");
            ExitCode::from(2)
        }
    }
}
