//! What the log and the metrics have of a request.

use std::time::Duration;

use http::StatusCode;

use super::errors::Mapped;
use super::serve::{Answered, Front, Seen};
use super::{HttpRequest, Invocation, InvocationFacts, Problem, Route};
use crate::telemetry::{INVOCATION, InvocationMetrics, Provenance};

/// One log line and one line of metrics. Health checks count in neither: they would drown the rest.
pub(super) fn report(
    front: &Front,
    request: &HttpRequest,
    invocation: &Invocation,
    seen: &Seen,
    facts: &InvocationFacts,
    result: &Result<Answered, Problem>,
) {
    let now = front.clock.now();
    let status = match result {
        Ok(Answered::Reply(reply)) => reply.status,
        Ok(Answered::Options(_)) => StatusCode::NO_CONTENT,
        Err(problem) => problem.kind.status(),
    };
    let latency_ms = millis(now.since(request.arrived));
    tracing::info!(
        target: INVOCATION,
        request_id = request.request_id,
        trace_id = request.trace_id,
        agent = facts.agent,
        provider = facts.provider.map(crate::domain::Provider::as_str),
        model = facts.model.as_ref().map(crate::domain::ModelId::as_str),
        input_tokens = facts.usage.map(|usage| usage.input_tokens),
        output_tokens = facts.usage.map(|usage| usage.output_tokens),
        latency_ms,
        llm_latency_ms = facts.llm_latency.map(millis),
        status = status.as_u16(),
        tenant = seen.tenant,
        cold_start = invocation.cold_start,
        method = if request.is_head { "HEAD" } else { request.method.as_str() },
        route = seen.route.as_ref().map(Route::template),
        problem = result.as_ref().err().map(|problem| problem.kind.name()),
        fault = facts.fault,
        "request answered"
    );
    if seen.route == Some(Route::Health) || request.is_health_check() {
        return;
    }
    let provenance = facts.agent.clone().zip(facts.provider).map(|(agent, provider)| Provenance { agent, provider });
    let llm_latency_ms = facts.llm_latency.map(millis);
    let metrics = InvocationMetrics {
        provenance,
        llm_latency_ms,
        overhead_latency_ms: latency_ms.saturating_sub(llm_latency_ms.unwrap_or_default()),
        usage: facts.usage,
        error: status.is_server_error(),
        provider_throttles: facts.effort.throttles,
        fallbacks: facts.effort.fallbacks,
        policy_denials: u32::from(status == StatusCode::FORBIDDEN),
    };
    (front.metrics)(&metrics.to_line(&request.request_id, now));
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
