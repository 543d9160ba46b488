//! Counts a run against the quotas of its caller while it is open.

use std::pin::pin;
use std::time::Duration;

use super::store_retry::retry_while_busy;
use super::{RunContext, TurnError, TurnPorts, TurnRequest};
use crate::agent::RunLimits;
use crate::domain::AgentName;
use crate::store::{Acquired, Lease, Quota, Scope, ScopeKind};

/// How long a run is open before it is counted. Most runs end earlier and need no request for it.
const GRACE: Duration = Duration::from_secs(2);

/// How much longer than the deadline a run counts if it is never released, so that it counts until it has certainly ended.
const EXPIRY_MARGIN: Duration = Duration::from_secs(5);

/// The longest time for which a refused client is asked to wait: runs may end long before they expire.
const LONGEST_WAIT: Duration = Duration::from_secs(5);

/// A run while it is open.
pub(super) struct OpenRun<'a> {
    ports: TurnPorts<'a>,
    context: &'a RunContext<'a>,
    quotas: Vec<Quota>,
    lease: Lease,
    is_counted: bool,
}

impl<'a> OpenRun<'a> {
    /// Creates an open run that is not counted.
    pub(super) fn new(ports: TurnPorts<'a>, context: &'a RunContext<'a>, request: &TurnRequest) -> Self {
        let expires_at = context.clock.now().plus(context.deadline.remaining() + EXPIRY_MARGIN);
        let lease = Lease { id: context.run.to_string(), expires_at };
        Self { ports, context, quotas: quotas(context, request), lease, is_counted: false }
    }

    /// Runs `work`, and counts the run meanwhile once it has been open for [`GRACE`].
    ///
    /// # Errors
    /// [`TurnError::TooManyRuns`] if a quota is exhausted, and the store's errors if the run cannot be counted; the work is
    /// dropped then.
    pub(super) async fn count_while<T>(
        &mut self,
        work: impl Future<Output = Result<T, TurnError>>,
    ) -> Result<T, TurnError> {
        let mut work = pin!(work);
        tokio::select! {
            // Biased: work that is done is returned, even if the time has passed as well.
            biased;
            done = &mut work => return done,
            () = tokio::time::sleep(GRACE) => {}
        }
        let now = self.context.clock.now();
        let (done, acquired) = {
            let acquiring =
                retry_while_busy(self.context, || self.ports.leases.acquire(&self.lease, &self.quotas, now));
            let mut acquiring = pin!(self.context.deadline.bound(acquiring));
            tokio::select! {
                biased;
                // Waited for, since a lease that is granted after its release would count until it expires.
                done = &mut work => (Some(done), acquiring.await),
                acquired = &mut acquiring => (None, acquired),
            }
        };
        let refusal = match acquired {
            Ok(Ok(Acquired::Granted)) => None,
            Ok(Ok(Acquired::Exhausted { quota, frees_at })) => {
                let retry_after = frees_at.since(now).min(LONGEST_WAIT);
                Some(TurnError::TooManyRuns { scope: quota.scope, limit: quota.limit, retry_after })
            }
            Ok(Err(error)) => Some(error.into()),
            Err(late) => Some(late.into()),
        };
        // Even after an error, since the lease may have been granted although the answer was lost.
        self.is_counted = !matches!(refusal, Some(TurnError::TooManyRuns { .. }));
        match (done, refusal) {
            // The answer is there, so refusing it would save nothing.
            (Some(done), _) => done,
            (None, Some(refusal)) => Err(refusal),
            (None, None) => work.await,
        }
    }

    /// Stops counting the run.
    pub(super) async fn close(self) {
        if self.is_counted {
            let releasing = retry_while_busy(self.context, || self.ports.leases.release(&self.lease, &self.quotas));
            // A lease that is not released expires.
            let _expires = self.context.deadline.with_flush_grace().bound(releasing).await;
        }
    }
}

/// Returns what the run counts against: the caller's and the tenant's runs, and those with the agent if it has limits of its
/// own.
fn quotas(context: &RunContext<'_>, request: &TurnRequest) -> Vec<Quota> {
    let principal = context.principal;
    let of = |limits: RunLimits, agent: Option<&AgentName>| {
        let scope =
            |user| Scope { kind: ScopeKind::Runs, tenant: principal.tenant.clone(), user, agent: agent.cloned() };
        let user = limits.user.map(|limit| Quota { scope: scope(Some(principal.user.clone())), limit });
        let tenant = limits.tenant.map(|limit| Quota { scope: scope(None), limit });
        user.into_iter().chain(tenant)
    };
    of(request.run_limits, None).chain(of(request.agent.run_limits, Some(&request.agent.name))).collect()
}
