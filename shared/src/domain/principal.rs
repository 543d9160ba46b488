//! Authenticated callers.

use std::collections::BTreeSet;

use super::{TenantId, UserId};

/// The group of a tenant's administrators.
pub const ADMIN_GROUP: &str = "admin";

/// The group of those who operate the installation, unless the configuration names another one.
pub const OPERATOR_GROUP: &str = "operator";

/// The kind of a caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PrincipalKind {
    /// A person: a user of the pool.
    User,
    /// A program: a client with credentials of its own.
    Client,
}

/// An authenticated caller.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Principal {
    /// A person or a program.
    pub kind: PrincipalKind,
    /// The caller within the tenant.
    pub user: UserId,
    /// The tenant.
    pub tenant: TenantId,
    /// Roles: the groups other than the tenant's.
    pub groups: BTreeSet<String>,
}

impl Principal {
    /// Returns whether the caller has the role.
    #[must_use]
    pub fn has_group(&self, group: &str) -> bool {
        self.groups.contains(group)
    }
}
