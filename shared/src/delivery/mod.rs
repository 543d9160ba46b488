//! The ports to the other end of a WebSocket and to the function that runs agents for it.
//!
//! Must not know what a frame contains, nor who may request it.

mod api_gateway;
mod lambda;

use async_trait::async_trait;

pub use api_gateway::ApiGatewaySender;
pub use lambda::LambdaDispatcher;

use crate::domain::ConnectionId;

/// The largest message that a connection accepts, in bytes (Amazon API Gateway Developer Guide, "Quotas for configuring
/// and running a WebSocket API").
pub const MAX_MESSAGE_BYTES: usize = 128 * 1024;

/// The largest frame, in bytes. A larger message is split into several (same page).
pub const MAX_FRAME_BYTES: usize = 32 * 1024;

/// The reason why a frame was not posted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    /// The client has disconnected.
    #[error("the connection is closed")]
    Gone,
    /// Posting failed after all retries, or with an error that is not retried. The client may have received the frame
    /// nevertheless.
    #[error("the frame was not taken: {0}")]
    Failed(String),
}

/// Posts frames to clients.
#[async_trait]
pub trait ConnectionSender: Send + Sync {
    /// Posts a message of at most [`MAX_MESSAGE_BYTES`]. Retries if the API is busy or the client slow, so a client may
    /// receive a message twice. A message that is posted after this call has returned arrives after this one.
    ///
    /// # Errors
    /// [`SendError::Gone`] is final.
    async fn send(&self, to: &ConnectionId, frame: String) -> Result<(), SendError>;
}

/// A run could not be dispatched.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the run was not started: {0}")]
pub struct DispatchError(pub String);

/// Dispatches runs, without waiting for their end.
#[async_trait]
pub trait RunDispatcher: Send + Sync {
    /// Dispatches a run, which starts a little later. The event may be delivered more than once.
    ///
    /// # Errors
    /// [`DispatchError`]; the run may start nevertheless.
    async fn dispatch(&self, event: Vec<u8>) -> Result<(), DispatchError>;
}

#[cfg(test)]
#[path = "delivery_tests.rs"]
mod tests;
