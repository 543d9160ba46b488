//! Metrics in the Embedded Metric Format (Amazon CloudWatch User Guide, "Specification: Embedded metric format").

use serde_json::{Map, Value, json};

use crate::domain::{Provider, Timestamp, Usage};

/// The metrics' namespace.
const NAMESPACE: &str = "OpenClaw";

/// Whose run the metrics are of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Provenance {
    /// The agent.
    pub agent: String,
    /// The provider that answered, or was asked last.
    pub provider: Provider,
}

/// What one invocation counts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct InvocationMetrics {
    /// Whose run it was; none for requests without one.
    pub provenance: Option<Provenance>,
    /// Time spent waiting for models.
    pub llm_latency_ms: Option<u64>,
    /// Time spent otherwise.
    pub overhead_latency_ms: u64,
    /// Tokens.
    pub usage: Option<Usage>,
    /// Whether the gateway or its provider failed (status 500 and above).
    pub error: bool,
    /// How often a provider asked for patience.
    pub provider_throttles: u32,
    /// How many models were given up before one answered.
    pub fallbacks: u32,
    /// How often policy refused.
    pub policy_denials: u32,
    /// Whether a new version of the configuration was refused.
    pub config_refused: bool,
}

impl InvocationMetrics {
    /// The line for `CloudWatch`. The metrics count once by agent and provider and once over all.
    #[must_use]
    pub fn to_line(&self, request_id: &str, now: Timestamp) -> String {
        let mut metrics = vec![
            ("Requests", "Count", 1),
            ("Errors", "Count", u64::from(self.error)),
            ("OverheadLatency", "Milliseconds", self.overhead_latency_ms),
            ("ProviderThrottles", "Count", self.provider_throttles.into()),
            ("Fallbacks", "Count", self.fallbacks.into()),
            ("PolicyDenials", "Count", self.policy_denials.into()),
        ];
        if let Some(latency) = self.llm_latency_ms {
            metrics.push(("LlmLatency", "Milliseconds", latency));
        }
        if let Some(usage) = self.usage {
            metrics.push(("InputTokens", "Count", usage.input_tokens));
            metrics.push(("OutputTokens", "Count", usage.output_tokens));
        }
        if self.config_refused {
            metrics.push(("ConfigRefused", "Count", 1));
        }
        let dimensions = if self.provenance.is_some() { json!([["Agent", "Provider"], []]) } else { json!([[]]) };
        let definitions: Vec<Value> =
            metrics.iter().map(|(name, unit, _)| json!({"Name": name, "Unit": unit})).collect();
        let mut line = Map::new();
        line.insert(
            "_aws".to_owned(),
            json!({
                "Timestamp": now.millis(),
                "CloudWatchMetrics": [{"Namespace": NAMESPACE, "Dimensions": dimensions, "Metrics": definitions}],
            }),
        );
        line.insert("request_id".to_owned(), request_id.into());
        if let Some(provenance) = &self.provenance {
            line.insert("Agent".to_owned(), provenance.agent.clone().into());
            line.insert("Provider".to_owned(), provenance.provider.as_str().into());
        }
        line.extend(metrics.into_iter().map(|(name, _, value)| (name.to_owned(), value.into())));
        Value::Object(line).to_string()
    }
}
