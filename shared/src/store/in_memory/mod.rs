//! The reference implementations of the ports, for tests.

mod connections;
mod conversations;
mod idempotency;
mod state;

pub use connections::InMemoryConnections;
pub use state::InMemoryStore;
