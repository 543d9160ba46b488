//! The contract, checked from outside against a running gateway.
//!
//! Needs `OPENCLAW_TEST_BASE_URL`, and a command that prints a token: `OPENCLAW_TEST_TOKEN_COMMAND`, by default
//! `make token`. `make test` starts a gateway and sets both.
#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests and their helpers")]

mod agents;
mod audit;
mod authentication;
mod concurrency;
mod conversations;
mod events;
mod gateway;
mod health;
mod idempotency;
mod invoke;
mod refusals;
mod stream;
mod websocket;
