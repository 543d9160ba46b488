//! The door of the `stream` function: `POST /v1/agent/{agent_name}/stream`, answered as Server-Sent Events while the
//! agent speaks; and the runs of WebSocket clients, whose events it posts.

use async_trait::async_trait;
use openclaw::app::{FromConfig, Shared, StartError};
use openclaw::config::Config;
use openclaw::http::endpoints::invoke::InvokePorts;
use openclaw::http::endpoints::stream::stream;
use openclaw::http::{
    Call, Door, Front, GatewayEvent, Invocation, NoRoad, Problem, Reply, Route, RunOrder, RunPorts, RunsOrders,
    StreamedResponse, carry_out, misrouted, serve_streamed,
};
use tokio::sync::oneshot;

/// The door and what stands behind it.
pub struct FunctionDoor {
    /// What it has in common with the others.
    pub front: Front,
    /// What its endpoint works with.
    pub ports: InvokePorts,
    /// The way to the clients of a WebSocket API; none where there is no such API.
    pub road: Option<RunPorts>,
}

#[async_trait]
impl FromConfig for FunctionDoor {
    async fn from_config(config: &Config, shared: &Shared) -> Result<Self, StartError> {
        let (front, ports) = openclaw::app::agent_ports(config, shared).await?;
        Ok(Self { front, ports, road: openclaw::app::run_ports(shared) })
    }
}

#[async_trait]
impl Door for FunctionDoor {
    fn front(&self) -> &Front {
        &self.front
    }

    async fn answer(&self, call: Call<'_>) -> Result<Reply, Problem> {
        match call.route {
            Route::Stream(name) => stream(&self.ports, name, call).await,
            _ => Err(misrouted()),
        }
    }
}

#[async_trait]
impl RunsOrders for FunctionDoor {
    async fn carry_out(&self, order: RunOrder, invocation: &Invocation) -> Result<(), NoRoad> {
        let road = self.road.as_ref().ok_or(NoRoad)?;
        carry_out(&self.front, &self.ports, road, order, invocation).await;
        Ok(())
    }
}

/// Answers an event; `respond` gets the response as soon as it begins.
pub async fn handle(
    door: &FunctionDoor,
    event: GatewayEvent,
    invocation: &Invocation,
    respond: oneshot::Sender<StreamedResponse>,
) {
    serve_streamed(door, event, invocation, respond).await;
}
