//! The real binaries of `agent` and `stream`, started as Lambda starts them, with providers, key set and configuration that misbehave.
//!
//! Needs the binaries (`cargo build --bin agent --bin stream`) and a local cloud: `OPENCLAW_TEST_AWS_ENDPOINT_URL`.
#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests and their helpers")]

mod configuration;
mod deadlines;
mod keys;
mod log;
mod providers;
mod scene;
mod streams;
mod tokens;
