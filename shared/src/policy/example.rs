//! Examples of what a set of policies decides, which are checked with the configuration.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use serde_json::{Map, Value};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::schema::Actions;
use super::{CallRequest, Count, Decision, InvocationRequest, Opinion, PolicySet, Verdict};
use crate::agent::{Origin, Proposer};
use crate::domain::{AgentName, Principal, PrincipalKind, TenantId, Timestamp, ToolName, UserId};

/// The time of examples that name none.
const NOW_MS: u64 = 1_767_225_600_000;

/// The rule that denies actions that are not configured.
const UNKNOWN_ACTION: &str = "unknown-action";

/// An example.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PolicyExample {
    /// Its name.
    pub name: String,
    principal: ExamplePrincipal,
    agent: String,
    action: String,
    #[serde(default)]
    input: Map<String, Value>,
    #[serde(default)]
    context: ExampleContext,
    /// What should be decided.
    pub expect: Expectation,
    #[serde(default)]
    policy_ids: Option<BTreeSet<String>>,
}

/// A fault of an example.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExampleFault {
    /// What was found, to be read after the example's name.
    pub found: String,
    /// What is allowed.
    pub allowed: String,
}

/// What should be decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Expectation {
    /// The call runs.
    Allow,
    /// A person is asked.
    Ask,
    /// The call does not run.
    Deny,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct ExamplePrincipal {
    user: String,
    #[serde(default)]
    tenant: Option<String>,
    #[serde(default)]
    groups: BTreeSet<String>,
}

/// What differs from the context of a call that nobody but the caller had a say in.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct ExampleContext {
    origin: BTreeMap<String, OriginName>,
    proposed_by: Option<ProposerName>,
    tainted: bool,
    planned: Option<bool>,
    data: BTreeSet<String>,
    accepts: Option<BTreeSet<String>>,
    called: BTreeSet<String>,
    step: u32,
    now: Option<String>,
    grants: BTreeSet<String>,
    opinion: Option<OpinionName>,
    count: ExampleCount,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct ExampleCount {
    hour: u32,
    day: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum OriginName {
    Caller,
    Operator,
    Trusted,
    Untrusted,
    Model,
}

#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum ProposerName {
    Model,
    Graph,
}

#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum OpinionName {
    Allow,
    Deny,
    Failed,
    None,
}

impl PolicyExample {
    /// Judges the example and compares.
    ///
    /// # Errors
    /// [`ExampleFault`] if something else was decided, or if the example does not describe a call.
    pub fn run(&self, set: &PolicySet, actions: &Actions, agents: &[&str]) -> Result<(), ExampleFault> {
        let agent = self.agent(agents)?;
        let decision = self.judge(set, actions, &agent)?;
        let got = match decision.verdict() {
            Verdict::Allow => Expectation::Allow,
            Verdict::Ask => Expectation::Ask,
            Verdict::Deny => Expectation::Deny,
        };
        let ids = decision.policy_ids();
        if got == self.expect && self.policy_ids.as_ref().is_none_or(|expected| expected == ids) {
            return Ok(());
        }
        let ids = ids.iter().map(String::as_str).collect::<Vec<_>>().join(", ");
        Err(ExampleFault::new(
            format!("decided as {} by {ids}", name_of(got)),
            "the decision and the policies that the example expects",
        ))
    }

    fn judge(&self, set: &PolicySet, actions: &Actions, agent: &AgentName) -> Result<Decision, ExampleFault> {
        if let Some(name) = self.context.origin.keys().find(|name| !self.input.contains_key(*name)) {
            let found = format!("with an origin of \"{name}\", which is not in its input");
            return Err(ExampleFault::new(found, "origins of arguments that stand in input"));
        }
        if self.action == "invoke_agent" {
            self.check_invocation()?;
            let principal = self.principal()?;
            let (now, grants) = (self.now()?, self.context.grants.clone());
            return Ok(set.judge_invocation(&InvocationRequest { principal: &principal, agent, now, grants }));
        }
        let action = ToolName::new(self.action.as_str());
        let Some(definition) = actions.get(&action) else { return self.unknown_action() };
        if definition.parameters.check(&Value::Object(self.input.clone())).is_err() {
            return Ok(Decision::denied("invalid-arguments"));
        }
        let principal = self.principal()?;
        let context = &self.context;
        let origin = |name: &String| {
            let origin = context.origin.get(name).map_or(Origin::Caller, |origin| (*origin).into());
            (name.clone(), origin)
        };
        let request = CallRequest {
            principal: &principal,
            agent,
            action: &action,
            effect: definition.effect,
            arguments: &self.input,
            schema: definition.parameters.schema(),
            origins: self.input.keys().map(origin).collect(),
            proposed_by: match context.proposed_by {
                Some(ProposerName::Graph) => Proposer::Graph,
                Some(ProposerName::Model) | None => Proposer::Model,
            },
            tainted: context.tainted,
            planned: context.planned.unwrap_or(true),
            data: context.data.clone(),
            accepts: context.accepts.clone().unwrap_or_else(|| definition.accepts.clone()),
            called: context.called.clone(),
            step: context.step,
            now: self.now()?,
            grants: context.grants.clone(),
            opinion: context.opinion.map_or(Opinion::None, Into::into),
            count: Count { hour: context.count.hour, day: context.count.day },
        };
        Ok(set.judge(&request))
    }

    /// Returns the denial of an action that is not configured, if the example shows that it means one.
    fn unknown_action(&self) -> Result<Decision, ExampleFault> {
        if self.policy_ids.as_ref().is_some_and(|ids| ids.contains(UNKNOWN_ACTION)) {
            return Ok(Decision::denied(UNKNOWN_ACTION));
        }
        Err(ExampleFault::new(
            format!("with the action \"{}\", which is not configured", self.action),
            "a configured action, invoke_agent, or policy_ids: [unknown-action] where another one is meant",
        ))
    }

    /// Checks that an example of an invocation has nothing that only a call has.
    fn check_invocation(&self) -> Result<(), ExampleFault> {
        let of_calls = ExampleContext { now: None, grants: BTreeSet::new(), ..self.context.clone() };
        if self.input.is_empty() && of_calls == ExampleContext::default() {
            return Ok(());
        }
        let found = "of invoke_agent with an input, or with a context that only calls have";
        Err(ExampleFault::new(found, "context: { now, grants } and no input, since an invocation has no arguments"))
    }

    fn agent(&self, agents: &[&str]) -> Result<AgentName, ExampleFault> {
        let name = self.agent.as_str();
        let agent = self.agent.parse().ok().filter(|_| agents.contains(&name));
        agent.ok_or_else(|| {
            let found = format!("with the agent {name:?}, which is not configured");
            ExampleFault::new(found, format!("an agent of the configuration: {}", agents.join(", ")))
        })
    }

    fn principal(&self) -> Result<Principal, ExampleFault> {
        let ExamplePrincipal { user, tenant, groups } = &self.principal;
        let fault = || ExampleFault::new("with a tenant that cannot be one", "the name of a tenant");
        let tenant = match tenant {
            Some(tenant) => TenantId::parse(tenant).ok_or_else(fault)?,
            None => TenantId::default(),
        };
        let kind = if user.starts_with("client:") { PrincipalKind::Client } else { PrincipalKind::User };
        Ok(Principal { kind, user: UserId::new(user.as_str()), tenant, groups: groups.clone() })
    }

    fn now(&self) -> Result<Timestamp, ExampleFault> {
        let Some(text) = &self.context.now else { return Ok(Timestamp::from_millis(NOW_MS)) };
        let parsed = OffsetDateTime::parse(text, &Rfc3339).ok().map(|time| time.unix_timestamp_nanos() / 1_000_000);
        let millis = parsed.and_then(|millis| u64::try_from(millis).ok());
        let fault = || ExampleFault::new("with a time that cannot be read", "a time of RFC 3339");
        millis.map(Timestamp::from_millis).ok_or_else(fault)
    }
}

impl ExampleFault {
    fn new(found: impl Into<String>, allowed: impl Into<String>) -> Self {
        Self { found: found.into(), allowed: allowed.into() }
    }
}

const fn name_of(expectation: Expectation) -> &'static str {
    match expectation {
        Expectation::Allow => "allow",
        Expectation::Ask => "ask",
        Expectation::Deny => "deny",
    }
}

impl From<OriginName> for Origin {
    fn from(name: OriginName) -> Self {
        match name {
            OriginName::Caller => Self::Caller,
            OriginName::Operator => Self::Operator,
            OriginName::Trusted => Self::Trusted,
            OriginName::Untrusted => Self::Untrusted,
            OriginName::Model => Self::Model,
        }
    }
}

impl From<OpinionName> for Opinion {
    fn from(name: OpinionName) -> Self {
        match name {
            OpinionName::Allow => Self::Allow,
            OpinionName::Deny => Self::Deny,
            OpinionName::Failed => Self::Failed,
            OpinionName::None => Self::None,
        }
    }
}
