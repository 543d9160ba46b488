//! Grants: the port on the table.

mod store;
