//! What the log and the metrics have of a request.

use std::time::Duration;

use http::StatusCode;

use super::errors::Mapped;
use super::serve::{Answered, Front};
use super::{InvocationFacts, Problem};
use crate::domain::Timestamp;
use crate::telemetry::{INVOCATION, InvocationMetrics, Provenance};

/// What is said of an invocation besides its facts.
pub(super) struct Told<'a> {
    pub(super) request_id: &'a str,
    pub(super) trace_id: Option<&'a str>,
    pub(super) arrived: Timestamp,
    pub(super) cold_start: bool,
    pub(super) method: &'a str,
    pub(super) route: Option<&'a str>,
    pub(super) tenant: Option<&'a str>,
    pub(super) connection: Option<&'a str>,
    pub(super) status: StatusCode,
    pub(super) problem: Option<&'a Problem>,
    /// Whether the metrics count it.
    pub(super) is_counted: bool,
}

/// The status of what a request came to.
pub(super) fn status_of(result: &Result<Answered, Problem>) -> StatusCode {
    match result {
        Ok(Answered::Reply(reply)) => reply.status,
        Ok(Answered::Options(_)) => StatusCode::NO_CONTENT,
        Err(problem) => problem.kind.status(),
    }
}

/// One log line and one line of metrics.
pub(super) fn report(front: &Front, told: &Told<'_>, facts: &InvocationFacts) {
    let now = front.clock.now();
    let latency_ms = millis(now.since(told.arrived));
    tracing::info!(
        target: INVOCATION,
        request_id = told.request_id,
        trace_id = told.trace_id,
        agent = facts.agent,
        provider = facts.provider.map(crate::domain::Provider::as_str),
        model = facts.model.as_ref().map(crate::domain::ModelId::as_str),
        input_tokens = facts.usage.map(|usage| usage.input_tokens),
        output_tokens = facts.usage.map(|usage| usage.output_tokens),
        latency_ms,
        llm_latency_ms = facts.llm_latency.map(millis),
        status = told.status.as_u16(),
        tenant = told.tenant,
        cold_start = told.cold_start,
        method = told.method,
        route = told.route,
        connection_id = told.connection,
        problem = told.problem.map(|problem| problem.kind.name()),
        fault = facts.fault,
        "request answered"
    );
    if !told.is_counted {
        return;
    }
    let provenance = facts.agent.clone().zip(facts.provider).map(|(agent, provider)| Provenance { agent, provider });
    let llm_latency_ms = facts.llm_latency.map(millis);
    let metrics = InvocationMetrics {
        provenance,
        llm_latency_ms,
        overhead_latency_ms: latency_ms.saturating_sub(llm_latency_ms.unwrap_or_default()),
        usage: facts.usage,
        error: told.status.is_server_error(),
        provider_throttles: facts.retry_stats.throttles,
        fallbacks: facts.retry_stats.fallbacks,
        policy_denials: u32::from(told.status == StatusCode::FORBIDDEN),
    };
    (front.metrics)(&metrics.to_line(told.request_id, now));
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

impl InvocationFacts {
    /// Keeps the words for the log, and gives the client's.
    pub(super) fn note(&mut self, mapped: Mapped) -> Problem {
        self.fault = mapped.fault;
        mapped.problem
    }
}
