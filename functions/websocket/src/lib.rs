//! The door of the `websocket` function: `$connect`, `$disconnect` and messages of a WebSocket API.

use async_trait::async_trait;
use openclaw::app::{FromConfig, Shared, StartError};
use openclaw::config::Config;
use openclaw::http::{
    Front, Invocation, Untold, WebSocketDoor, WebSocketEvent, WebSocketPorts, WebSocketResponse, serve_websocket,
};

/// The door and what stands behind it.
pub struct FunctionDoor {
    /// What it has in common with the others.
    pub front: Front,
    /// What it works with.
    pub ports: WebSocketPorts,
}

#[async_trait]
impl FromConfig for FunctionDoor {
    async fn from_config(config: &Config, shared: &Shared) -> Result<Self, StartError> {
        let (front, ports) = openclaw::app::websocket_ports(config, shared)?;
        Ok(Self { front, ports })
    }
}

impl WebSocketDoor for FunctionDoor {
    fn front(&self) -> &Front {
        &self.front
    }

    fn ports(&self) -> &WebSocketPorts {
        &self.ports
    }
}

/// Answers an event.
///
/// # Errors
/// As [`serve_websocket`].
pub async fn handle(
    door: &FunctionDoor,
    event: WebSocketEvent,
    invocation: &Invocation,
) -> Result<WebSocketResponse, Untold> {
    serve_websocket(&door.front, &door.ports, event, invocation).await
}
