//! The gateway over WebSocket: connections are opened and messages checked by one function, and runs are carried out by
//! another, which posts what it hears. Integrations of a WebSocket API are cut at 29 s; runs are not.

mod connect;
mod event;
mod frame;
mod given_up;
mod hear;
mod message;
mod order;
mod run;
mod serve;

pub use event::{WebSocketEvent, WebSocketResponse};
pub use order::RunOrder;
pub use run::{NoRoad, RunPorts, RunsOrders, carry_out, order_in};
pub use serve::{Untold, WebSocketDoor, WebSocketPorts, serve_websocket};

/// What the log has for a request's method.
const METHOD: &str = "WEBSOCKET";
