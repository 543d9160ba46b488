//! A set of policies: its own and those of the shipped set that it extends.

use std::collections::BTreeSet;
use std::str::FromStr;

use cedar_policy::{Effect, Policy, PolicyId};

const STRICT: &str = include_str!("shipped/strict.cedar");
const PERMISSIVE: &str = include_str!("shipped/permissive.cedar");

/// The shipped set that a set of policies extends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extends {
    /// `strict`.
    Strict,
    /// `permissive`.
    Permissive,
    /// None: what no policy permits is denied.
    None,
}

impl Extends {
    /// Returns the text of the shipped set.
    #[must_use]
    pub const fn text(self) -> &'static str {
        match self {
            Self::Strict => STRICT,
            Self::Permissive => PERMISSIVE,
            Self::None => "",
        }
    }
}

/// A fault of a policy.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PolicyFault {
    /// The text is not Cedar.
    #[error("{0}")]
    Syntax(String),
    /// A policy has no id.
    #[error("policy {number} has no @id, which clients and audit name it by")]
    NoId {
        /// Its place in the text, from 1.
        number: usize,
    },
    /// Two policies have one id.
    #[error("the id {0} stands twice, or is one of the set that is extended")]
    RepeatedId(String),
    /// A permit asks.
    #[error("{0} is a permit with @ask, which only a forbid may have")]
    AskingPermit(String),
    /// A policy has slots.
    #[error("policy {number} is a template with slots, which nothing fills")]
    Template {
        /// Its place in the text, from 1.
        number: usize,
    },
}

/// Policies that judge together.
#[derive(Clone)]
pub struct PolicySet {
    pub(super) policies: cedar_policy::PolicySet,
}

impl std::fmt::Debug for PolicySet {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let ids: Vec<&str> = self.policies.policies().map(|policy| policy.id().as_ref()).collect();
        formatter.debug_struct("PolicySet").field("ids", &ids).finish()
    }
}

impl PolicySet {
    /// Reads policies that extend a shipped set.
    ///
    /// # Errors
    /// Every [`PolicyFault`] that was found.
    pub fn parse(texts: &[&str], extends: Extends) -> Result<Self, Vec<PolicyFault>> {
        let (mut named, mut ids, mut faults) = (Vec::new(), BTreeSet::new(), Vec::new());
        for text in [extends.text()].iter().chain(texts) {
            match cedar_policy::PolicySet::from_str(text) {
                Ok(read) => {
                    let number = read.policies().count() + 1;
                    if read.templates().next().is_some() {
                        faults.push(PolicyFault::Template { number });
                    }
                    for (index, policy) in read.policies().enumerate() {
                        match with_id(policy, index + 1, &mut ids) {
                            Ok(policy) => named.push(policy),
                            Err(fault) => faults.push(fault),
                        }
                    }
                }
                Err(error) => faults.extend(error.iter().map(|error| PolicyFault::Syntax(error.to_string()))),
            }
        }
        if !faults.is_empty() {
            return Err(faults);
        }
        let policies = cedar_policy::PolicySet::from_policies(named);
        policies.map(|policies| Self { policies }).map_err(|error| vec![PolicyFault::Syntax(error.to_string())])
    }
}

/// Names a policy by its annotation.
fn with_id(policy: &Policy, number: usize, ids: &mut BTreeSet<String>) -> Result<Policy, PolicyFault> {
    let Some(id) = policy.annotation("id").filter(|id| !id.is_empty()) else {
        return Err(PolicyFault::NoId { number });
    };
    if policy.effect() == Effect::Permit && policy.annotation("ask").is_some() {
        return Err(PolicyFault::AskingPermit(id.to_owned()));
    }
    if !ids.insert(id.to_owned()) {
        return Err(PolicyFault::RepeatedId(id.to_owned()));
    }
    Ok(policy.new_id(PolicyId::new(id)))
}
