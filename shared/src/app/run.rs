//! A function's life: start, then one event after the other.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use lambda_runtime::{Context, Error, LambdaEvent, service_fn};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::reloading_handler::{ReloadingHandler, log_start_error};
use super::{AppContext, StartError, SystemClock};
use crate::aws::https_client;
use crate::config::env::{LOG_LEVEL, RUNTIME_API};
use crate::config::{Config, Environment};
use crate::domain::Timestamp;
use crate::lambda::{Handler, Invocation, StreamedInvocation, report_failed_start, serve_streams};
use crate::telemetry;

/// The function cannot start. `main` prints it once more, so it says nothing else.
#[derive(Debug, thiserror::Error)]
#[error("the function cannot start; see the log for the reason")]
struct CannotStart;

/// Runs a function whose handler `build` makes from the configuration.
///
/// # Errors
/// When it cannot start, or the Runtime API fails; the sandbox ends then.
pub async fn run<H, B>(build: B) -> Result<(), Error>
where
    H: Handler,
    H::Event: DeserializeOwned,
    H::Response: Serialize,
    B: AsyncFn(&Config, &AppContext) -> Result<H, StartError>,
{
    let handler = start(Environment::from_process(), build).await?;
    let cold = AtomicBool::new(true);
    lambda_runtime::run(service_fn(async |event: LambdaEvent<H::Event>| {
        let invocation = invocation(&event.context, &cold);
        Ok::<_, Error>(handler.current().await.handle(event.payload, &invocation).await?)
    }))
    .await
}

/// Runs a function whose handler `build` makes without a configuration.
///
/// # Errors
/// When the Runtime API fails; the sandbox ends then.
pub async fn run_unconfigured<H>(build: impl FnOnce(&Environment) -> H) -> Result<(), Error>
where
    H: Handler,
    H::Event: DeserializeOwned,
    H::Response: Serialize,
{
    let environment = Environment::from_process();
    telemetry::init(environment.get(LOG_LEVEL), Arc::new(SystemClock));
    let handler = build(&environment);
    let cold = AtomicBool::new(true);
    lambda_runtime::run(service_fn(async |event: LambdaEvent<H::Event>| {
        Ok::<_, Error>(handler.handle(event.payload, &invocation(&event.context, &cold)).await?)
    }))
    .await
}

/// Runs a function whose handler `build` makes from its environment alone.
///
/// # Errors
/// When it cannot start, or the Runtime API fails; the sandbox ends then.
pub async fn run_in_context<H>(build: impl FnOnce(&AppContext) -> Result<H, StartError>) -> Result<(), Error>
where
    H: Handler,
    H::Event: DeserializeOwned,
    H::Response: Serialize,
{
    let environment = Environment::from_process();
    telemetry::init(environment.get(LOG_LEVEL), Arc::new(SystemClock));
    let handler = AppContext::new(environment).and_then(|context| build(&context)).map_err(|error| {
        log_start_error(&error);
        CannotStart
    })?;
    let cold = AtomicBool::new(true);
    lambda_runtime::run(service_fn(async |event: LambdaEvent<H::Event>| {
        Ok::<_, Error>(handler.handle(event.payload, &invocation(&event.context, &cold)).await?)
    }))
    .await
}

/// Runs a function whose responses are streamed.
///
/// # Errors
/// As [`run`].
pub async fn run_streaming<H, B>(build: B) -> Result<(), Error>
where
    H: Handler<Event = StreamedInvocation, Response = ()>,
    B: AsyncFn(&Config, &AppContext) -> Result<H, StartError>,
{
    let environment = Environment::from_process();
    // Lambda always sets it; without it the first request of the Runtime API fails.
    let address = environment.get(RUNTIME_API).unwrap_or_default().to_owned();
    match start(environment, build).await {
        Ok(handler) => {
            let AppContext { https, clock, .. } = handler.context();
            Ok(serve_streams(https.clone(), &address, clock.as_ref(), async || handler.current().await).await?)
        }
        Err(error) => {
            // Reported, so that Lambda logs the cause and not just an exit of the process.
            report_failed_start(https_client(None)?, &address, error.to_string()).await?;
            Err(error.into())
        }
    }
}

/// Starts the log and builds the handler. What prevents that is in the log.
async fn start<H, B>(environment: Environment, build: B) -> Result<ReloadingHandler<H, B>, CannotStart>
where
    B: AsyncFn(&Config, &AppContext) -> Result<H, StartError>,
{
    // First, so that whatever fails afterwards is logged.
    telemetry::init(environment.get(LOG_LEVEL), Arc::new(SystemClock));
    let started = match AppContext::new(environment) {
        Ok(context) => ReloadingHandler::start(context, build).await,
        Err(error) => Err(error),
    };
    started.map_err(|error| {
        log_start_error(&error);
        CannotStart
    })
}

fn invocation(context: &Context, cold: &AtomicBool) -> Invocation {
    Invocation {
        request_id: context.request_id.clone(),
        trace_id: context.xray_trace_id.clone(),
        function_ends: Timestamp::from_millis(context.deadline),
        cold_start: cold.swap(false, Ordering::Relaxed),
    }
}
