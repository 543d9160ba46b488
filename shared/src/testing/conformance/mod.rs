//! Conformance suites, one for each port: what every adapter must do.

pub mod audit;
pub mod connections;
pub mod conversations;
pub mod grants;
pub mod leases;
