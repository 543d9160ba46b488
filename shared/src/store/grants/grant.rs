//! Grants, and to whom they are given.

use std::fmt;

use uuid::Uuid;

use crate::domain::{AgentName, Principal, TenantId, Timestamp};

/// A grant's id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct GrantId(Uuid);

impl GrantId {
    /// Wraps a UUID.
    #[must_use]
    pub const fn new(id: Uuid) -> Self {
        Self(id)
    }

    /// Parses an id; returns `None` for a text that is not a UUID in its usual form.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        (text.len() == 36).then(|| Uuid::try_parse(text).ok().map(Self)).flatten()
    }
}

impl fmt::Display for GrantId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, formatter)
    }
}

/// To whom a grant is given, as `user:<sub>`, `client:<id>` or `agent:<name>`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct GrantHolder(String);

impl GrantHolder {
    /// Parses a holder; returns `None` for another form.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (kind, name) = text.split_once(':')?;
        let is_name = (1..=256).contains(&name.len())
            && !name.contains(|letter: char| letter.is_control() || letter.is_whitespace());
        let is_known = match kind {
            "user" | "client" => is_name,
            "agent" => name.parse::<AgentName>().is_ok(),
            _ => false,
        };
        is_known.then(|| Self(text.to_owned()))
    }

    /// Returns the holders whose grants a run has: its caller and its agent.
    #[must_use]
    pub fn of_run(principal: &Principal, agent: &AgentName) -> [Self; 2] {
        let user = principal.user.as_str();
        // A program is a user whose name says so.
        let caller = if user.starts_with("client:") { user.to_owned() } else { format!("user:{user}") };
        [Self(caller), Self(format!("agent:{agent}"))]
    }

    /// Returns the text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A right for a time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    /// The id.
    pub id: GrantId,
    /// The tenant in which it holds.
    pub tenant: TenantId,
    /// To whom it is given.
    pub holder: GrantHolder,
    /// Its name, which policies read.
    pub name: String,
    /// Why it was given.
    pub reason: String,
    /// The administrator who gave it.
    pub created_by: String,
    /// When it was given.
    pub created_at: Timestamp,
    /// The time from which on it does not hold.
    pub expires_at: Timestamp,
}

/// A page of a tenant's grants, in the order of their ids.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GrantPage {
    /// The grants, without those that have expired.
    pub grants: Vec<Grant>,
    /// The grant after which the next page starts; `None` at the end.
    pub next: Option<GrantId>,
}
