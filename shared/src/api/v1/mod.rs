//! The endpoints of version 1, a file each.

pub mod agents;
pub mod conversations;
pub mod deep_health;
pub mod erasure;
pub mod grants;
pub mod health;
pub mod invoke;
pub mod models;
pub mod stream;
