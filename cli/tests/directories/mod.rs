//! Configuration directories of their own, and the command run in them.

use std::fs;
use std::path::Path;
use std::process::Command;

/// A directory below the test's own; made anew at each run.
pub(crate) struct Configuration(String);

impl Configuration {
    /// A directory without a file.
    pub(crate) fn empty(name: &str) -> Self {
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(env!("CARGO_CRATE_NAME")).join(name);
        if path.exists() {
            fs::remove_dir_all(&path).unwrap();
        }
        fs::create_dir_all(&path).unwrap();
        Self(path.to_str().unwrap().to_owned())
    }

    /// A directory with this `openclaw.yaml`.
    pub(crate) fn of(name: &str, text: impl AsRef<[u8]>) -> Self {
        let directory = Self::empty(name);
        directory.write("openclaw.yaml", text);
        directory
    }

    pub(crate) fn write(&self, name: &str, text: impl AsRef<[u8]>) {
        fs::write(Path::new(&self.0).join(name), text).unwrap();
    }

    pub(crate) fn path(&self) -> &str {
        &self.0
    }

    /// The text with `DIR` in place of the directory.
    pub(crate) fn without_place(&self, text: &str) -> String {
        text.replace(&self.0, "DIR")
    }
}

/// A run of the command in an environment of its own.
pub(crate) struct Openclaw(Command);

/// What a run left.
pub(crate) struct Finished {
    pub(crate) status: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

pub(crate) fn openclaw<'a>(arguments: impl IntoIterator<Item = &'a str>) -> Openclaw {
    let mut command = Command::new(env!("CARGO_BIN_EXE_openclaw"));
    command.args(arguments).env_clear();
    Openclaw(command)
}

impl Openclaw {
    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        self.0.env(name, value);
        self
    }

    pub(crate) fn run(mut self) -> Finished {
        let output = self.0.output().unwrap();
        Finished {
            status: output.status.code().unwrap(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }
}
