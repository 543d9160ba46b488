//! What policies read that is stored: grants and counts. Grants are fetched only where a policy of the set reads them, counts
//! where one of any set does.

use std::collections::BTreeSet;
use std::time::Duration;

use super::ports::CallPorts;
use super::settling::{Counted, Settling};
use crate::agent::AgentDefinition;
use crate::domain::{Timestamp, ToolName};
use crate::policy::{Count, InvocationRequest, Verdict};
use crate::runner::store_retry::retry_while_busy;
use crate::runner::{DeadlinePassed, RunContext, TurnError};
use crate::store::{CounterKey, GrantHolder, StoreError};

/// The grants of a page.
const GRANTS_A_PAGE: usize = 1000;

/// For how long a run relies on the grants that it has read: one that is ended must be without effect within 30 s.
const GRANTS_FRESH: Duration = Duration::from_secs(25);

/// The stored facts of one run.
pub(super) struct Facts {
    /// Read once, and again in a run that lasts.
    pub(super) grants: Option<HeldGrants>,
}

/// The grants of a caller and an agent.
#[derive(Debug, Clone)]
pub(in crate::runner) struct HeldGrants {
    read_at: Timestamp,
    /// Their names, and when they expire.
    all: Vec<(String, Timestamp)>,
}

impl HeldGrants {
    fn is_fresh(&self, now: Timestamp) -> bool {
        now.since(self.read_at) < GRANTS_FRESH
    }

    /// Returns the names of those that hold now.
    fn names(&self, now: Timestamp) -> BTreeSet<String> {
        let holding = self.all.iter().filter(|(_, expires_at)| now < *expires_at);
        holding.map(|(name, _)| name.clone()).collect()
    }
}

/// The stored facts of one call.
pub(super) struct CallFacts {
    pub(super) grants: BTreeSet<String>,
    pub(super) count: Count,
    pub(super) counted: Option<Counted>,
}

impl Facts {
    /// Fetches what the agent's policies read about a call of this action. The call is counted from now on.
    pub(super) async fn fetch(
        &mut self,
        action: &ToolName,
        settling: &Settling<'_>,
    ) -> Result<Result<CallFacts, StoreError>, DeadlinePassed> {
        let Settling { run, ports, context, .. } = settling;
        let reads = ports.policies.reads(&run.agent().safeguards.policy);
        let mut facts = CallFacts { grants: BTreeSet::new(), count: Count::default(), counted: None };
        if reads.grants {
            let now = context.clock.now();
            let held = match self.grants.take().filter(|held| held.is_fresh(now)) {
                Some(held) => held,
                None => match context.deadline.bound(grants(*ports, context, run.agent())).await? {
                    Ok(held) => held,
                    Err(error) => return Ok(Err(logged(error))),
                },
            };
            facts.grants = self.grants.insert(held).names(context.clock.now());
        }
        if reads.count {
            let (tenant, user) = (context.principal.tenant.clone(), context.principal.user.clone());
            let (key, at) = (CounterKey { tenant, user, action: action.clone() }, context.clock.now());
            match context.deadline.bound(ports.counters.add(&key, at)).await? {
                Ok(count) => facts.count = Count { hour: count.hour, day: count.day },
                Err(error) => return Ok(Err(logged(error))),
            }
            facts.counted = Some(Counted { key, at });
        }
        Ok(Ok(facts))
    }
}

/// Takes back a call that was counted and does not run. One that cannot be taken back stays counted, which only makes policies
/// stricter.
pub(super) async fn give_back(counted: Option<&Counted>, settling: &Settling<'_>) {
    let Some(Counted { key, at }) = counted else { return };
    // Also after the deadline, which is why some calls do not run.
    let giving_back = settling.ports.counters.give_back(key, *at);
    let _stays_counted = settling.context.deadline.with_flush_grace().bound(giving_back).await;
}

/// Reads the grants that the caller and the agent have now.
async fn grants(
    ports: CallPorts<'_>,
    context: &RunContext<'_>,
    agent: &AgentDefinition,
) -> Result<HeldGrants, StoreError> {
    let (tenant, now) = (&context.principal.tenant, context.clock.now());
    let holders = GrantHolder::of_run(context.principal, &agent.name);
    let (mut all, mut after) = (Vec::new(), None);
    // All of them, since a policy may forbid something to those who have a grant.
    loop {
        let page = retry_while_busy(context, || ports.grants.list(tenant, after, GRANTS_A_PAGE, now)).await?;
        let own = page.grants.into_iter().filter(|grant| holders.contains(&grant.holder));
        all.extend(own.map(|grant| (grant.name, grant.expires_at)));
        after = page.next;
        if after.is_none() {
            return Ok(HeldGrants { read_at: now, all });
        }
    }
}

/// Judges whether the caller may invoke the agent, if its policies say anything about that. Returns the grants that were read for
/// it, if any were.
///
/// # Errors
/// [`TurnError::NotAdmitted`], and the store's errors.
pub(in crate::runner) async fn admit(
    ports: CallPorts<'_>,
    context: &RunContext<'_>,
    agent: &AgentDefinition,
) -> Result<Option<HeldGrants>, TurnError> {
    let policy = &agent.safeguards.policy;
    let reads = ports.policies.reads(policy);
    if !reads.invoke_agent {
        return Ok(None);
    }
    let known = if reads.grants { Some(context.deadline.bound(grants(ports, context, agent)).await??) } else { None };
    let (principal, now) = (context.principal, context.clock.now());
    let grants = known.as_ref().map(|held| held.names(now)).unwrap_or_default();
    let decision =
        ports.policies.judge_invocation(policy, &InvocationRequest { principal, agent: &agent.name, now, grants });
    match decision.verdict() {
        Verdict::Allow => Ok(known),
        verdict @ (Verdict::Ask | Verdict::Deny) => {
            if let Some(audit) = context.audit {
                audit.refuse(context, ("invoke_agent", verdict), decision.policy_ids(), None);
            }
            Err(TurnError::NotAdmitted { policy_ids: decision.policy_ids().clone() })
        }
    }
}

fn logged(error: StoreError) -> StoreError {
    tracing::warn!(fault = %error, "what policies read cannot be fetched");
    error
}
