//! The result of a health check, in deep health's answer and in its problem.

use schemars::JsonSchema;
use serde::Serialize;

/// Whether a part can be reached and used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(rename = "PartStatus")]
pub enum HealthStatus {
    /// The part works.
    Ok,
    /// The part cannot be reached or used.
    Failing,
}

/// The health of one part that the gateway depends on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "PartHealth")]
pub struct HealthCheck {
    /// The part's name.
    pub name: String,
    /// Whether it works.
    pub status: HealthStatus,
    /// How long the check took.
    pub latency_ms: u64,
    /// What fails.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
}
