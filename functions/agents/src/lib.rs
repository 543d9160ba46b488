//! The door of the `agents` function: agents, models, deep health.

use async_trait::async_trait;
use openclaw::app::{FromConfig, Shared, StartError};
use openclaw::config::Config;
use openclaw::http::endpoints::agents::{self, AgentsPorts};
use openclaw::http::{
    Call, Door, Front, GatewayEvent, GatewayResponse, Invocation, Problem, Reply, Route, misrouted, serve,
};

/// The door and what stands behind it.
pub struct FunctionDoor {
    /// What it has in common with the others.
    pub front: Front,
    /// What its endpoints work with.
    pub ports: AgentsPorts,
}

#[async_trait]
impl FromConfig for FunctionDoor {
    async fn from_config(config: &Config, shared: &Shared) -> Result<Self, StartError> {
        let (front, ports) = openclaw::app::agents_ports(config, shared).await?;
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
            Route::Agents => agents::list(&self.ports, &call),
            Route::Agent(name) => agents::one(&self.ports, name, &call),
            Route::Models => agents::models(&self.ports, &call).await,
            Route::DeepHealth => agents::deep_health(&self.ports, call).await,
            _ => Err(misrouted()),
        }
    }
}

/// Answers an event.
pub async fn handle(door: &FunctionDoor, event: GatewayEvent, invocation: &Invocation) -> GatewayResponse {
    serve(door, event, invocation).await
}
