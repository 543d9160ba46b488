//! The reference implementations of the ports, for tests.

mod connections;
mod conversations;
mod counters;
mod grants;
mod idempotency;
mod leases;
mod state;

pub use connections::InMemoryConnections;
pub use counters::InMemoryCounters;
pub use grants::InMemoryGrants;
pub use leases::InMemoryLeases;
pub use state::InMemoryStore;
