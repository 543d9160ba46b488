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
