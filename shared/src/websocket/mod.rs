//! The gateway over WebSocket. The function `websocket` opens connections and checks messages; the function `stream`
//! performs the runs and sends their events, because an integration of a WebSocket API may take only 29 s.

mod connect;
mod dispatched_run;
mod failed_invocation;
mod frame;
mod handle_message;
mod handler;
mod message;
mod stream_handler;
mod worker;

pub use dispatched_run::DispatchedRun;
pub use handler::{ClientNotNotified, WebSocketHandler, WebSocketPorts};
pub use stream_handler::{StreamError, StreamHandler};
pub use worker::{ConnectionPorts, RunWorker};

/// The method in the access log.
const METHOD: &str = "WEBSOCKET";
