//! The command line.

use std::path::PathBuf;

pub(crate) const USAGE: &str = "\
openclaw-bench [--functions DIR] [--floors DIR] [--dynamodb URL] [--work DIR] [--cold N] [--warm N] [--turns N]
  --functions DIR  where the gateway's binaries are (default target/lambda)
  --floors DIR     where bench-hello and bench-chat-floor are (default target/lambda)
  --dynamodb URL   a DynamoDB to count requests against (default http://127.0.0.1:4566)
  --work DIR       for the configuration file that the functions read (default target/bench)
  --cold N         cold starts of each function (default 60)
  --warm N         warm turns of each function (default 1000)
  --turns N        length of the conversation whose last turn is compared with the 50th (default 1000)";

/// The measurements to make: subjects, addresses and numbers.
#[derive(Clone, Debug)]
pub(crate) struct Arguments {
    pub(crate) functions: PathBuf,
    pub(crate) floors: PathBuf,
    pub(crate) dynamodb: String,
    pub(crate) work: PathBuf,
    pub(crate) cold: usize,
    pub(crate) warm: usize,
    pub(crate) turns: usize,
}

impl Arguments {
    /// Reads `--name value` pairs.
    ///
    /// # Errors
    /// With a text for the user, when a name is unknown or a value missing or no number.
    pub(crate) fn read(mut words: impl Iterator<Item = String>) -> Result<Self, String> {
        let mut arguments = Self {
            functions: "target/lambda".into(),
            floors: "target/lambda".into(),
            dynamodb: "http://127.0.0.1:4566".to_owned(),
            work: "target/bench".into(),
            cold: 60,
            warm: 1000,
            turns: 1000,
        };
        while let Some(name) = words.next() {
            let value = words.next().ok_or_else(|| format!("{name} has no value\n{USAGE}"))?;
            let number = || value.parse::<usize>().map_err(|_| format!("{name}: {value} is not a number"));
            match name.as_str() {
                "--functions" => arguments.functions = value.into(),
                "--floors" => arguments.floors = value.into(),
                "--dynamodb" => arguments.dynamodb = value,
                "--work" => arguments.work = value.into(),
                "--cold" => arguments.cold = number()?.max(1),
                "--warm" => arguments.warm = number()?.max(250),
                "--turns" => arguments.turns = number()?.max(60),
                _ => return Err(format!("{name} is unknown\n{USAGE}")),
            }
        }
        Ok(arguments)
    }
}
