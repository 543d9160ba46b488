//! The one trait of all functions.

use async_trait::async_trait;

use super::Invocation;

/// A Lambda function: handles one event at a time.
#[async_trait]
pub trait Handler: Send + Sync {
    /// The events that the function is invoked with.
    type Event: Send;
    /// The response to an event.
    type Response: Send;
    /// The reason why Lambda should count the invocation as failed.
    type Error: std::error::Error + Send + Sync + 'static;

    /// Handles an event.
    ///
    /// # Errors
    /// An error makes the invocation fail; Lambda retries an asynchronous one by the function's own settings. Whatever
    /// a client should read is a response, not an error.
    async fn handle(&self, event: Self::Event, invocation: &Invocation) -> Result<Self::Response, Self::Error>;
}
