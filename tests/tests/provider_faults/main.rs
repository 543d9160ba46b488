//! The real `agent` binary, started as Lambda starts it, with providers, key set and configuration that misbehave.
//!
//! Needs the binary (`cargo build --bin agent`) and a local cloud: `OPENCLAW_TEST_AWS_ENDPOINT_URL`.
#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests and their helpers")]

mod configuration;
mod deadlines;
mod keys;
mod log;
mod providers;
mod scene;
mod tokens;
