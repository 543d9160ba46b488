//! Entry of the command `openclaw`.

use std::process::ExitCode;

fn main() -> ExitCode {
    openclaw_cli::commands::run()
}
