//! HTTP as Lambda brings it: events to typed requests, replies to responses, and the one table from errors to problems.
//!
//! Must not know DynamoDB or providers' wires.

mod accept;
mod authenticate;
mod body;
mod cursor;
mod digest;
mod errors;
mod event;
mod head;
#[cfg(any(test, feature = "testing"))]
mod openapi;
mod outlet;
mod part_health;
mod problem;
mod reply;
mod report;
mod request;
mod routes;
mod serve;
mod sse;
mod turn_event;
mod websocket;

pub mod endpoints;

pub use accept::Form;
pub use event::{GatewayEvent, GatewayResponse};
#[cfg(any(test, feature = "testing"))]
pub use openapi::openapi;
pub use outlet::{Outlet, StreamedResponse};
pub use part_health::{PartHealth, PartStatus};
pub use problem::{FieldFault, Problem, ProblemHeader, ProblemKind, ProblemMember};
pub use reply::{InvocationFacts, Reply};
pub use request::{HttpRequest, Invocation};
pub use routes::{Route, resolve};
pub use serve::{Call, Door, Front, misrouted, serve, serve_streamed};
pub use websocket::{
    NoRoad, RunOrder, RunPorts, RunsOrders, Untold, WebSocketDoor, WebSocketEvent, WebSocketPorts, WebSocketResponse,
    carry_out, order_in, serve_websocket,
};
