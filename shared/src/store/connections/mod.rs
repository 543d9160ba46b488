//! The port to WebSocket connections: who opened each, and which runs it has.

mod connection;
mod port;

pub use connection::{Acceptance, Connection, MAX_RUNS, RunHandle, RunStart, RunStatus};
pub use port::ConnectionRegistry;
