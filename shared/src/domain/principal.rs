//! Who asks.

use std::collections::BTreeSet;

use super::{TenantId, UserId};

/// The group that may see the inside: deep health, grants.
pub const ADMIN_GROUP: &str = "admin";

/// A person or a program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PrincipalKind {
    /// A user of the pool.
    User,
    /// A client with credentials of its own.
    Client,
}

/// An authenticated caller.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Principal {
    /// Person or program.
    pub kind: PrincipalKind,
    /// The caller within the tenant.
    pub user: UserId,
    /// The tenant.
    pub tenant: TenantId,
    /// Roles: the groups other than the tenant's.
    pub groups: BTreeSet<String>,
}

impl Principal {
    /// Whether the caller has the role.
    #[must_use]
    pub fn has_group(&self, group: &str) -> bool {
        self.groups.contains(group)
    }
}
