//! The ports to the other end of a WebSocket and to the function that runs agents for it.
//!
//! Must not know what a frame says, nor who may ask for it.

mod api_gateway;
mod lambda;

use async_trait::async_trait;

pub use api_gateway::ApiGatewaySender;
pub use lambda::LambdaDispatcher;

use crate::domain::ConnectionId;

/// The largest message that a connection takes, in bytes (Amazon API Gateway Developer Guide, "Quotas for configuring and
/// running a WebSocket API").
pub const MAX_MESSAGE_BYTES: usize = 128 * 1024;

/// The largest frame, in bytes; a larger message takes several (same page).
pub const MAX_FRAME_BYTES: usize = 32 * 1024;

/// Why a frame was not posted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    /// The client has left.
    #[error("the connection is closed")]
    Gone,
    /// It could not be delivered in all this time, or never can be; whether it was is not known.
    #[error("the frame was not taken: {0}")]
    Failed(String),
}

/// Posts frames to clients.
#[async_trait]
pub trait ConnectionSender: Send + Sync {
    /// Posts a message of at most [`MAX_MESSAGE_BYTES`]; asks again where the API is busy or the client slow, so a message
    /// may come twice. One that is posted after this has returned comes after it.
    ///
    /// # Errors
    /// [`SendError::Gone`] is final.
    async fn send(&self, to: &ConnectionId, frame: String) -> Result<(), SendError>;
}

/// A run was not started.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the run was not started: {0}")]
pub struct DispatchError(pub String);

/// Starts runs that nobody waits for.
#[async_trait]
pub trait RunDispatcher: Send + Sync {
    /// Hands an order over; it is carried out at least once, a little later.
    ///
    /// # Errors
    /// [`DispatchError`]; whether it will be carried out is not known then.
    async fn dispatch(&self, event: Vec<u8>) -> Result<(), DispatchError>;
}

#[cfg(test)]
#[path = "delivery_tests.rs"]
mod tests;
