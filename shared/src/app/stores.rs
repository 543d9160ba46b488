//! The stores.

use std::sync::Arc;

use super::AppContext;
use crate::aws::{AwsService, CallLimits};
use crate::store::DynamoStore;

/// Builds the store of conversations, idempotency keys and connections.
pub(super) fn dynamo_store(context: &AppContext) -> Arc<DynamoStore> {
    let sdk = context.aws.sdk_config(AwsService::DynamoDb, CallLimits::QUICK);
    Arc::new(DynamoStore::new(
        aws_sdk_dynamodb::Client::new(&sdk),
        context.environment.table(),
        Arc::clone(&context.clock),
    ))
}
