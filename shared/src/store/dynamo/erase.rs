//! Erasing: unreadable at once, gone in pages.

use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::{DeleteRequest, ReturnValuesOnConditionCheckFailure, WriteRequest};

use super::attributes::{Item, key, number, sort_key, text};
use super::item::StoredHead;
use super::{DynamoStore, failure, keys};
use crate::domain::Timestamp;
use crate::store::{ConversationKey, StoreError};

/// Keys in a batch at most (API reference, `BatchWriteItem`).
const BATCH: usize = 25;
/// Keys read in one call of [`purge`], and with them the head.
const PAGE: i32 = 101;

/// One request. The head stays as a tombstone without owner and title, so that no late commit can revive it.
pub(super) async fn erase(store: &DynamoStore, of: &ConversationKey, now: Timestamp) -> Result<(), StoreError> {
    let sent = store
        .client
        .update_item()
        .table_name(&store.table)
        .set_key(Some(key(keys::conversation(of), keys::HEAD)))
        .update_expression("SET z = :now REMOVE GSI1PK, GSI1SK, h")
        .condition_expression("GSI1PK = :owner AND attribute_not_exists(z)")
        .expression_attribute_values(":now", number(now.millis()))
        .expression_attribute_values(":owner", text(keys::owner(&of.tenant, &of.owner)))
        .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
        .send()
        .await;
    match sent {
        Ok(_) => Ok(()),
        Err(SdkError::ServiceError(service)) if service.err().is_conditional_check_failed_exception() => {
            let UpdateItemError::ConditionalCheckFailedException(failed) = service.into_err() else {
                return Err(StoreError::NotFound);
            };
            match failed.item.map(StoredHead::from_item).transpose()? {
                // This very erasure, whose answer was lost on the way.
                Some(StoredHead::Erased { at }) if at == now => Ok(()),
                _ => Err(StoreError::NotFound),
            }
        }
        Err(error) => Err(failure::store_error(&error)),
    }
}

/// One request to find a page's keys, and one for each 25 of them.
pub(super) async fn purge(store: &DynamoStore, of: &ConversationKey) -> Result<bool, StoreError> {
    let page = store
        .client
        .query()
        .table_name(&store.table)
        .key_condition_expression("PK = :pk")
        .expression_attribute_values(":pk", text(keys::conversation(of)))
        .projection_expression("PK, SK, z")
        .scan_index_forward(false)
        .consistent_read(true)
        .limit(PAGE)
        .send()
        .await
        .map_err(|error| failure::store_error(&error))?;
    let (heads, rest): (Vec<Item>, Vec<Item>) =
        page.items.unwrap_or_default().into_iter().partition(|item| sort_key(item) == keys::HEAD);
    if heads.iter().any(|head| !head.contains_key(super::item::ERASED_AT)) {
        return Err(StoreError::NotFound);
    }
    let mut left = page.last_evaluated_key.is_some();
    for batch in rest.chunks(BATCH) {
        left |= delete(store, batch).await?;
    }
    Ok(!left)
}

/// Whether some are left. What DynamoDB leaves undone is found again by the next call; that it does nothing at all
/// means that it throttles.
async fn delete(store: &DynamoStore, items: &[Item]) -> Result<bool, StoreError> {
    let requests = items.iter().map(delete_request).collect::<Result<Vec<_>, _>>()?;
    let asked = requests.len();
    let answer = store
        .client
        .batch_write_item()
        .request_items(&store.table, requests)
        .send()
        .await
        .map_err(|error| failure::store_error(&error))?;
    let undone = answer.unprocessed_items.unwrap_or_default().values().map(Vec::len).sum::<usize>();
    if undone >= asked { Err(StoreError::Throttled) } else { Ok(undone > 0) }
}

fn delete_request(item: &Item) -> Result<WriteRequest, StoreError> {
    let keys = item.iter().filter(|(name, _)| [keys::PARTITION, keys::SORT].contains(&name.as_str()));
    let request = DeleteRequest::builder()
        .set_key(Some(keys.map(|(name, value)| (name.clone(), value.clone())).collect()))
        .build()
        .map_err(|_| StoreError::Refused("the deletion cannot be built".to_owned()))?;
    Ok(WriteRequest::builder().delete_request(request).build())
}
