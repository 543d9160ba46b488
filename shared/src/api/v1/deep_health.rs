//! `GET /v1/health/deep`: whether every part that the gateway depends on works.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use futures_util::future::join_all;
use schemars::JsonSchema;
use serde::Serialize;

use crate::api::errors::operator_only;
use crate::api::{RETRY_SOON, RequestContext};
use crate::domain::{Clock, Provider};
use crate::http::{HealthCheck, HealthStatus, Problem, ProblemKind, ProblemMember, Reply};
use crate::llm::ListModels;

/// How long a part may take before it counts as failing.
const CHECK_TIMEOUT: Duration = Duration::from_secs(5);

/// A part that the gateway depends on.
#[async_trait]
pub trait Part: Send + Sync {
    /// Checks that the part can be reached and used.
    ///
    /// # Errors
    /// What fails, in our own words.
    async fn check(&self) -> Result<(), String>;
}

/// What deep health checks.
pub struct HealthPorts {
    /// The parts besides the providers, by name.
    pub parts: Vec<(&'static str, Arc<dyn Part>)>,
    /// What lists the models of each configured provider.
    pub providers: BTreeMap<Provider, Arc<dyn ListModels>>,
    /// The group of those who may ask.
    pub operator_group: String,
    /// The time.
    pub clock: Arc<dyn Clock>,
}

/// Every part that the gateway depends on.
#[derive(Serialize, JsonSchema)]
pub(in crate::api) struct DeepHealth {
    status: HealthStatus,
    version: &'static str,
    parts: Vec<HealthCheck>,
}

/// Answers `GET /v1/health/deep`, for operators of the installation.
///
/// # Errors
/// 403; 503 with all parts if one fails.
pub async fn deep_health(ports: &HealthPorts, context: RequestContext<'_>) -> Result<Reply, Problem> {
    // The answer names internal parts and how they fail.
    if !context.principal.has_group(&ports.operator_group) {
        return Err(operator_only(&ports.operator_group));
    }
    let clock = ports.clock.as_ref();
    let own = ports.parts.iter().map(|(name, part)| measure((*name).to_owned(), clock, part.check()));
    let providers = ports.providers.iter().map(|(provider, client)| {
        // A list of models proves address and key, and costs no tokens.
        let check = async { client.models().await.map(drop).map_err(|error| error.to_string()) };
        measure(format!("provider {provider}"), clock, check)
    });
    // All at once, so that the slowest part decides how long the check takes.
    let (mut health, of_providers) = tokio::join!(join_all(own), join_all(providers));
    health.extend(of_providers);
    let failing: Vec<&str> =
        health.iter().filter(|part| part.status == HealthStatus::Failing).map(|part| part.name.as_str()).collect();
    if failing.is_empty() {
        return Reply::json(&DeepHealth {
            status: HealthStatus::Ok,
            version: env!("CARGO_PKG_VERSION"),
            parts: health,
        });
    }
    let detail = format!("failing: {}", failing.join(", "));
    context.log.fault = Some(detail.clone());
    Err(Problem::new(ProblemKind::Unavailable, detail).retry_after(RETRY_SOON).with(ProblemMember::Parts(health)))
}

async fn measure(name: String, clock: &dyn Clock, check: impl Future<Output = Result<(), String>>) -> HealthCheck {
    let started = clock.now();
    // A part that hangs must not hide the state of the others.
    let result = tokio::time::timeout(CHECK_TIMEOUT, check).await;
    let result = result.unwrap_or_else(|_elapsed| Err("no answer in time".to_owned()));
    let latency_ms = u64::try_from(clock.now().since(started).as_millis()).unwrap_or(u64::MAX);
    let status = if result.is_ok() { HealthStatus::Ok } else { HealthStatus::Failing };
    HealthCheck { name, status, latency_ms, detail: result.err() }
}

/// Describes the endpoint for the API description; no function links it.
#[cfg(any(test, feature = "testing"))]
pub(in crate::api) mod description {
    use serde_json::Value;

    use super::DeepHealth;
    use crate::api::openapi::{Operation, Schemas};
    use crate::http::ProblemKind;

    /// Describes `GET /v1/health/deep`.
    pub(in crate::api) fn operation(schemas: &mut Schemas) -> Value {
        let body = schemas.of::<DeepHealth>();
        Operation::get("deepHealth", "Whether every part can be reached; for operators", &body)
            .secured_problems(&[ProblemKind::Forbidden])
    }
}
