//! An installation with one action, for tests of the kinds.
#![expect(clippy::expect_used, clippy::missing_panics_doc, reason = "test support: a fault of the test ends it")]

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use secrecy::SecretString;
use serde_json::{Map, Value};
use uuid::Uuid;

use super::{FixedRandom, ManualClock};
use crate::actions::egress::SystemLookup;
use crate::actions::{ActionError, Actions, BuildContext, BuildError, CallContext, action_kinds, executor};
use crate::agent::{ActionDefinition, ActionEffect, CallerInput, FullSchemaChecks, Parameters, Proposer};
use crate::aws::AwsContext;
use crate::config::{ActionRights, ActionSettings, SettingFault, Stage};
use crate::domain::{
    Principal, PrincipalKind, RunId, SecretTemplate, TemplatePart, TenantId, Timestamp, ToolCallId, ToolName, Trust,
    UserId,
};
use crate::llm::CallMeter;
use crate::policy::{ApprovedCall, CallRequest, Count, Extends, Opinion, PolicySet, ProposedCall};
use crate::secrets::{SecretError, SecretResolver};

/// An installation with one action. Its caller is alice of the tenant acme, in the group `user`.
pub struct OneAction {
    /// The action.
    pub action: ActionDefinition,
    /// Whether the local cloud runs it.
    pub is_local: bool,
    /// The names of the gateway's own tables.
    pub reserved_tables: BTreeSet<String>,
    /// The names of the gateway's own functions.
    pub reserved_functions: BTreeSet<String>,
    /// What the caller has sent.
    pub input: CallerInput,
    /// What every reference to a secret leads to, and what it leads to once it is fetched again.
    pub secrets: (String, String),
}

impl OneAction {
    /// Returns an installation whose action has these keys: those of its kind, `type`, `parameters`, `effect`,
    /// `timeout_ms` and `max_output_bytes`.
    #[must_use]
    pub fn new(section: &Value) -> Self {
        let mut settings = section.as_object().expect("a mapping").clone();
        let mut take = |key: &str| settings.remove(key).unwrap_or_default();
        let kind = take("type");
        let kind = action_kinds().iter().find(|known| kind == known.name()).expect("a kind");
        let parameters = match take("parameters") {
            Value::Null => Parameters::none(),
            schema => Parameters::read(&schema, &FullSchemaChecks).expect("a schema"),
        };
        let written = take("effect");
        let timeout = Duration::from_millis(take("timeout_ms").as_u64().unwrap_or(10_000));
        let max_output_bytes = take("max_output_bytes").as_u64().unwrap_or(65_536);
        let effect = match written.as_str() {
            Some("read") => ActionEffect::Read,
            Some(_) => ActionEffect::Write,
            None => kind.default_effect(&settings),
        };
        let action = ActionDefinition {
            name: ToolName::new("act"),
            description: "Acts.".to_owned(),
            parameters,
            effect,
            output: Trust::Untrusted,
            data: BTreeSet::new(),
            accepts: BTreeSet::new(),
            timeout,
            max_output_bytes: usize::try_from(max_output_bytes).expect("a size"),
            kind: kind.name(),
            model: None,
            settings,
        };
        let caller = Principal {
            kind: PrincipalKind::User,
            user: UserId::new("alice"),
            tenant: TenantId::new("acme"),
            groups: ["user".to_owned()].into(),
        };
        let input = CallerInput { prompt: "Act.".to_owned(), metadata: BTreeMap::new(), caller };
        let (reserved_tables, reserved_functions) = Default::default();
        Self { action, is_local: false, reserved_tables, reserved_functions, input, secrets: Default::default() }
    }

    /// Returns the faults that the check of a configuration finds in the keys of the kind.
    #[must_use]
    pub fn faults(&self) -> Vec<SettingFault> {
        let kind = action_kinds().iter().find(|kind| kind.name() == self.action.kind).expect("a kind");
        kind.check(&ActionSettings {
            settings: &self.action.settings,
            parameters: &self.action.parameters,
            effect: self.action.effect,
            output: self.action.output,
            stage: Stage::Deployment,
            is_local: self.is_local,
        })
    }

    /// Returns what a deployment has to grant for the action.
    #[must_use]
    pub fn rights(&self) -> ActionRights {
        let kind = action_kinds().iter().find(|kind| kind.name() == self.action.kind).expect("a kind");
        kind.rights(&self.action.settings)
    }

    /// Builds what executes the action's calls.
    ///
    /// # Errors
    /// [`BuildError`].
    pub fn build(&self, aws: &AwsContext) -> Result<Actions, BuildError> {
        let context = BuildContext {
            aws,
            resolver: Arc::new(OneSecret { secrets: self.secrets.clone(), is_renewed: AtomicBool::new(false) }),
            clock: ManualClock::at(0),
            random: Arc::new(FixedRandom::default()),
            lookup: Arc::new(SystemLookup),
            model: None,
            is_local: self.is_local,
            reserved_tables: &self.reserved_tables,
            reserved_functions: &self.reserved_functions,
        };
        let built = executor(&self.action, context)?;
        Ok([(self.action.name.clone(), built)].into_iter().collect())
    }

    /// Builds the action and makes one call, the third of its run, whose UUID is nil.
    ///
    /// # Errors
    /// [`ActionError`].
    pub async fn call(&self, aws: &AwsContext, arguments: &Value) -> Result<Value, ActionError> {
        let actions = self.build(aws).expect("the action can be built");
        let timeout = Duration::from_mins(1);
        let meter = CallMeter::new(0);
        let context = CallContext { input: &self.input, timeout, max_output_bytes: usize::MAX, meter: &meter };
        actions.execute(&self.approved(arguments), &context).await
    }

    /// Returns a call that the set `permissive` has allowed.
    #[must_use]
    pub fn approved(&self, arguments: &Value) -> ApprovedCall {
        self.action.parameters.check(arguments).expect("arguments that the schema accepts");
        let call = ProposedCall {
            action: Arc::new(self.action.clone()),
            arguments: arguments.clone(),
            id: ToolCallId::new("call"),
            run: RunId::new(Uuid::nil()),
            ordinal: 3,
        };
        let policies = PolicySet::parse(&[], Extends::Permissive).expect("the shipped set");
        let request = CallRequest {
            principal: &self.input.caller,
            agent: &"default".parse().expect("a name"),
            action: &self.action.name,
            effect: self.action.effect,
            // Judged without them, since policies cannot judge every value that an action accepts.
            arguments: &Map::new(),
            schema: self.action.parameters.schema(),
            origins: BTreeMap::new(),
            proposed_by: Proposer::Model,
            tainted: false,
            planned: true,
            data: BTreeSet::new(),
            accepts: BTreeSet::new(),
            called: BTreeSet::new(),
            step: 1,
            now: Timestamp::from_millis(0),
            grants: BTreeSet::new(),
            opinion: Opinion::None,
            count: Count::default(),
        };
        policies.judge(&request).approve(call).expect("a call that is allowed")
    }
}

/// A resolver of one secret, which may have changed.
struct OneSecret {
    secrets: (String, String),
    is_renewed: AtomicBool,
}

#[async_trait]
impl SecretResolver for OneSecret {
    async fn resolve(&self, template: &SecretTemplate) -> Result<SecretString, SecretError> {
        let (old, new) = &self.secrets;
        let secret = if self.is_renewed.load(Ordering::SeqCst) { new } else { old };
        let text: String = template
            .parts()
            .iter()
            .map(|part| match part {
                TemplatePart::Literal(text) => text.as_str(),
                TemplatePart::Reference(_) => secret,
            })
            .collect();
        Ok(SecretString::from(text))
    }

    async fn renew(&self, _: &SecretTemplate) -> Result<bool, SecretError> {
        self.is_renewed.store(true, Ordering::SeqCst);
        Ok(self.secrets.0 != self.secrets.1)
    }
}
