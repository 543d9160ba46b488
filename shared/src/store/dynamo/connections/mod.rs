//! WebSocket connections: one item each, which holds the connection's runs.

mod connection_item;
mod registry;
