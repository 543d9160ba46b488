//! The port's operations, one request each: one item for each caller, action and day, with an attribute for each hour.

use std::time::Duration;

use async_trait::async_trait;
use aws_sdk_dynamodb::types::ReturnValue;

use crate::domain::Timestamp;
use crate::store::counters::{CallCount, CallCounter, CounterKey};
use crate::store::dynamo::attributes::{CALLS, HOUR_PREFIX, REVISION, TTL};
use crate::store::dynamo::failure;
use crate::store::dynamo::item::{CURRENT_REVISION, ItemReader, key};
use crate::store::dynamo::keys;
use crate::store::dynamo::store::DynamoStore;
use crate::store::dynamo::values::number;
use crate::store::error::StoreError;

const DAY_SECONDS: u64 = 24 * 3600;

/// How long an item stays after its day.
const RETENTION: Duration = Duration::from_hours(48);

#[async_trait]
impl CallCounter for DynamoStore {
    async fn add(&self, counter: &CounterKey, now: Timestamp) -> Result<CallCount, StoreError> {
        let hour = hour_attribute(now);
        let sent = self
            .client
            .update_item()
            .table_name(&self.table)
            .set_key(Some(item_key(counter, now)))
            .update_expression(format!("SET #ttl = :ttl, {REVISION} = :revision ADD {CALLS} :one, {hour} :one"))
            .expression_attribute_names("#ttl", TTL)
            .expression_attribute_values(":ttl", number(now.plus(RETENTION).seconds()))
            .expression_attribute_values(":revision", number(CURRENT_REVISION))
            .expression_attribute_values(":one", number(1))
            .return_values(ReturnValue::UpdatedNew)
            .send()
            .await;
        let updated = sent.map_err(|error| failure::store_error(&error))?;
        let reader = ItemReader::map(updated.attributes.unwrap_or_default());
        // The values are those after this call.
        let before = |name: &str| -> Result<u32, StoreError> {
            let count = reader.number(name)?.ok_or(StoreError::Corrupt("a counter has no value"))?;
            Ok(u32::try_from(count.saturating_sub(1)).unwrap_or(u32::MAX))
        };
        Ok(CallCount { hour: before(&hour)?, day: before(CALLS)? })
    }

    async fn give_back(&self, counter: &CounterKey, at: Timestamp) -> Result<(), StoreError> {
        let hour = hour_attribute(at);
        let sent = self
            .client
            .update_item()
            .table_name(&self.table)
            .set_key(Some(item_key(counter, at)))
            .update_expression(format!("SET {CALLS} = {CALLS} - :one, {hour} = {hour} - :one"))
            .expression_attribute_values(":one", number(1))
            .send()
            .await;
        sent.map(drop).map_err(|error| failure::store_error(&error))
    }
}

fn item_key(counter: &CounterKey, at: Timestamp) -> crate::store::dynamo::item::Item {
    let CounterKey { tenant, user, action } = counter;
    key(keys::counters(tenant, user), keys::counter(action, at.seconds() / DAY_SECONDS))
}

/// Returns the name of an hour's attribute, such as `h07`.
fn hour_attribute(at: Timestamp) -> String {
    format!("{HOUR_PREFIX}{:02}", at.seconds() % DAY_SECONDS / 3600)
}
