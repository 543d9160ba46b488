//! The response to a run.

use schemars::JsonSchema;
use serde::Serialize;

use crate::domain::{AgentName, ConversationId, ModelId, Provider, RunId, Step, StopReason, Usage};
use crate::runner::TurnOutcome;

/// The response to a run, which the client also reads as the run's last event.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Answer")]
pub struct InvokeResponse<'a> {
    id: RunId,
    agent: &'a AgentName,
    conversation_id: ConversationId,
    /// The agent's answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(required)]
    output: Option<&'a str>,
    provider: Provider,
    model: &'a ModelId,
    stop_reason: StopReason,
    usage: Usage,
    steps: &'a [Step],
    /// From the request's arrival to the answer.
    latency_ms: u64,
}

impl<'a> InvokeResponse<'a> {
    /// Returns the whole response.
    #[must_use]
    pub fn new(outcome: &'a TurnOutcome) -> Self {
        Self { output: Some(&outcome.output), ..Self::without_output(outcome) }
    }

    /// Returns the response without the output, for clients that have received it as events.
    #[must_use]
    pub fn without_output(outcome: &'a TurnOutcome) -> Self {
        let facts = &outcome.facts;
        Self {
            id: facts.run,
            agent: &outcome.agent,
            conversation_id: outcome.conversation,
            output: None,
            provider: facts.provider,
            model: &facts.model,
            stop_reason: facts.stop_reason,
            usage: facts.usage,
            steps: &facts.steps,
            latency_ms: facts.latency_ms,
        }
    }
}
