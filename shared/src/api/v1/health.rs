//! `GET /v1/health`: whether the function runs; touches nothing behind it.

use schemars::JsonSchema;
use serde::Serialize;

use crate::http::{Problem, Reply};

/// The function runs.
#[derive(Serialize, JsonSchema)]
pub(in crate::api) struct Health {
    status: &'static str,
    version: &'static str,
}

/// Returns 200 while the function runs.
///
/// # Errors
/// None in practice.
pub fn health() -> Result<Reply, Problem> {
    Reply::json(&Health { status: "ok", version: env!("CARGO_PKG_VERSION") })
}

/// Describes the endpoint for the API description; no function links it.
#[cfg(any(test, feature = "testing"))]
pub(in crate::api) mod description {
    use serde_json::Value;

    use super::Health;
    use crate::api::openapi::{Operation, Schemas};
    use crate::http::ProblemKind;

    /// Describes `GET /v1/health`.
    pub(in crate::api) fn operation(schemas: &mut Schemas) -> Value {
        let body = schemas.of::<Health>();
        Operation::get("health", "Whether the function runs", &body).public().problems(&[ProblemKind::NotAcceptable])
    }
}
