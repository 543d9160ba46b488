//! Tool calls after policy has judged them: settled, waiting for a person, or approved.

use serde::{Deserialize, Serialize};

use super::{ToolCall, ToolCallId};

/// A tool call and its outcome.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settled {
    /// The call.
    pub call: ToolCall,
    /// The outcome.
    pub outcome: SettledOutcome,
}

/// The outcome of a judged call.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, derive_more::Debug)]
#[serde(rename_all = "snake_case")]
pub enum SettledOutcome {
    /// The call ran; this is its result.
    Succeeded(#[debug("[{} bytes]", _0.len())] String),
    /// The call ran and failed; this is the text for the model.
    Failed(#[debug("[{} bytes]", _0.len())] String),
    /// Policy denied the call; this is the text for the model.
    Denied(#[debug("[{} bytes]", _0.len())] String),
}

/// A call that waits for a person's decision.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ask {
    /// The call with its arguments; an approval is valid for this very call.
    pub call: ToolCall,
}

/// A person's approval of one call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Approval {
    /// The call that may run.
    pub call: ToolCallId,
}
