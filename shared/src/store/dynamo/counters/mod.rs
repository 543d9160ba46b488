//! Counters of calls: the port on the table.

mod store;
