//! Metrics in the Embedded Metric Format (Amazon CloudWatch User Guide, "Specification: Embedded metric format").

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

use super::Metric;
use crate::domain::{Provider, Timestamp, Usage};

/// The metrics' namespace.
const NAMESPACE: &str = "OpenClaw";

/// The agent and provider of the run that the metrics belong to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Provenance {
    /// The agent.
    pub agent: String,
    /// The provider that answered, or that was called last.
    pub provider: Provider,
}

/// The metrics of one invocation.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct InvocationMetrics {
    /// The run's agent and provider; `None` for requests without a run.
    pub provenance: Option<Provenance>,
    /// The time spent waiting for models.
    pub llm_latency_ms: Option<u64>,
    /// The time spent waiting for actions.
    pub action_latency_ms: Option<u64>,
    /// The rest of the time.
    pub overhead_latency_ms: u64,
    /// The tokens that the models used.
    pub usage: Option<Usage>,
    /// Whether the gateway or its provider failed (status 500 and above).
    pub error: bool,
    /// The number of calls that a provider throttled.
    pub provider_throttles: u32,
    /// The number of models that failed before one answered.
    pub fallbacks: u32,
    /// The number of refusals by policy.
    pub policy_denials: u32,
    /// Whether an erasure has left something to delete.
    pub erasure_incomplete: bool,
    /// Whether the answer is 401 or 403.
    pub refused: bool,
}

impl InvocationMetrics {
    /// Returns the line for `CloudWatch`. The metrics are counted once by agent and provider and once over all.
    #[must_use]
    pub fn to_line(&self, request_id: &str, now: Timestamp) -> String {
        let mut metrics = vec![
            (Metric::Requests, 1),
            (Metric::Errors, u64::from(self.error)),
            (Metric::OverheadLatency, self.overhead_latency_ms),
            (Metric::ProviderThrottles, self.provider_throttles.into()),
            (Metric::Fallbacks, self.fallbacks.into()),
            (Metric::PolicyDenials, self.policy_denials.into()),
        ];
        if let Some(latency) = self.llm_latency_ms {
            metrics.push((Metric::LlmLatency, latency));
        }
        if let Some(latency) = self.action_latency_ms {
            metrics.push((Metric::ActionLatency, latency));
        }
        if let Some(usage) = self.usage {
            metrics.push((Metric::InputTokens, usage.input_tokens));
            metrics.push((Metric::OutputTokens, usage.output_tokens));
        }
        if self.erasure_incomplete {
            metrics.push((Metric::ErasureIncomplete, 1));
        }
        if self.refused {
            metrics.push((Metric::Refusals, 1));
        }
        let own = self.provenance.as_ref().map(|own| (own.agent.as_str(), own.provider.as_str()));
        line(request_id, now, own, &metrics)
    }
}

/// Returns the line that counts a refused version of the configuration.
#[must_use]
pub fn config_refused_line(now: Timestamp) -> String {
    line("configuration", now, None, &[(Metric::ConfigRefused, 1)])
}

/// The metrics of one invocation of `archive`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ArchiveMetrics {
    /// The entries that were archived.
    pub entries: u64,
    /// The items that could not be read.
    pub unreadable: u64,
    /// Whether a chain is broken.
    pub is_broken: bool,
}

impl ArchiveMetrics {
    /// Returns the line for `CloudWatch`.
    #[must_use]
    pub fn to_line(&self, request_id: &str, now: Timestamp) -> String {
        let metrics = [
            (Metric::AuditEntries, self.entries),
            (Metric::AuditUnreadable, self.unreadable),
            (Metric::AuditChainBroken, u64::from(self.is_broken)),
        ];
        line(request_id, now, None, &metrics)
    }
}

fn line(request_id: &str, now: Timestamp, own: Option<(&str, &str)>, metrics: &[Value]) -> String {
    // Text, numbers and lists always have a JSON form.
    serde_json::to_string(&Line { request_id, now, own, metrics }).unwrap_or_default()
}

/// A metric and its value.
type Value = (Metric, u64);

/// A line of metrics, written in one pass, since every request pays for it.
struct Line<'a> {
    request_id: &'a str,
    now: Timestamp,
    own: Option<(&'a str, &'a str)>,
    metrics: &'a [Value],
}

/// The member `_aws`.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Metadata {
    timestamp: u64,
    cloud_watch_metrics: [Directive; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Directive {
    namespace: &'static str,
    dimensions: &'static [&'static [&'static str]],
    metrics: Vec<Definition>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Definition {
    name: &'static str,
    unit: &'static str,
}

impl Serialize for Line<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let dimensions: &[&[&str]] = if self.own.is_some() { &[&["Agent", "Provider"], &[]] } else { &[&[]] };
        let metrics =
            self.metrics.iter().map(|(metric, _)| Definition { name: metric.name(), unit: metric.unit() }).collect();
        let directive = Directive { namespace: NAMESPACE, dimensions, metrics };
        let mut line = serializer.serialize_map(None)?;
        line.serialize_entry("_aws", &Metadata { timestamp: self.now.millis(), cloud_watch_metrics: [directive] })?;
        line.serialize_entry("request_id", self.request_id)?;
        if let Some((agent, provider)) = self.own {
            line.serialize_entry("Agent", agent)?;
            line.serialize_entry("Provider", provider)?;
        }
        for (metric, value) in self.metrics {
            line.serialize_entry(metric.name(), value)?;
        }
        line.end()
    }
}
