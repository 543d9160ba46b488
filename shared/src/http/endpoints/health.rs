//! `GET /v1/health`: nothing behind it is touched.

use schemars::JsonSchema;
use serde::Serialize;

use crate::http::{Problem, Reply};

/// The function runs.
#[derive(Serialize, JsonSchema)]
pub(in crate::http) struct Health {
    status: &'static str,
    version: &'static str,
}

/// 200 while the function runs at all.
///
/// # Errors
/// None in practice.
pub fn reply() -> Result<Reply, Problem> {
    Reply::json(&Health { status: "ok", version: env!("CARGO_PKG_VERSION") })
}
