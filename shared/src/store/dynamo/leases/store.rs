//! The port's operations. Acquiring and releasing are one transaction each; leases that expired without being released are
//! removed only once they are in the way.

use std::time::Duration;

use async_trait::async_trait;
use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::builders::UpdateBuilder;
use aws_sdk_dynamodb::types::{
    AttributeValue, CancellationReason, ReturnValuesOnConditionCheckFailure, TransactWriteItem, Update,
};

use super::open_set::{OpenSet, element};
use crate::domain::Timestamp;
use crate::store::dynamo::attributes::{LEASES, REVISION, TTL};
use crate::store::dynamo::cancellation::{error_for_codes, item_at_failed_condition};
use crate::store::dynamo::failure;
use crate::store::dynamo::item::{CURRENT_REVISION, key};
use crate::store::dynamo::keys;
use crate::store::dynamo::store::DynamoStore;
use crate::store::dynamo::values::{number, text};
use crate::store::error::StoreError;
use crate::store::leases::{Acquired, Lease, LeaseStore, Quota, Scope};

/// How long an item stays after its newest lease has expired. Leases of a scope last for different times, so an earlier one
/// may expire later.
const ITEM_RETENTION: Duration = Duration::from_hours(3);

#[async_trait]
impl LeaseStore for DynamoStore {
    async fn acquire(&self, lease: &Lease, quotas: &[Quota], now: Timestamp) -> Result<Acquired, StoreError> {
        let exhausted = add(self, lease, quotas).await?;
        if exhausted.is_empty() {
            return Ok(Acquired::Granted);
        }
        for (quota, open) in exhausted {
            let expired = open.expired(now)?;
            if expired.is_empty() {
                return Ok(Acquired::Exhausted { quota, frees_at: open.first_expiry()? });
            }
            remove(self, &quota.scope, expired).await?;
        }
        // Once is enough: if another lease has taken the room in between, the quota is exhausted.
        match add(self, lease, quotas).await?.into_iter().next() {
            None => Ok(Acquired::Granted),
            Some((quota, open)) => Ok(Acquired::Exhausted { quota, frees_at: open.first_expiry()? }),
        }
    }

    async fn release(&self, lease: &Lease, quotas: &[Quota]) -> Result<(), StoreError> {
        let mut actions = Vec::with_capacity(quotas.len());
        for quota in quotas {
            actions.push(action(change(self, &quota.scope, lease, "DELETE"))?);
        }
        let sent = self.client.transact_write_items().set_transact_items(Some(actions)).send().await;
        match sent {
            Ok(_) => Ok(()),
            Err(SdkError::ServiceError(service)) if service.err().is_transaction_canceled_exception() => {
                Err(error_for_codes(reasons(service.into_err()).into_iter().filter_map(|reason| reason.code).collect()))
            }
            Err(error) => Err(failure::store_error(&error)),
        }
    }
}

/// Adds the lease to every scope. Returns the exhausted quotas and their leases; nothing is added if there are any.
async fn add(store: &DynamoStore, lease: &Lease, quotas: &[Quota]) -> Result<Vec<(Quota, OpenSet)>, StoreError> {
    let mut actions = Vec::with_capacity(quotas.len());
    for Quota { scope, limit } in quotas {
        // A lease that is in the set already was added by a call whose answer was lost.
        let has_room = format!("attribute_not_exists({LEASES}) OR size({LEASES}) < :limit OR contains({LEASES}, :id)");
        let builder = change(store, scope, lease, "ADD")
            .condition_expression(has_room)
            .expression_attribute_values(":id", text(element(lease)))
            .expression_attribute_values(":limit", number(u64::from(*limit)))
            // The item says which leases are in the way, without another read.
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        actions.push(action(builder)?);
    }
    match store.client.transact_write_items().set_transact_items(Some(actions)).send().await {
        Ok(_) => Ok(Vec::new()),
        Err(SdkError::ServiceError(service)) if service.err().is_transaction_canceled_exception() => {
            let reasons = reasons(service.into_err());
            let codes = reasons.iter().filter_map(|reason| reason.code.clone()).collect();
            let mut exhausted = Vec::new();
            for (quota, reason) in quotas.iter().zip(reasons) {
                if let Some(item) = item_at_failed_condition(reason) {
                    exhausted.push((quota.clone(), OpenSet::from_item(item.unwrap_or_default())?));
                }
            }
            if exhausted.is_empty() { Err(error_for_codes(codes)) } else { Ok(exhausted) }
        }
        Err(error) => Err(failure::store_error(&error)),
    }
}

/// Removes leases that have expired from a scope.
async fn remove(store: &DynamoStore, scope: &Scope, expired: Vec<String>) -> Result<(), StoreError> {
    let sent = store
        .client
        .update_item()
        .table_name(&store.table)
        .set_key(Some(key(keys::leases(scope), keys::LEASES)))
        .update_expression(format!("DELETE {LEASES} :expired"))
        .expression_attribute_values(":expired", set(expired))
        .send()
        .await;
    sent.map(drop).map_err(|error| failure::store_error(&error))
}

/// Makes the change that adds the lease to a scope's set, or deletes it from the set.
fn change(store: &DynamoStore, scope: &Scope, lease: &Lease, verb: &str) -> UpdateBuilder {
    Update::builder()
        .table_name(&store.table)
        .set_key(Some(key(keys::leases(scope), keys::LEASES)))
        // Deleting from an item that does not exist creates it, so it needs its time to live then too.
        .update_expression(format!("SET {REVISION} = :revision, #ttl = :ttl {verb} {LEASES} :lease"))
        .expression_attribute_names("#ttl", TTL)
        .expression_attribute_values(":revision", number(CURRENT_REVISION))
        .expression_attribute_values(":ttl", number(lease.expires_at.plus(ITEM_RETENTION).seconds()))
        .expression_attribute_values(":lease", set([element(lease)]))
}

fn action(update: UpdateBuilder) -> Result<TransactWriteItem, StoreError> {
    let update = update.build().map_err(|_| StoreError::Refused("the transaction could not be built".to_owned()))?;
    Ok(TransactWriteItem::builder().update(update).build())
}

fn set(elements: impl IntoIterator<Item = String>) -> AttributeValue {
    AttributeValue::Ss(elements.into_iter().collect())
}

fn reasons(error: TransactWriteItemsError) -> Vec<CancellationReason> {
    match error {
        TransactWriteItemsError::TransactionCanceledException(cancelled) => {
            cancelled.cancellation_reasons.unwrap_or_default()
        }
        _ => Vec::new(),
    }
}
