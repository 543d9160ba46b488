//! The actions of an installation: bounds each call, and cuts what comes back.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Value;

use super::executor::{ActionExecutor, CallContext};
use super::{ActionError, bounded};
use crate::domain::ToolName;
use crate::policy::ApprovedCall;

/// The actions of an installation, by name.
#[derive(Clone, Default)]
pub struct Actions(BTreeMap<ToolName, Arc<dyn ActionExecutor>>);

impl Actions {
    /// Makes a call, within the action's own limit, and cuts its output.
    ///
    /// # Errors
    /// [`ActionError`].
    pub async fn execute(&self, call: &ApprovedCall, context: &CallContext<'_>) -> Result<Value, ActionError> {
        let action = call.action();
        let Some(executor) = self.0.get(&action.name) else { return Err(ActionError::Internal("it is not built")) };
        let max_output_bytes = action.max_output_bytes.min(context.max_output_bytes);
        let timeout = action.timeout.min(context.timeout);
        let context = CallContext { timeout, max_output_bytes, ..*context };
        // The run's own deadline ends the whole run, so that it is not taken for a failure of the action.
        let output = tokio::time::timeout(action.timeout, executor.execute(call, &context)).await;
        output.unwrap_or(Err(ActionError::TimedOut)).map(|output| bounded(output, max_output_bytes))
    }
}

impl FromIterator<(ToolName, Arc<dyn ActionExecutor>)> for Actions {
    fn from_iter<T: IntoIterator<Item = (ToolName, Arc<dyn ActionExecutor>)>>(actions: T) -> Self {
        Self(actions.into_iter().collect())
    }
}
