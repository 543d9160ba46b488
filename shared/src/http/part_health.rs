//! How a part that the gateway depends on fares, in deep health's answer and in its problem.

use schemars::JsonSchema;
use serde::Serialize;

/// Whether a part can be reached and used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum PartStatus {
    /// It can.
    Ok,
    /// It cannot.
    Failing,
}

/// A part and how it fares.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct PartHealth {
    /// The part.
    pub name: String,
    /// How it fares.
    pub status: PartStatus,
    /// How long it took to find out.
    pub latency_ms: u64,
    /// What fails.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
}
