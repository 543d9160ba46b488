//! What executes the calls of one action, and what it is built from.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use serde_json::Value;

use super::ActionError;
use super::arn::{function_name, table_name};
use super::egress::HostLookup;
use crate::agent::{CallerInput, Scope};
use crate::aws::AwsContext;
use crate::domain::{Clock, Random};
use crate::llm::{CallMeter, Fallback};
use crate::policy::ApprovedCall;
use crate::secrets::SecretResolver;

/// Executes the calls of one action.
#[async_trait]
pub trait ActionExecutor: Send + Sync {
    /// Makes a call and returns its output: a text, or JSON. Dropping the future cancels the call, which may have arrived.
    ///
    /// # Errors
    /// [`ActionError`] of the last attempt. Only calls that are safe to repeat are attempted more than once.
    async fn execute(&self, call: &ApprovedCall, context: &CallContext<'_>) -> Result<Value, ActionError>;
}

/// The circumstances of a call.
#[derive(Clone, Copy)]
pub struct CallContext<'a> {
    /// What the caller has sent.
    pub input: &'a CallerInput,
    /// The time that is left for all attempts together.
    pub timeout: Duration,
    /// The longest output, in bytes.
    pub max_output_bytes: usize,
    /// Counts what the call takes of a model, if it calls one.
    pub meter: &'a CallMeter,
}

impl<'a> CallContext<'a> {
    /// Returns the values that the action's own templates read.
    #[must_use]
    pub fn scope(&self, call: &'a ApprovedCall, args: &'a Value) -> Scope<'a> {
        Scope::of_call(self.input, call.arguments(), args)
    }
}

/// What executors are built from.
pub struct BuildContext<'a> {
    /// Builds clients of AWS services.
    pub aws: &'a AwsContext,
    /// Resolves references to secrets.
    pub resolver: Arc<dyn SecretResolver>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Jitter.
    pub random: Arc<dyn Random>,
    /// The addresses of hosts.
    pub lookup: Arc<dyn HostLookup>,
    /// The model that the action calls, if its kind calls one.
    pub model: Option<Fallback>,
    /// Whether the local cloud runs the function.
    pub is_local: bool,
    /// The names of the gateway's own tables, which no action may read.
    pub reserved_tables: &'a BTreeSet<String>,
    /// The names of the gateway's own functions, which no action may invoke.
    pub reserved_functions: &'a BTreeSet<String>,
}

impl BuildContext<'_> {
    /// Returns whether a table, named by its name or its ARN, is one of the gateway's own.
    pub(super) fn reserves_table(&self, table: &str) -> bool {
        self.reserved_tables.iter().any(|own| table_name(own) == table_name(table))
    }

    /// Returns whether a function, named by its name or its ARN, is one of the gateway's own.
    pub(super) fn reserves_function(&self, function: &str) -> bool {
        self.reserved_functions.iter().any(|own| function_name(own) == function_name(function))
    }
}

/// An executor cannot be built, which a checked configuration never leads to.
#[derive(Debug, thiserror::Error)]
#[error("the action {action} cannot be built: {why}")]
pub struct BuildError {
    /// The action.
    pub action: String,
    /// The reason.
    pub why: String,
}
