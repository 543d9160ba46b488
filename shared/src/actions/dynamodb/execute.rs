//! Making the calls of an action of type `dynamodb`.

use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

use async_trait::async_trait;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_dynamodb::types::AttributeValue;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use serde_json::{Value, json};

use super::convert::{item_to_json, key_value};
use super::settings::{KEYS, ReadOperation, Settings};
use crate::actions::executor::{ActionExecutor, BuildContext, CallContext};
use crate::actions::{ActionError, settings};
use crate::agent::{ActionDefinition, TemplatedValue};
use crate::aws::{AwsContext, AwsService, CallLimits, is_throttling_code};
use crate::policy::ApprovedCall;

type Item = HashMap<String, AttributeValue>;

/// Builds what executes the calls of an action.
#[expect(clippy::needless_pass_by_value, reason = "all kinds are built alike, and some take parts of it")]
pub(in crate::actions) fn build(
    action: &ActionDefinition,
    context: BuildContext<'_>,
) -> Result<Arc<dyn ActionExecutor>, String> {
    let settings: Settings = settings::read(&action.settings, KEYS).map_err(|fault| fault.path)?;
    if context.reserves_table(&settings.table) {
        return Err("its table is one of the gateway's own".to_owned());
    }
    let key = settings.key(&action.parameters).map_err(|_faults| "its key cannot be used".to_owned())?;
    let client = OnceLock::new();
    Ok(Arc::new(DynamodbAction { aws: context.aws.clone(), client, settings, key }))
}

struct DynamodbAction {
    aws: AwsContext,
    /// Built with the first call, since many functions never make one.
    client: OnceLock<Client>,
    settings: Settings,
    key: Vec<(String, TemplatedValue)>,
}

#[async_trait]
impl ActionExecutor for DynamodbAction {
    async fn execute(&self, call: &ApprovedCall, context: &CallContext<'_>) -> Result<Value, ActionError> {
        let key = self.key_of(call, context)?;
        match self.settings.operation {
            ReadOperation::Get => self.get(key).await,
            ReadOperation::Query => self.query(key).await,
        }
    }
}

impl DynamodbAction {
    fn client(&self) -> &Client {
        // All attempts are bounded by the action's own limit, and reading is safe to repeat.
        self.client.get_or_init(|| Client::new(&self.aws.sdk_config(AwsService::DynamoDb, CallLimits::QUICK)))
    }

    /// Fills the key in.
    fn key_of(
        &self,
        call: &ApprovedCall,
        context: &CallContext<'_>,
    ) -> Result<Vec<(&str, AttributeValue)>, ActionError> {
        let scope = context.scope(call, &Value::Null);
        let filled = self.key.iter().map(|(name, value)| {
            let value = value.evaluate(&scope).map_err(|error| ActionError::Refused(format!("key.{name}: {error}")))?;
            Ok((name.as_str(), key_value(name, value)?))
        });
        filled.collect()
    }

    /// Reads one item; none is `null`.
    async fn get(&self, key: Vec<(&str, AttributeValue)>) -> Result<Value, ActionError> {
        let key: Item = key.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        let request =
            self.client().get_item().table_name(&self.settings.table).set_key(Some(key)).consistent_read(true);
        let output = request.send().await.map_err(|error| from_sdk(&error))?;
        Ok(output.item.map_or(Value::Null, item_to_json))
    }

    /// Reads the first items of a partition, in the order of its sort key.
    async fn query(&self, key: Vec<(&str, AttributeValue)>) -> Result<Value, ActionError> {
        let settings = &self.settings;
        let mut request = self.client().query().table_name(&settings.table).set_index_name(settings.index.clone());
        let mut conditions = Vec::with_capacity(key.len());
        for (index, (name, value)) in key.into_iter().enumerate() {
            // By placeholders, since a name may be one of the expressions' own words.
            conditions.push(format!("#k{index} = :k{index}"));
            request = request
                .expression_attribute_names(format!("#k{index}"), name)
                .expression_attribute_values(format!(":k{index}"), value);
        }
        let request = request
            .key_condition_expression(conditions.join(" AND "))
            .limit(i32::try_from(settings.limit()).unwrap_or(i32::MAX))
            // A global index has no consistent reads.
            .consistent_read(settings.index.is_none());
        let output = request.send().await.map_err(|error| from_sdk(&error))?;
        let items: Vec<Value> = output.items.unwrap_or_default().into_iter().map(item_to_json).collect();
        Ok(json!({ "items": items }))
    }
}

/// Maps an error of the SDK. Its message is dropped, because it may quote the key.
fn from_sdk<E: ProvideErrorMetadata>(error: &SdkError<E, HttpResponse>) -> ActionError {
    match error {
        SdkError::ConstructionFailure(_) => ActionError::Internal("the request cannot be built"),
        SdkError::TimeoutError(_) => ActionError::TimedOut,
        SdkError::DispatchFailure(failure) if failure.is_timeout() => ActionError::TimedOut,
        SdkError::ResponseError(_) => ActionError::Malformed("its form is unknown"),
        // The SDK reports an answer that it cannot read as an error of the service.
        SdkError::ServiceError(service) if service.raw().status().is_success() => {
            ActionError::Malformed("its form is unknown")
        }
        SdkError::ServiceError(service) => match service.err().code() {
            Some(code) if is_throttling_code(code) => ActionError::Throttled,
            code => ActionError::from_code(code, service.raw().status().as_u16()),
        },
        // No connection, above all.
        _ => ActionError::Unreachable,
    }
}

#[cfg(test)]
#[path = "execute_tests.rs"]
mod tests;
