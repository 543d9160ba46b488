//! Leases, and the quotas that they count against.

use crate::domain::{AgentName, TenantId, Timestamp, UserId};

/// One open thing. It stops counting when it is released or expires, so a crash blocks nobody for long.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lease {
    /// The id; unique among all leases of a scope.
    pub id: String,
    /// When it stops counting by itself. Counted in whole seconds.
    pub expires_at: Timestamp,
}

/// The most leases that a scope may have at once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quota {
    /// What is counted together.
    pub scope: Scope,
    /// The most leases.
    pub limit: u32,
}

/// What is counted together: the leases of a tenant, or of one user of the tenant, with one agent or with all.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Scope {
    /// What the leases are for.
    pub kind: ScopeKind,
    /// The tenant.
    pub tenant: TenantId,
    /// The user; `None` for all users of the tenant.
    pub user: Option<UserId>,
    /// The agent; `None` for all agents.
    pub agent: Option<AgentName>,
}

/// What leases are for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ScopeKind {
    /// Runs.
    Runs,
    /// WebSocket connections.
    Connections,
}

/// The outcome of acquiring a lease.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Acquired {
    /// The lease counts in every scope.
    Granted,
    /// The lease counts nowhere, since a scope already has as many leases as its quota allows.
    Exhausted {
        /// The first quota that is exhausted.
        quota: Quota,
        /// When the first of that scope's leases expires.
        frees_at: Timestamp,
    },
}
