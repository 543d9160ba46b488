//! Leases: an item for each scope, with a set of what is open.

mod open_set;
mod store;
