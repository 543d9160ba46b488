//! Actions that invoke a Lambda function: the way to custom actions without Rust.

use std::sync::Arc;

use async_trait::async_trait;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::executor::{ActionExecutor, BuildContext, CallContext};
use super::reserved::is_default_function;
use super::{ActionError, settings};
use crate::agent::{ActionDefinition, ActionEffect};
use crate::aws::{AwsClient, AwsRequest, AwsService, CallLimits};
use crate::config::{ActionKind, ActionRights, ActionSettings, SettingFault};
use crate::policy::ApprovedCall;

const KEYS: &[&str] = &["args", "function"];

/// The largest payload of a synchronous invocation (AWS Lambda Developer Guide, "Lambda quotas").
const MAX_RESPONSE_BYTES: usize = 6 * 1024 * 1024;

/// The keys of an action of type `lambda`.
#[derive(Deserialize, JsonSchema, derive_more::Debug)]
pub(super) struct Settings {
    /// Of `lambda`: the function's name or ARN, with an alias or a version where it has one; required.
    function: String,
    /// Of `lambda`: what every call gets besides the arguments. Default none.
    #[serde(default)]
    #[debug("[{} entries]", args.len())]
    args: Map<String, Value>,
}

/// The kind `lambda`.
pub(super) struct Kind;

impl ActionKind for Kind {
    fn name(&self) -> &'static str {
        "lambda"
    }

    fn keys(&self) -> &'static [&'static str] {
        KEYS
    }

    fn default_effect(&self, _: &Map<String, Value>) -> ActionEffect {
        ActionEffect::Write
    }

    fn check(&self, action: &ActionSettings<'_>) -> Vec<SettingFault> {
        let found = match settings::read::<Settings>(action.settings, KEYS) {
            Ok(settings) if !is_function(&settings.function) => "a text that is not a function's name",
            Ok(settings) if is_default_function(&settings.function) => "one of the gateway's own functions",
            Ok(_) => return Vec::new(),
            Err(fault) => return vec![fault],
        };
        let allowed =
            "a function's name or ARN, with an alias or a version where it has one; not one of the gateway's own";
        vec![SettingFault::new("function", found, allowed)]
    }

    fn rights(&self, settings: &Map<String, Value>) -> ActionRights {
        let settings = settings::read::<Settings>(settings, KEYS);
        ActionRights {
            functions: settings.into_iter().map(|settings| settings.function).collect(),
            ..ActionRights::default()
        }
    }
}

/// Returns whether a text names a function (API reference, "Invoke").
fn is_function(text: &str) -> bool {
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || b"-_:$".contains(&byte);
    (1..=170).contains(&text.len()) && text.bytes().all(is_part)
}

/// Builds what executes the calls of an action.
#[expect(clippy::needless_pass_by_value, reason = "all kinds are built alike, and some take parts of it")]
pub(super) fn build(action: &ActionDefinition, context: BuildContext<'_>) -> Result<Arc<dyn ActionExecutor>, String> {
    let settings: Settings = settings::read(&action.settings, KEYS).map_err(|fault| fault.path)?;
    if context.reserves_function(&settings.function) {
        return Err("its function is one of the gateway's own".to_owned());
    }
    // The action's own limit bounds all attempts; only a call that changes nothing is attempted twice, or one whose target
    // recognises a repeated call by its key.
    let limits = CallLimits { attempt_timeout: action.timeout, max_attempts: 2 };
    Ok(Arc::new(LambdaAction { client: context.aws.client(AwsService::Lambda, limits), settings }))
}

struct LambdaAction {
    client: AwsClient,
    settings: Settings,
}

#[async_trait]
impl ActionExecutor for LambdaAction {
    async fn execute(&self, call: &ApprovedCall, context: &CallContext<'_>) -> Result<Value, ActionError> {
        let caller = &context.input.caller;
        let payload = json!({
            "action": call.action().name.as_str(),
            "arguments": call.arguments(),
            "args": self.settings.args,
            "caller": { "user": caller.user.as_str(), "tenant": caller.tenant.as_str(), "groups": caller.groups },
            "run": call.run().to_string(),
            "call": call.key(),
        });
        let body =
            serde_json::to_vec(&payload).map_err(|_error| ActionError::Internal("the payload cannot be written"))?;
        let request = AwsRequest::post(&["2015-03-31", "functions", &self.settings.function, "invocations"], body)
            .with_max_response_bytes(MAX_RESPONSE_BYTES);
        let response = self.client.send(&request).await.map_err(|error| ActionError::from_aws(&error))?;
        if response.header("x-amz-function-error").is_some() {
            return Err(ActionError::Rejected { code: "a function error".to_owned(), text: fault_of(response.body()) });
        }
        serde_json::from_slice(response.body()).map_err(|_error| ActionError::Malformed("it is not JSON"))
    }
}

/// Returns the text of a function's error.
fn fault_of(body: &[u8]) -> Option<String> {
    let fault: Value = serde_json::from_slice(body).ok()?;
    let text = fault.get("errorMessage")?.as_str()?;
    Some(text.chars().take(500).collect())
}

#[cfg(test)]
#[path = "lambda_tests.rs"]
mod tests;
