//! Tool calls after judging: what came of them, what waits for a person, what was granted.

use serde::{Deserialize, Serialize};

use super::{ToolCall, ToolCallId};

/// A tool call and what came of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settled {
    /// The call.
    pub call: ToolCall,
    /// What came of it.
    pub outcome: SettledOutcome,
}

/// What came of a judged call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SettledOutcome {
    /// It ran; this is its result.
    Succeeded(String),
    /// It ran and failed; this is what the model is told.
    Failed(String),
    /// Policy forbade it; this is what the model is told.
    Denied(String),
}

/// A call that waits for a person's decision.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ask {
    /// The call, arguments included: an approval is for this very call.
    pub call: ToolCall,
}

/// A person's consent to one call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Approval {
    /// The call that may run.
    pub call: ToolCallId,
}
