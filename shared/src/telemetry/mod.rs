//! Logs and metrics: one JSON line each on standard output, which Lambda forwards to `CloudWatch`.
//!
//! Must not know prompts, answers or keys: only the fields named in [`fields`] are ever written.

mod emf;
pub mod fields;
mod json_lines;
mod line_limit;
mod metric;

use std::sync::Arc;

pub use emf::{ArchiveMetrics, InvocationMetrics, Provenance, config_refused_line};
pub use json_lines::{INVOCATION, JsonLines, LineWriter};
pub use line_limit::LineLimit;
pub use metric::Metric;
use tracing::Level;
use tracing_subscriber::layer::SubscriberExt;

use crate::domain::Clock;

/// Sends the process's log to standard output.
///
/// Only the gateway's own events are written: a library's may quote what it sends or receives.
pub fn init(level: Option<&str>, clock: Arc<dyn Clock>) {
    let level = level.and_then(|text| text.parse::<Level>().ok()).unwrap_or(Level::INFO);
    let subscriber = tracing_subscriber::registry().with(JsonLines::new(level, clock, stdout()));
    // A second call, as tests make it, changes nothing.
    let _already_set = tracing::subscriber::set_global_default(subscriber);
}

/// Returns a writer that writes whole lines to standard output.
#[must_use]
pub fn stdout() -> LineWriter {
    Arc::new(|line: &str| {
        use std::io::Write;
        let mut out = std::io::stdout().lock();
        // When standard output is closed, there is no place left to report the error.
        let _lost = out.write_all(line.as_bytes()).and_then(|()| out.write_all(b"\n"));
    })
}
