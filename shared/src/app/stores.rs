//! The stores.

use std::sync::Arc;

use super::{AppContext, StartError};
use crate::audit::AuditOutbox;
use crate::aws::{AwsService, CallLimits};
use crate::config::env::AUDIT_TABLE;
use crate::store::{DynamoAudit, DynamoStore};

/// Builds the store of conversations, idempotency keys and connections.
pub(super) fn dynamo_store(context: &AppContext) -> Arc<DynamoStore> {
    let sdk = context.aws.sdk_config(AwsService::DynamoDb, CallLimits::QUICK);
    let client = aws_sdk_dynamodb::Client::new(&sdk);
    let store = DynamoStore::new(client, context.environment.table(), Arc::clone(&context.clock));
    Arc::new(match context.environment.get(AUDIT_TABLE) {
        Some(table) => store.with_audit_table(table),
        None => store,
    })
}

/// Builds the audit's outbox; returns `None` on a developer's machine without one.
///
/// # Errors
/// [`StartError`] if the table is not named: nothing is served without an audit.
pub(super) fn audit_outbox(context: &AppContext) -> Result<Option<Arc<dyn AuditOutbox>>, StartError> {
    let Some(table) = context.environment.get(AUDIT_TABLE) else {
        let is_needed = !context.environment.is_local();
        return if is_needed { Err(StartError::MissingVariable(AUDIT_TABLE)) } else { Ok(None) };
    };
    let sdk = context.aws.sdk_config(AwsService::DynamoDb, CallLimits::QUICK);
    Ok(Some(Arc::new(DynamoAudit::new(aws_sdk_dynamodb::Client::new(&sdk), table))))
}
