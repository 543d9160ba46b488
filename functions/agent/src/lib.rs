//! The door of the `agent` function: `POST /v1/agent/{agent_name}`; and `…/stream` behind a front door that cannot stream,
//! whose events then come in one piece.

use async_trait::async_trait;
use openclaw::app::{FromConfig, Shared, StartError};
use openclaw::config::Config;
use openclaw::http::endpoints::invoke::{InvokePorts, invoke};
use openclaw::http::{
    Call, Door, Front, GatewayEvent, GatewayResponse, Invocation, Problem, Reply, Route, misrouted, serve,
};

/// The door and what stands behind it.
pub struct FunctionDoor {
    /// What it has in common with the others.
    pub front: Front,
    /// What its endpoints work with.
    pub ports: InvokePorts,
}

#[async_trait]
impl FromConfig for FunctionDoor {
    async fn from_config(config: &Config, shared: &Shared) -> Result<Self, StartError> {
        let (front, ports) = openclaw::app::agent_ports(config, shared).await?;
        Ok(Self { front, ports })
    }
}

#[async_trait]
impl Door for FunctionDoor {
    fn front(&self) -> &Front {
        &self.front
    }

    async fn answer(&self, call: Call<'_>) -> Result<Reply, Problem> {
        match call.route {
            Route::Invoke(name) | Route::Stream(name) => invoke(&self.ports, name, call).await,
            _ => Err(misrouted()),
        }
    }
}

/// Answers an event.
pub async fn handle(door: &FunctionDoor, event: GatewayEvent, invocation: &Invocation) -> GatewayResponse {
    serve(door, event, invocation).await
}
