//! The reference implementations of the ports, for tests.

mod connections;
mod conversations;
mod idempotency;
mod leases;
mod state;

pub use connections::InMemoryConnections;
pub use leases::InMemoryLeases;
pub use state::InMemoryStore;
