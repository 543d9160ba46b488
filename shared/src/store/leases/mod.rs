//! The port that bounds how much is open at once: the runs of a user, a tenant or an agent, and a user's connections.

mod lease;
mod port;

pub use lease::{Acquired, Lease, Quota, Scope, ScopeKind};
pub use port::LeaseStore;
