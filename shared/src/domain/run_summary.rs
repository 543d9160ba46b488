//! The summary of a run: its steps, usage and stop reason.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{ModelId, Provider, RunId, Usage};

/// Why a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum StopReason {
    /// The model finished its turn.
    EndTurn,
    /// The output reached the token limit.
    MaxTokens,
    /// The model wrote a stop sequence.
    StopSequence,
    /// The run reached its step limit.
    ToolLimit,
    /// A filter, a guardrail or a policy ended the run.
    Policy,
}

/// The kind of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum StepKind {
    /// A model call.
    Generate,
    /// An action that ran.
    Action,
    /// A branch that was taken.
    Decision,
    /// A decision of policy about a call that did not run.
    Policy,
}

/// One step of a run, as the client sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Step {
    /// The kind of step.
    pub kind: StepKind,
    /// The name of the state or the tool.
    pub name: String,
    /// The provider of a model call.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provider: Option<Provider>,
    /// The model of a model call.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<ModelId>,
    /// The duration in milliseconds.
    pub latency_ms: u64,
    /// The tokens of a model call.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub usage: Option<Usage>,
    /// The outcome: a finish reason, `succeeded`, `failed`, `denied`, `needs-approval` or the name of a state; of a model that is
    /// asked about a call, `planned`, `allow` or `deny`.
    pub outcome: String,
    /// The policies that decided about a call which did not run.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub policy_ids: BTreeSet<String>,
}

/// A finished run without its output.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunSummary {
    /// The run's id.
    pub run: RunId,
    /// The provider of the last model call.
    pub provider: Provider,
    /// The model of the last model call.
    pub model: ModelId,
    /// Why the run ended.
    pub stop_reason: StopReason,
    /// The tokens of all model calls.
    pub usage: Usage,
    /// The steps, in order.
    pub steps: Vec<Step>,
    /// The time from the request's arrival to the response, in milliseconds.
    pub latency_ms: u64,
}
