//! Counts a run against the quotas of its caller while it is open.

use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::sync::OnceCell;

use super::store_retry::retry_while_busy;
use super::{RunContext, TurnError, TurnRequest};
use crate::agent::RunLimits;
use crate::domain::AgentName;
use crate::store::{Acquired, Lease, LeaseStore, Quota, Scope, ScopeKind};

/// How long a run is open before it is counted. Most runs end earlier and need no request for it.
const GRACE: Duration = Duration::from_secs(2);

/// How much longer than the deadline a run counts if it is never released, so that it counts until it has certainly ended.
const EXPIRY_MARGIN: Duration = Duration::from_secs(5);

/// The longest time for which a refused client is asked to wait: runs may end long before they expire.
const LONGEST_WAIT: Duration = Duration::from_secs(5);

/// A run while it is open.
pub(super) struct OpenRun<'a> {
    leases: &'a dyn LeaseStore,
    context: &'a RunContext<'a>,
    quotas: Vec<Quota>,
    lease: Lease,
    /// Whether the run has been counted.
    counted: OnceCell<()>,
    /// Whether the store may count the run: also while it is asked, and after an error, since the answer may have been lost.
    may_count: AtomicBool,
}

impl<'a> OpenRun<'a> {
    /// Creates an open run that is not counted.
    pub(super) fn new(leases: &'a dyn LeaseStore, context: &'a RunContext<'a>, request: &TurnRequest) -> Self {
        let expires_at = context.clock.now().plus(context.deadline.remaining() + EXPIRY_MARGIN);
        let lease = Lease { id: context.run.to_string(), expires_at };
        let (quotas, counted) = (quotas(context, request), OnceCell::new());
        Self { leases, context, quotas, lease, counted, may_count: AtomicBool::new(false) }
    }

    /// Runs `work`, and counts the run meanwhile once it has been open for [`GRACE`].
    ///
    /// # Errors
    /// Those of [`Self::count`]; the work is dropped then.
    pub(super) async fn count_while<T>(
        &self,
        work: impl Future<Output = Result<T, TurnError>>,
    ) -> Result<T, TurnError> {
        let mut work = pin!(work);
        tokio::select! {
            // Biased: work that is done is returned, even if the time has passed as well.
            biased;
            done = &mut work => return done,
            () = tokio::time::sleep(GRACE) => {}
        }
        let (done, counted) = {
            let mut counting = pin!(self.count());
            tokio::select! {
                biased;
                // Waited for, since a lease that is granted after its release would count until it expires.
                done = &mut work => (Some(done), counting.await),
                counted = &mut counting => (None, counted),
            }
        };
        match (done, counted) {
            // The answer is there, so refusing it would save nothing.
            (Some(done), _) => done,
            (None, Err(refusal)) => Err(refusal),
            (None, Ok(())) => work.await,
        }
    }

    /// Counts the run, unless it has been counted.
    ///
    /// # Errors
    /// [`TurnError::TooManyRuns`] if a quota is exhausted, and the store's errors if the run cannot be counted.
    pub(super) async fn count(&self) -> Result<(), TurnError> {
        self.counted.get_or_try_init(|| self.acquire()).await.copied()
    }

    async fn acquire(&self) -> Result<(), TurnError> {
        if self.quotas.is_empty() {
            return Ok(());
        }
        let now = self.context.clock.now();
        self.may_count.store(true, Ordering::Relaxed);
        let acquiring = retry_while_busy(self.context, || self.leases.acquire(&self.lease, &self.quotas, now));
        let Acquired::Exhausted { quota, frees_at } = self.context.deadline.bound(acquiring).await?? else {
            return Ok(());
        };
        self.may_count.store(false, Ordering::Relaxed);
        let retry_after = frees_at.since(now).min(LONGEST_WAIT);
        Err(TurnError::TooManyRuns { scope: quota.scope, limit: quota.limit, retry_after })
    }

    /// Stops counting the run.
    pub(super) async fn close(self) {
        if self.may_count.load(Ordering::Relaxed) {
            let releasing = retry_while_busy(self.context, || self.leases.release(&self.lease, &self.quotas));
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
