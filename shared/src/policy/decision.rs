//! The decision about a call.

use std::collections::BTreeSet;

/// What is decided. The later of two is the stricter one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// The call may run.
    Allow,
    /// A person must decide.
    Ask,
    /// The call must not run.
    Deny,
}

/// A decision and the policies that it comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// What is decided.
    pub(super) verdict: Verdict,
    /// The ids of the policies, or of the gateway's own rules, sorted; the only part of a policy that clients see.
    pub(super) policy_ids: BTreeSet<String>,
    /// The groups of which one must decide; empty unless the verdict is [`Verdict::Ask`].
    pub(super) asks: BTreeSet<String>,
}

impl Decision {
    /// Returns a denial by one of the gateway's own rules.
    #[must_use]
    pub fn denied(rule: &str) -> Self {
        Self { verdict: Verdict::Deny, policy_ids: [rule.to_owned()].into(), asks: BTreeSet::new() }
    }

    /// Returns what is decided.
    #[must_use]
    pub const fn verdict(&self) -> Verdict {
        self.verdict
    }

    /// Returns the ids of the policies that decided, or of the gateway's own rules.
    #[must_use]
    pub const fn policy_ids(&self) -> &BTreeSet<String> {
        &self.policy_ids
    }

    /// Returns the groups of which one must decide where the verdict is [`Verdict::Ask`].
    #[must_use]
    pub const fn asks(&self) -> &BTreeSet<String> {
        &self.asks
    }

    /// Returns the stricter of two decisions.
    #[must_use]
    pub fn stricter(self, other: Self) -> Self {
        if other.verdict > self.verdict { other } else { self }
    }
}
