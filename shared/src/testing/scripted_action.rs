//! An action that follows a script.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use serde_json::{Map, Value};
use tokio::sync::Barrier;

use crate::actions::{ActionError, ActionExecutor, CallContext};
use crate::agent::{ActionDefinition, ActionEffect, FullSchemaChecks, Parameters};
use crate::domain::{ToolName, Trust};
use crate::policy::ApprovedCall;

/// The reaction of a scripted action to one call.
pub enum Reaction {
    /// Answers with this output.
    Answer(Value),
    /// Fails.
    Fail(ActionError),
    /// Never answers.
    Hang,
    /// Answers with the text `met` once as many calls have arrived as the barrier waits for.
    Meet(Arc<Barrier>),
}

/// An action behind the port. When its script is used up, it answers with the text `done`.
#[derive(Default)]
pub struct ScriptedAction {
    script: Mutex<VecDeque<Reaction>>,
    calls: Mutex<Vec<(String, Value)>>,
}

impl ScriptedAction {
    /// Creates an action without a script.
    #[must_use]
    pub fn new() -> Arc<Self> {
        Arc::default()
    }

    /// Appends to the script.
    pub fn then(&self, reaction: Reaction) {
        lock(&self.script).push_back(reaction);
    }

    /// Returns the keys and the arguments of the calls so far.
    #[must_use]
    pub fn calls(&self) -> Vec<(String, Value)> {
        lock(&self.calls).clone()
    }
}

#[async_trait]
impl ActionExecutor for ScriptedAction {
    async fn execute(&self, call: &ApprovedCall, _: &CallContext<'_>) -> Result<Value, ActionError> {
        lock(&self.calls).push((call.key(), call.arguments().clone()));
        let reaction = lock(&self.script).pop_front();
        match reaction {
            None => Ok(Value::from("done")),
            Some(Reaction::Answer(value)) => Ok(value),
            Some(Reaction::Fail(error)) => Err(error),
            Some(Reaction::Hang) => std::future::pending().await,
            Some(Reaction::Meet(barrier)) => {
                barrier.wait().await;
                Ok(Value::from("met"))
            }
        }
    }
}

/// Returns the definition of an action without a kind.
///
/// # Panics
/// If the schema of its arguments is outside the subset.
#[must_use]
#[expect(clippy::expect_used, reason = "a test that hands over another schema has failed")]
pub fn action_definition(name: &str, effect: ActionEffect, parameters: &Value) -> ActionDefinition {
    ActionDefinition {
        name: ToolName::new(name),
        description: format!("Is the action {name}."),
        parameters: Parameters::read(parameters, &FullSchemaChecks).expect("a schema in the subset"),
        effect,
        output: Trust::Untrusted,
        data: std::collections::BTreeSet::new(),
        accepts: std::collections::BTreeSet::new(),
        timeout: std::time::Duration::from_secs(5),
        max_output_bytes: 65_536,
        kind: "scripted",
        model: None,
        settings: Map::new(),
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
