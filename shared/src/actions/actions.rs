//! The actions of an installation: bounds each call, and cuts what comes back.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Value;

use super::ActionError;
use super::executor::{ActionExecutor, CallContext};
use crate::domain::ToolName;
use crate::policy::ApprovedCall;

/// The actions of an installation, by name.
#[derive(Clone, Default)]
pub struct Actions(BTreeMap<ToolName, Arc<dyn ActionExecutor>>);

impl Actions {
    /// Makes a call, within the action's own limit and the time that is left, and cuts its output.
    ///
    /// # Errors
    /// [`ActionError`].
    pub async fn execute(&self, call: &ApprovedCall, context: &CallContext<'_>) -> Result<Value, ActionError> {
        let action = call.action();
        let Some(executor) = self.0.get(&action.name) else { return Err(ActionError::Internal("it is not built")) };
        let timeout = action.timeout.min(context.timeout);
        let max_output_bytes = action.max_output_bytes.min(context.max_output_bytes);
        let context = CallContext { timeout, max_output_bytes, ..*context };
        let output = tokio::time::timeout(timeout, executor.execute(call, &context)).await;
        output.unwrap_or(Err(ActionError::TimedOut)).map(|output| cut(output, max_output_bytes))
    }
}

impl FromIterator<(ToolName, Arc<dyn ActionExecutor>)> for Actions {
    fn from_iter<T: IntoIterator<Item = (ToolName, Arc<dyn ActionExecutor>)>>(actions: T) -> Self {
        Self(actions.into_iter().collect())
    }
}

/// Cuts an output that is too long, between characters. JSON that is cut becomes text.
#[must_use]
pub fn cut(output: Value, max_bytes: usize) -> Value {
    let text = match &output {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    if text.len() <= max_bytes {
        return output;
    }
    let kept = text.floor_char_boundary(max_bytes);
    let head = text.get(..kept).unwrap_or_default();
    Value::String(format!("{head}…[cut: {kept} of {} bytes]", text.len()))
}
