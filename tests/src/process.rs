//! A function's process: its environment, its output, and its cost as Linux counts it.

use std::{
    fs, io,
    path::{Path, PathBuf},
    process::Stdio,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tokio::{
    io::{AsyncRead, AsyncReadExt},
    process::{Child, Command},
    task::JoinSet,
};

/// The program to start, and its settings.
#[derive(Clone, Debug)]
pub struct FunctionSpec {
    /// The binary, which is `bootstrap` in the zip.
    pub binary: PathBuf,
    /// Arguments of the binary; the platform passes none.
    pub arguments: Vec<String>,
    /// `AWS_LAMBDA_FUNCTION_NAME`.
    pub name: String,
    /// `AWS_LAMBDA_FUNCTION_MEMORY_SIZE` in MB; it is passed to the function but not enforced.
    pub memory_mb: u32,
    /// The function's own settings, which override those that every Lambda function has.
    pub environment: Vec<(String, String)>,
}

impl FunctionSpec {
    /// Creates a function with 512 MB and no settings of its own.
    pub fn new(name: impl Into<String>, binary: impl Into<PathBuf>) -> Self {
        Self {
            binary: binary.into(),
            arguments: Vec::new(),
            name: name.into(),
            memory_mb: 512,
            environment: Vec::new(),
        }
    }

    /// Adds one setting.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.environment.push((name.to_owned(), value.into()));
        self
    }
}

/// Resident memory in KiB.
#[derive(Clone, Copy, Debug, Default)]
pub struct Memory {
    /// The highest value so far (`VmHWM`).
    pub peak_kib: u64,
    /// The current value (`VmRSS`).
    pub resident_kib: u64,
}

/// Everything that the process wrote so far.
#[derive(Clone, Debug, Default)]
pub struct Output(Arc<Mutex<Vec<u8>>>);

impl Output {
    /// Returns the text; bytes that are not UTF-8 are replaced.
    #[must_use]
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.lock().unwrap_or_else(PoisonError::into_inner)).into_owned()
    }

    async fn fill(self, mut from: impl AsyncRead + Unpin) {
        let mut buffer = vec![0; 16 * 1024];
        while let Ok(read @ 1..) = from.read(&mut buffer).await {
            let read = buffer.get(..read).unwrap_or_default();
            self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(read);
        }
    }
}

/// The running process; it is killed when dropped.
#[derive(Debug)]
pub(crate) struct Process {
    pub(crate) child: Child,
    pub(crate) stdout: Output,
    pub(crate) stderr: Output,
    proc: PathBuf,
    _readers: JoinSet<()>,
}

impl Process {
    pub(crate) fn spawn(spec: &FunctionSpec, runtime_api: &str) -> io::Result<Self> {
        let mut child = Command::new(&spec.binary)
            .args(&spec.arguments)
            .env_clear()
            .envs(lambda_environment(spec, runtime_api))
            .envs(spec.environment.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()?;
        let (stdout, stderr) = (Output::default(), Output::default());
        let mut readers = JoinSet::new();
        if let Some(pipe) = child.stdout.take() {
            readers.spawn(stdout.clone().fill(pipe));
        }
        if let Some(pipe) = child.stderr.take() {
            readers.spawn(stderr.clone().fill(pipe));
        }
        let proc = Path::new("/proc").join(child.id().unwrap_or_default().to_string());
        Ok(Self { child, stdout, stderr, proc, _readers: readers })
    }

    /// Returns the processor time of all its running threads, which the scheduler counts in nanoseconds.
    pub(crate) fn cpu_time(&self) -> io::Result<Duration> {
        let mut total = 0;
        for task in fs::read_dir(self.proc.join("task"))? {
            // A thread may end between the listing and the reading.
            let line = fs::read_to_string(task?.path().join("schedstat")).unwrap_or_default();
            total += line.split(' ').next().and_then(|first| first.parse::<u64>().ok()).unwrap_or_default();
        }
        Ok(Duration::from_nanos(total))
    }

    pub(crate) fn memory(&self) -> io::Result<Memory> {
        let status = fs::read_to_string(self.proc.join("status"))?;
        let kib = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name));
            line.and_then(|rest| rest.split_whitespace().next()?.parse().ok()).unwrap_or_default()
        };
        Ok(Memory { peak_kib: kib("VmHWM:"), resident_kib: kib("VmRSS:") })
    }
}

/// Returns the environment of a `provided.al2023` function on the platform, with invalid credentials.
fn lambda_environment(spec: &FunctionSpec, runtime_api: &str) -> Vec<(&'static str, String)> {
    vec![
        ("AWS_LAMBDA_RUNTIME_API", runtime_api.to_owned()),
        ("AWS_LAMBDA_FUNCTION_NAME", spec.name.clone()),
        ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST".to_owned()),
        ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", spec.memory_mb.to_string()),
        ("AWS_LAMBDA_LOG_GROUP_NAME", format!("/aws/lambda/{}", spec.name)),
        ("AWS_LAMBDA_LOG_STREAM_NAME", "local".to_owned()),
        ("AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand".to_owned()),
        ("AWS_EXECUTION_ENV", "AWS_Lambda_provided.al2023".to_owned()),
        ("_HANDLER", "bootstrap".to_owned()),
        ("LAMBDA_TASK_ROOT", "/var/task".to_owned()),
        ("AWS_REGION", "us-east-1".to_owned()),
        ("AWS_DEFAULT_REGION", "us-east-1".to_owned()),
        ("AWS_ACCESS_KEY_ID", "test".to_owned()),
        ("AWS_SECRET_ACCESS_KEY", "test".to_owned()),
        ("LANG", "en_US.UTF-8".to_owned()),
        ("TZ", ":UTC".to_owned()),
        ("PATH", "/usr/local/bin:/usr/bin:/bin".to_owned()),
    ]
}
