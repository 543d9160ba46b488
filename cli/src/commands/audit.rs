//! `openclaw audit`.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use async_trait::async_trait;
use clap::{Args, Subcommand};
use openclaw::app::{AppContext, SystemClock, audit_bucket};
use openclaw::audit::{AuditReader, ObjectError, VerifyError, first_open_day, is_day, verify_day};
use openclaw::config::Environment;
use openclaw::domain::Clock;

use super::terminal::{CommandError, Status, print, print_error};

/// Works on the audit.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Verify(VerifyArguments),
}

/// Checks the chains of a day, and names the first broken link of each.
///
/// SOURCE is the audit's bucket as `s3://BUCKET`, or a directory with a copy of it. Finds an
/// entry that was changed, one that is missing, one that stands there twice, a shard that is
/// missing, and a day that was put in the place of another. A day has no manifest until an
/// hour after its end at most; then what is missing at the end of a shard cannot be noticed,
/// and the command says so.
///
/// The bucket is read with `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`,
/// `AWS_SESSION_TOKEN` and `AWS_REGION`; `aws configure export-credentials --format env` prints them for a profile.
///
/// Exit status: 0 if the day is as it was archived, 1 if not, 2 if it cannot be read or the
/// arguments are wrong.
#[derive(Debug, Args)]
#[command(verbatim_doc_comment)]
struct VerifyArguments {
    /// The bucket, as `s3://BUCKET`, or a directory
    #[arg(value_name = "SOURCE")]
    source: String,
    /// The day in UTC
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = parse_day)]
    day: String,
}

fn parse_day(text: &str) -> Result<String, String> {
    if is_day(text) { Ok(text.to_owned()) } else { Err("write a day as 2026-05-01".to_owned()) }
}

pub(super) fn run(arguments: &Arguments, environment: Environment) -> Result<Status, CommandError> {
    let Command::Verify(VerifyArguments { source, day }) = &arguments.command;
    let reader: Box<dyn AuditReader> = match source.strip_prefix("s3://") {
        Some(bucket) => {
            let bucket = bucket.trim_end_matches('/');
            let is_name = |name: &str| !name.is_empty() && !name.contains('/');
            if !is_name(bucket) {
                return Err(CommandError::Audit(format!("{source} is not a bucket; write s3://BUCKET")));
            }
            let context = AppContext::new(environment).map_err(|error| CommandError::Audit(error.to_string()))?;
            Box::new(audit_bucket(&context, bucket))
        }
        None if Path::new(source).is_dir() => Box::new(Files(source.into())),
        None => return Err(CommandError::Audit(format!("{source} is neither a directory nor s3://BUCKET"))),
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| CommandError::Audit(error.to_string()))?;
    match runtime.block_on(verify_day(reader.as_ref(), day, &first_open_day(SystemClock.now()))) {
        Ok(verified) => {
            let counts = format!("{} entries in {} objects", verified.entries, verified.objects);
            let open = "; the day has no manifest yet, so what is missing at the end would not be noticed";
            print(&format!("{day}: {counts}, every link holds{}\n", if verified.is_closed { "" } else { open }))?;
            Ok(Status::Fine)
        }
        Err(error @ (VerifyError::Unreadable(_) | VerifyError::Nothing(_))) => {
            Err(CommandError::Audit(error.to_string()))
        }
        Err(broken) => {
            for line in broken.to_string().lines() {
                print_error(&format!("{day}: {line}\n"))?;
            }
            Ok(Status::Faulty)
        }
    }
}

/// A directory with a copy of the bucket.
struct Files(PathBuf);

#[async_trait]
impl AuditReader for Files {
    async fn get(&self, key: &str) -> Result<Option<String>, ObjectError> {
        match fs::read(self.0.join(key)) {
            Ok(bytes) => String::from_utf8(bytes).map(Some).map_err(|_| ObjectError::NotText(key.to_owned())),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(unreadable(key, &error)),
        }
    }

    async fn list(&self, prefix: &str) -> Result<Vec<String>, ObjectError> {
        let mut keys = Vec::new();
        let mut folders = vec![prefix.trim_end_matches('/').to_owned()];
        while let Some(folder) = folders.pop() {
            let entries = match fs::read_dir(self.0.join(&folder)) {
                Ok(entries) => entries,
                Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                Err(error) => return Err(unreadable(&folder, &error)),
            };
            for entry in entries {
                let entry = entry.map_err(|error| unreadable(&folder, &error))?;
                let key = format!("{folder}/{}", entry.file_name().to_string_lossy());
                if entry.path().is_dir() {
                    folders.push(key);
                } else {
                    keys.push(key);
                }
            }
        }
        keys.sort();
        Ok(keys)
    }
}

fn unreadable(what: &str, error: &io::Error) -> ObjectError {
    ObjectError::Unavailable(format!("{what}: {error}"))
}
