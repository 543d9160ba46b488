//! When a configuration is checked, and what may still be missing then.

/// When a configuration is checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// At the start of a function: the configuration must be complete.
    Start,
    /// Before a deployment, which fills in the user pool and its client.
    Deployment,
    /// Before the local cloud starts, which fills in the user pool, its client, and the addresses and keys of providers.
    LocalCloud,
}

impl Stage {
    /// Returns whether the user pool and its client must be there.
    pub(super) fn needs_user_pool(self) -> bool {
        self == Self::Start
    }

    /// Returns whether the keys of providers that demand one must be there.
    pub(super) fn needs_keys(self) -> bool {
        self != Self::LocalCloud
    }
}
