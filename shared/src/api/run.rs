//! Runs an agent. HTTP, Server-Sent Events and WebSocket build the same request and come through here; they differ in
//! who receives the events.

use std::sync::Arc;

use super::auditor::{not_audited, run_not_audited};
use super::{AccessLogEntry, Agents, ApiError, AuditFacts, RunBody};
use crate::actions::Actions;
use crate::agent::{AgentDefinition, RunLimits};
use crate::audit::{AuditCaller, AuditOutbox};
use crate::domain::{Clock, Principal, Random};
use crate::http::Problem;
use crate::policy::Policies;
use crate::runner::{
    CallPorts, Deadline, EventSink, IdempotencyRequest, RunAudit, RunContext, RunEnd, RunModels, TurnMetrics,
    TurnOutcome, TurnPorts, TurnRequest, turn,
};
use crate::store::{CallCounter, ConversationStore, GrantStore, IdempotencyLedger, LeaseStore};

/// What agents are run with.
pub struct RunPorts {
    /// The agents and their models.
    pub agents: Agents<RunModels>,
    /// The sets of policies.
    pub policies: Arc<Policies>,
    /// The actions.
    pub actions: Actions,
    /// The grants that policies may read.
    pub grants: Arc<dyn GrantStore>,
    /// The counts that policies may read.
    pub counters: Arc<dyn CallCounter>,
    /// Conversations.
    pub store: Arc<dyn ConversationStore>,
    /// Idempotency keys.
    pub ledger: Arc<dyn IdempotencyLedger>,
    /// What is open at once.
    pub leases: Arc<dyn LeaseStore>,
    /// The most runs that a user and a tenant may have open at once.
    pub run_limits: RunLimits,
    /// The audit's outbox; `None` where nothing is audited.
    pub audit: Option<Arc<dyn AuditOutbox>>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Ids and jitter.
    pub random: Arc<dyn Random>,
}

/// A request to run an agent, whichever way it arrived.
pub struct RunRequest<'a> {
    /// The caller.
    pub principal: &'a Principal,
    /// The agent, found for this caller by [`Agents::find`], and its models.
    pub agent: (&'a Arc<AgentDefinition>, &'a RunModels),
    /// The checked body.
    pub body: RunBody,
    /// The caller's idempotency key.
    pub idempotency: Option<IdempotencyRequest>,
    /// When the answer is due.
    pub deadline: Deadline,
    /// What the run's audit says of the request.
    pub audit: AuditFacts<'a>,
}

/// Runs the agent for one turn. `events` receives the run's events; `log` receives what the run took.
///
/// # Errors
/// Everything that [`ApiError::from_turn`] maps.
pub async fn run(
    ports: &RunPorts,
    request: RunRequest<'_>,
    events: Option<&EventSink>,
    log: &mut AccessLogEntry,
) -> Result<TurnOutcome, Problem> {
    let RunRequest { principal, agent: (agent, models), body, idempotency, deadline, audit: facts } = request;
    // Before the turn, so that the log names them even if it fails early.
    log.agent = Some(agent.name.to_string());
    log.provider = Some(agent.model.provider);
    log.model = Some(agent.model.model.clone());
    let (clock, random) = (ports.clock.as_ref(), ports.random.as_ref());
    let audit = run_audit(ports, principal, agent, &facts, log)?;
    let context =
        RunContext::new(principal, body.conversation_id, deadline, clock, random, events).audited(audit.as_ref());
    let request = TurnRequest {
        agent: Arc::clone(agent),
        continues: body.conversation_id.is_some(),
        prompt: body.prompt,
        metadata: body.metadata,
        temperature: body.temperature,
        max_tokens: body.max_tokens,
        idempotency,
        run_limits: ports.run_limits,
        arrived: log.arrived,
    };
    let RunPorts { store, ledger, leases, .. } = ports;
    let calls = CallPorts {
        policies: &ports.policies,
        actions: &ports.actions,
        grants: ports.grants.as_ref(),
        counters: ports.counters.as_ref(),
    };
    let turn_ports =
        TurnPorts { models, calls, store: store.as_ref(), ledger: ledger.as_ref(), leases: leases.as_ref() };
    let mut metrics = TurnMetrics::default();
    let result = turn(turn_ports, &context, &request, &mut metrics).await;
    // Before the result is judged, because a failed turn has used tokens too.
    log.record_turn(metrics);
    let outcome = match result {
        Ok(outcome) => outcome,
        Err(error) => {
            let problem = log.fail(ApiError::from_turn(error));
            return Err(close_failed(&context, &request.prompt, problem, log).await);
        }
    };
    // A replayed run calls no model, so what it was answered by comes from its facts.
    log.provider = Some(outcome.facts.provider);
    log.model = Some(outcome.facts.model.clone());
    Ok(outcome)
}

/// Starts the audit of a run, where runs are audited.
fn run_audit<'a>(
    ports: &'a RunPorts,
    principal: &Principal,
    agent: &AgentDefinition,
    facts: &AuditFacts<'_>,
    log: &mut AccessLogEntry,
) -> Result<Option<RunAudit<'a>>, Problem> {
    let Some(outbox) = ports.audit.as_deref() else { return Ok(None) };
    let Some(key) = facts.digest_key else {
        log.fault = Some("the key of the audit's digests cannot be read".to_owned());
        return Err(not_audited());
    };
    let caller = AuditCaller::new(key, &log.request_id, principal, facts.token, facts.source);
    Ok(Some(RunAudit::new(outbox, caller, agent, log.arrived, ports.random.as_ref())))
}

/// Closes the audit of a run that failed, and returns the problem that the client reads.
async fn close_failed(context: &RunContext<'_>, prompt: &str, problem: Problem, log: &mut AccessLogEntry) -> Problem {
    let Some(audit) = context.audit else { return problem };
    let end = RunEnd { status: problem.kind.name(), prompt, output: None, usage: log.usage };
    // The run may have failed at its deadline, and the flush grace is what is left of the function's time.
    let closed = context.deadline.with_flush_grace().bound(audit.close(context, end)).await;
    if matches!(closed, Ok(Ok(()))) {
        return problem;
    }
    log.fault.get_or_insert_with(|| "the end of the run is not audited".to_owned());
    run_not_audited()
}
