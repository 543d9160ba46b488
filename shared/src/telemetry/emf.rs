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
        let own = self.provenance.as_ref().map(|own| (own.agent.as_str(), own.provider.as_str()));
        line(request_id, now, own, &metrics)
    }
}

/// The line that counts a new version of the configuration that is refused.
#[must_use]
pub fn config_refused_line(now: Timestamp) -> String {
    line("configuration", now, None, &[("ConfigRefused", "Count", 1)])
}

fn line(request_id: &str, now: Timestamp, own: Option<(&str, &str)>, metrics: &[(&str, &str, u64)]) -> String {
    let dimensions = if own.is_some() { json!([["Agent", "Provider"], []]) } else { json!([[]]) };
    let definitions: Vec<Value> = metrics.iter().map(|(name, unit, _)| json!({"Name": name, "Unit": unit})).collect();
    let directive = json!({"Namespace": NAMESPACE, "Dimensions": dimensions, "Metrics": definitions});
    let mut line = Map::new();
    line.insert("_aws".to_owned(), json!({"Timestamp": now.millis(), "CloudWatchMetrics": [directive]}));
    line.insert("request_id".to_owned(), request_id.into());
    if let Some((agent, provider)) = own {
        line.insert("Agent".to_owned(), agent.into());
        line.insert("Provider".to_owned(), provider.into());
    }
    line.extend(metrics.iter().map(|(name, _, value)| ((*name).to_owned(), (*value).into())));
    Value::Object(line).to_string()
}
