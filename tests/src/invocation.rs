//! The outcome of starting and invoking a function.

use bytes::Bytes;
use serde::Deserialize;
use std::{fmt, io, process::ExitStatus, time::Duration};

/// The reason why a function did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The binary could not be run, or no port be bound.
    #[error("the function could not be started: {0}")]
    Io(#[from] io::Error),
    /// It ended, reported an error of its initialisation, or did not poll within ten seconds.
    #[error("the function never polled: {reason}; it wrote: {stdout}{stderr}")]
    NoPoll {
        /// The event that happened instead.
        reason: String,
        /// Its standard output.
        stdout: String,
        /// Its standard error.
        stderr: String,
    },
}

/// The reason why an invocation has no response.
#[derive(Debug, thiserror::Error)]
pub enum InvokeError {
    /// The function reported an error.
    #[error("the function reported {0}")]
    Reported(ReportedError),
    /// The process ended before it answered.
    #[error("the function ended: {0}")]
    Exited(ExitStatus),
    /// The deadline passed; the process has been killed, as the platform does.
    #[error("the function did not answer before its deadline")]
    TimedOut,
    /// The process could not be watched.
    #[error("the process could not be watched: {0}")]
    Io(#[from] io::Error),
}

/// The error object of the Runtime API.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ReportedError {
    /// Its kind.
    #[serde(default)]
    pub error_type: String,
    /// Its text.
    #[serde(default)]
    pub error_message: String,
}

impl fmt::Display for ReportedError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: {}", self.error_type, self.error_message)
    }
}

/// A piece of a response and the time at which it arrived, counted from when the function received the event.
#[derive(Clone, Debug)]
pub struct Chunk {
    /// The time since the function received the event.
    pub at: Duration,
    /// The same time as [`crate::clock::stamp_us`] returns it.
    pub stamp_us: u64,
    /// The bytes.
    pub bytes: Bytes,
}

/// An answered invocation.
#[derive(Clone, Debug)]
pub struct Invocation {
    /// The time from the start of the invocation to the response's last byte.
    pub wall: Duration,
    /// The response in the pieces in which it arrived; a buffered response is usually one.
    pub chunks: Vec<Chunk>,
}

impl Invocation {
    /// Returns the whole response.
    #[must_use]
    pub fn response(&self) -> Bytes {
        match self.chunks.as_slice() {
            [only] => only.bytes.clone(),
            chunks => chunks.iter().flat_map(|chunk| chunk.bytes.iter().copied()).collect(),
        }
    }
}
