//! Making the calls of an action of type `sql`.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use serde_json::{Value, json};
use tokio::time::timeout;

use super::data_api::{DataApi, Target};
use super::parameter::{SqlParameter, parameter};
use super::settings::{KEYS, Settings};
use super::statement::{self, SqlEngine};
use crate::actions::executor::{ActionExecutor, BuildContext, CallContext};
use crate::actions::{ActionError, settings};
use crate::agent::ActionDefinition;
use crate::aws::{AwsService, CallLimits};
use crate::policy::ApprovedCall;

/// The longest time that is kept for the end of a transaction.
const MAX_ROLLBACK: Duration = Duration::from_secs(2);

/// Builds what executes the calls of an action.
#[expect(clippy::needless_pass_by_value, reason = "all kinds are built alike, and some take parts of it")]
pub(in crate::actions) fn build(
    action: &ActionDefinition,
    context: BuildContext<'_>,
) -> Result<Arc<dyn ActionExecutor>, String> {
    let Settings { cluster, secret, database, statement, engine, .. } =
        settings::read(&action.settings, KEYS).map_err(|fault| fault.path)?;
    let names =
        statement::parameters(&statement, engine).map_err(|fault| format!("its statement has {}", fault.found))?;
    let names = names.into_iter().map(str::to_owned).collect();
    // The action's own limit bounds all attempts. Reading is safe to repeat.
    let limits = CallLimits { attempt_timeout: action.timeout, max_attempts: 2 };
    let client = context.aws.client(AwsService::RdsData, limits);
    let target = Target { resource_arn: cluster, secret_arn: secret, database };
    Ok(Arc::new(SqlAction { api: DataApi { client, target }, engine, statement, names }))
}

struct SqlAction {
    api: DataApi,
    engine: SqlEngine,
    statement: String,
    names: Vec<String>,
}

#[async_trait]
impl ActionExecutor for SqlAction {
    async fn execute(&self, call: &ApprovedCall, context: &CallContext<'_>) -> Result<Value, ActionError> {
        let parameters: Vec<SqlParameter> =
            self.names.iter().map(|name| parameter(name, call.arguments().get(name))).collect::<Result<_, _>>()?;
        let rows = match self.engine {
            SqlEngine::Postgresql => self.query_in_transaction(&parameters, context.timeout).await?,
            SqlEngine::Mysql => self.api.query(&self.statement, &parameters, None).await?,
        };
        let rows: Value =
            serde_json::from_str(&rows).map_err(|_error| ActionError::Malformed("its rows are not JSON"))?;
        Ok(json!({ "rows": rows }))
    }
}

impl SqlAction {
    /// Executes the statement in a transaction that only reads, and ends the transaction whatever happens. A transaction
    /// whose end does not arrive is ended by the Data API after three minutes.
    async fn query_in_transaction(&self, parameters: &[SqlParameter], limit: Duration) -> Result<String, ActionError> {
        let reserve = MAX_ROLLBACK.min(limit / 4);
        let began = tokio::time::Instant::now();
        let limit = limit.saturating_sub(reserve);
        let transaction = timeout(limit, self.api.begin()).await.unwrap_or(Err(ActionError::TimedOut))?;
        let query = async {
            self.api.make_read_only(&transaction).await?;
            self.api.query(&self.statement, parameters, Some(&transaction)).await
        };
        let rows = timeout(limit.saturating_sub(began.elapsed()), query).await;
        // Its failure changes nothing: nothing was written.
        let _outcome = timeout(reserve, self.api.roll_back(&transaction)).await;
        rows.unwrap_or(Err(ActionError::TimedOut))
    }
}

#[cfg(test)]
#[path = "execute_tests.rs"]
mod tests;
