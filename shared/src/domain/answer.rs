//! What a run tells of itself besides its output.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{ModelId, Provider, RunId, Usage};

/// Why a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum StopReason {
    /// The model had said all.
    EndTurn,
    /// The model's token limit came first.
    MaxTokens,
    /// A stop sequence came.
    StopSequence,
    /// The run's step limit came first.
    ToolLimit,
    /// A filter, a guardrail or a policy ended it.
    Policy,
}

/// What a step was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum StepKind {
    /// A model was asked.
    Generate,
    /// An action ran.
    Action,
    /// A branch was taken.
    Decision,
    /// Policy was asked.
    Policy,
}

/// One step of a run, as the client sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Step {
    /// What it was.
    pub kind: StepKind,
    /// The state or the tool.
    pub name: String,
    /// The provider, where a model was asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provider: Option<Provider>,
    /// The model, likewise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<ModelId>,
    /// How long it took.
    pub latency_ms: u64,
    /// What it used, where a model was asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub usage: Option<Usage>,
    /// How it ended: a finish reason, `succeeded`, `failed`, `denied`, a state's name.
    pub outcome: String,
}

/// The facts of a finished run, less its text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AnswerFacts {
    /// The run.
    pub run: RunId,
    /// Who answered last.
    pub provider: Provider,
    /// With which model.
    pub model: ModelId,
    /// Why it ended.
    pub stop_reason: StopReason,
    /// Tokens of all its model calls.
    pub usage: Usage,
    /// What it did.
    pub steps: Vec<Step>,
    /// From the request's arrival to the answer.
    pub latency_ms: u64,
}
