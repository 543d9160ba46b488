//! A function's life: start, then event after event.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use lambda_runtime::{Context, Error, LambdaEvent, service_fn};

use super::live::log_start_error;
use super::{FromConfig, Live, Shared, SystemClock};
use crate::config::Environment;
use crate::config::env::LOG_LEVEL;
use crate::domain::Timestamp;
use crate::http::{Door, GatewayEvent, Invocation, WebSocketDoor, WebSocketEvent, serve, serve_websocket};
use crate::telemetry;

/// The function does not start. `main` prints it once more, so it says no more than that.
#[derive(Debug, thiserror::Error)]
#[error("the function cannot start; the log says why")]
pub(super) struct Refused;

/// Runs a function whose door follows the configuration.
///
/// # Errors
/// When it cannot start, or the Runtime API fails; the sandbox ends then.
pub async fn run<D: Door + FromConfig + 'static>() -> Result<(), Error> {
    let live = start::<D>(Environment::from_process()).await?;
    let cold = AtomicBool::new(true);
    lambda_runtime::run(service_fn(async |event: LambdaEvent<GatewayEvent>| {
        let invocation = invocation(&event.context, &cold);
        let door = live.door().await;
        Ok::<_, Error>(serve(door.as_ref(), event.payload, &invocation).await)
    }))
    .await
}

/// Runs a function of a WebSocket API, whose door follows the configuration.
///
/// # Errors
/// As [`run`].
pub async fn run_websocket<D: WebSocketDoor + FromConfig + 'static>() -> Result<(), Error> {
    let live = start::<D>(Environment::from_process()).await?;
    let cold = AtomicBool::new(true);
    lambda_runtime::run(service_fn(async |event: LambdaEvent<WebSocketEvent>| {
        let invocation = invocation(&event.context, &cold);
        let door = live.door().await;
        Ok::<_, Error>(serve_websocket(door.front(), door.ports(), event.payload, &invocation).await?)
    }))
    .await
}

/// Sends the log on its way and builds the door. What is in the way of that is in the log.
pub(super) async fn start<D: FromConfig>(environment: Environment) -> Result<Live<D>, Refused> {
    telemetry::init(environment.get(LOG_LEVEL), Arc::new(SystemClock));
    let started = match Shared::new(environment) {
        Ok(shared) => Live::<D>::start(shared).await,
        Err(error) => Err(error),
    };
    started.map_err(|error| {
        log_start_error(&error);
        Refused
    })
}

/// Runs a function whose door needs no configuration.
///
/// # Errors
/// When the Runtime API fails; the sandbox ends then.
pub async fn run_without_configuration<D: Door + 'static>(door: D) -> Result<(), Error> {
    let environment = Environment::from_process();
    telemetry::init(environment.get(LOG_LEVEL), Arc::new(SystemClock));
    let cold = AtomicBool::new(true);
    lambda_runtime::run(service_fn(async |event: LambdaEvent<GatewayEvent>| {
        Ok::<_, Error>(serve(&door, event.payload, &invocation(&event.context, &cold)).await)
    }))
    .await
}

fn invocation(context: &Context, cold: &AtomicBool) -> Invocation {
    Invocation {
        request_id: context.request_id.clone(),
        trace_id: context.xray_trace_id.clone(),
        function_ends: Timestamp::from_millis(context.deadline),
        cold_start: cold.swap(false, Ordering::Relaxed),
    }
}
