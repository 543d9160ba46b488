//! Conformance suites: what every adapter of a port must do.

pub mod connections;
pub mod conversations;
