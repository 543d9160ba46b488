//! The sets of policies that are compared.

use openclaw::agent::{AgentDefinition, Safeguards};
use openclaw::policy::{Extends, Policies};

/// A set of policies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rules {
    /// The shipped set `strict`.
    Strict,
    /// `strict` without its rule about the plan.
    WithoutPlan,
    /// The shipped set `permissive`.
    Permissive,
    /// A list of actions that are allowed: all of the suite's.
    AllowAll,
}

const ALLOW_ALL: &str = r#"@id("allowed") permit (principal, action in OpenClaw::Action::"call_action", resource);"#;

impl Rules {
    pub(crate) const ALL: [Self; 4] = [Self::Strict, Self::WithoutPlan, Self::Permissive, Self::AllowAll];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Strict => "strict",
            Self::WithoutPlan => "strict without the plan",
            Self::Permissive => "permissive",
            Self::AllowAll => "a list of allowed actions",
        }
    }

    /// Returns the set, under the name that the agent's policy then has.
    pub(crate) fn policies(self) -> Policies {
        let (text, extends) = match self {
            Self::Strict => (String::new(), Extends::Strict),
            Self::WithoutPlan => (without_plan(), Extends::None),
            Self::Permissive => (String::new(), Extends::Permissive),
            Self::AllowAll => (ALLOW_ALL.to_owned(), Extends::None),
        };
        Policies::new([("own".to_owned(), vec![text], extends)])
    }

    pub(crate) fn judge(agent: &AgentDefinition) -> AgentDefinition {
        let safeguards = Safeguards { policy: "own".to_owned(), ..agent.safeguards.clone() };
        AgentDefinition { safeguards, ..agent.clone() }
    }
}

/// Returns the text of `strict` without the policy `strict-unplanned`.
fn without_plan() -> String {
    let text = Extends::Strict.text();
    let policies = text.split("\n\n").filter(|policy| !policy.contains("strict-unplanned"));
    policies.collect::<Vec<_>>().join("\n\n")
}
