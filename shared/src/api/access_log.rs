//! The access log: one line and one set of metrics for each request, message and run.

use std::time::Duration;

use http::StatusCode;

use super::{ApiError, ServerContext};
use crate::domain::{ModelId, Principal, Provider, RetryStats, Timestamp, Usage};
use crate::http::Problem;
use crate::lambda::Invocation;
use crate::runner::TurnMetrics;
use crate::telemetry::{INVOCATION, InvocationMetrics, Provenance};

/// What is known of an invocation so far; written once, when it ends.
#[derive(Debug, Clone)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
pub struct AccessLogEntry {
    /// Lambda's id of the invocation.
    pub request_id: String,
    /// The trace.
    pub trace_id: Option<String>,
    /// When the event arrived.
    pub arrived: Timestamp,
    /// Whether it is the sandbox's first invocation.
    pub cold_start: bool,
    /// The HTTP method, or `WEBSOCKET`.
    pub method: String,
    /// The route's template, or the kind of the WebSocket event.
    pub route: Option<&'static str>,
    /// The caller's tenant.
    pub tenant: Option<String>,
    /// The caller's name: a keyed digest.
    pub subject: Option<String>,
    /// API Gateway's id of the WebSocket connection.
    pub connection: Option<String>,
    /// The agent.
    pub agent: Option<String>,
    /// The provider that answered, or was called last.
    pub provider: Option<Provider>,
    /// The model, likewise.
    pub model: Option<ModelId>,
    /// Tokens.
    pub usage: Option<Usage>,
    /// Whether a part of the tokens is an estimate.
    pub is_usage_estimated: bool,
    /// Time spent waiting for models.
    pub llm_latency: Option<Duration>,
    /// Time spent waiting for actions.
    pub action_latency: Option<Duration>,
    /// Retries and fallbacks.
    pub retry_stats: RetryStats,
    /// Calls of agents that policy denied.
    pub calls_denied: u32,
    /// For operators: what failed inside, in our own words.
    pub fault: Option<String>,
    /// Whether the caller is not authenticated yet. Anyone can cause such failures, so their lines are limited.
    pub is_anonymous: bool,
    /// Whether an erasure has left something to delete.
    pub is_erasure_incomplete: bool,
    /// Whether the metrics count the invocation.
    pub is_counted: bool,
}

impl AccessLogEntry {
    /// Starts the entry of an invocation that arrived now.
    #[must_use]
    pub fn new(invocation: &Invocation, method: &str, arrived: Timestamp) -> Self {
        Self {
            request_id: invocation.request_id.clone(),
            trace_id: invocation.trace_id.clone(),
            arrived,
            cold_start: invocation.cold_start,
            method: method.to_owned(),
            route: None,
            tenant: None,
            subject: None,
            connection: None,
            agent: None,
            provider: None,
            model: None,
            usage: None,
            is_usage_estimated: false,
            llm_latency: None,
            action_latency: None,
            retry_stats: RetryStats::default(),
            calls_denied: 0,
            fault: None,
            is_anonymous: false,
            is_erasure_incomplete: false,
            is_counted: true,
        }
    }

    /// Returns the span in which the invocation is handled: its fields are in every log line.
    #[must_use]
    pub fn span(&self) -> tracing::Span {
        tracing::info_span!("request", request_id = self.request_id, trace_id = self.trace_id)
    }

    /// Names the caller: the tenant, and a keyed digest if there is a key.
    pub async fn name_caller(&mut self, server: &ServerContext, principal: &Principal) {
        self.is_anonymous = false;
        self.tenant = Some(principal.tenant.to_string());
        self.subject = server.digest_keys.key().await.map(|key| key.subject(principal));
    }

    /// Keeps an error's internal text for the log and returns the problem for the client.
    pub fn fail(&mut self, error: ApiError) -> Problem {
        self.fault = error.internal;
        error.problem
    }

    /// Records what a turn took.
    pub fn record_turn(&mut self, metrics: TurnMetrics) {
        self.llm_latency = metrics.llm_latency;
        self.action_latency = metrics.action_latency;
        self.retry_stats = metrics.retry_stats;
        self.calls_denied = metrics.calls_denied;
        // Usage stays absent without a call, since 0 tokens would look like the usage of one.
        if let Some(called) = metrics.model {
            self.provider = Some(called.provider);
            self.model = Some(called.model);
            self.usage = Some(metrics.usage);
            self.is_usage_estimated = metrics.is_usage_estimated;
        }
    }

    /// Writes the line, unless it is suppressed, and the metrics.
    pub fn write(&self, server: &ServerContext, status: StatusCode, problem: Option<&Problem>) {
        let now = server.clock.now();
        let kind = problem.map_or("other", |problem| problem.kind.name());
        let is_limited = self.is_anonymous && (status.is_client_error() || status.is_server_error());
        let suppressed = if is_limited { server.line_limit.count(kind, now) } else { Some(0) };
        if let Some(suppressed) = suppressed {
            self.write_line((status, problem), suppressed, now);
        }
        if self.is_counted {
            self.write_metrics(server, status, now);
        }
    }

    fn write_line(&self, (status, problem): (StatusCode, Option<&Problem>), suppressed: u64, now: Timestamp) {
        let latency_ms = millis(now.since(self.arrived));
        let llm_latency_ms = self.llm_latency.map(millis);
        // Left out where no line was suppressed.
        let suppressed = Some(suppressed).filter(|lines| *lines > 0);
        // Left out where the provider has reported every token.
        let usage_estimated = self.is_usage_estimated.then_some(true);
        tracing::info!(
            target: INVOCATION,
            request_id = self.request_id,
            trace_id = self.trace_id,
            agent = self.agent,
            provider = self.provider.map(Provider::as_str),
            model = self.model.as_ref().map(ModelId::as_str),
            input_tokens = self.usage.map(|usage| usage.input_tokens),
            output_tokens = self.usage.map(|usage| usage.output_tokens),
            usage_estimated,
            latency_ms,
            llm_latency_ms,
            status = status.as_u16(),
            tenant = self.tenant,
            subject = self.subject,
            cold_start = self.cold_start,
            method = self.method,
            route = self.route,
            connection_id = self.connection,
            problem = problem.map(|problem| problem.kind.name()),
            fault = self.fault,
            suppressed,
            "request answered"
        );
    }

    fn write_metrics(&self, server: &ServerContext, status: StatusCode, now: Timestamp) {
        let latency_ms = millis(now.since(self.arrived));
        let llm_latency_ms = self.llm_latency.map(millis);
        let action_latency_ms = self.action_latency.map(millis);
        let elsewhere_ms = llm_latency_ms.unwrap_or_default() + action_latency_ms.unwrap_or_default();
        let provenance = self.agent.clone().zip(self.provider).map(|(agent, provider)| Provenance { agent, provider });
        let metrics = InvocationMetrics {
            provenance,
            llm_latency_ms,
            action_latency_ms,
            // The machine's clock may have been set back meanwhile.
            overhead_latency_ms: latency_ms.saturating_sub(elsewhere_ms),
            usage: self.usage,
            // A fault of the client is not an error of the gateway.
            error: status.is_server_error(),
            provider_throttles: self.retry_stats.throttles,
            fallbacks: self.retry_stats.fallbacks,
            // A call of a graph that is denied ends its run with 403, and counts once.
            policy_denials: self.calls_denied.max(u32::from(status == StatusCode::FORBIDDEN)),
            erasure_incomplete: self.is_erasure_incomplete,
            refused: matches!(status, StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN),
        };
        (server.metrics)(&metrics.to_line(&self.request_id, now));
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
