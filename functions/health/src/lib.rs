//! The door of the `health` function: `/v1/health`, and a problem document for every path that is not there.

use async_trait::async_trait;
use openclaw::app::health_front;
use openclaw::http::{Call, Door, Front, GatewayEvent, GatewayResponse, Invocation, Problem, Reply, misrouted, serve};

/// The door; nothing stands behind it.
pub struct FunctionDoor {
    /// What it has in common with the others.
    pub front: Front,
}

impl Default for FunctionDoor {
    fn default() -> Self {
        Self { front: health_front() }
    }
}

#[async_trait]
impl Door for FunctionDoor {
    fn front(&self) -> &Front {
        &self.front
    }

    async fn answer(&self, _: Call<'_>) -> Result<Reply, Problem> {
        Err(misrouted())
    }
}

/// Answers an event.
pub async fn handle(door: &FunctionDoor, event: GatewayEvent, invocation: &Invocation) -> GatewayResponse {
    serve(door, event, invocation).await
}
