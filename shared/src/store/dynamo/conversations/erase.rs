//! Erases conversations: makes them unreadable at once and deletes their items page by page.

use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::{DeleteRequest, ReturnValuesOnConditionCheckFailure, WriteRequest};

use super::head_item::StoredHead;
use crate::domain::Timestamp;
use crate::store::conversations::ConversationKey;
use crate::store::dynamo::attributes::{ERASED_AT, INDEX_PARTITION, INDEX_SORT, PARTITION, SORT, TITLE};
use crate::store::dynamo::failure;
use crate::store::dynamo::item::{Item, key, sort_key};
use crate::store::dynamo::keys;
use crate::store::dynamo::store::DynamoStore;
use crate::store::dynamo::values::{number, text};
use crate::store::error::StoreError;

/// The maximum number of keys in a batch (API reference, `BatchWriteItem`).
const BATCH: usize = 25;
/// The number of items that one call of [`purge`] reads, the head among them.
const PAGE: i32 = 101;

/// Erases with one request. The head stays as a tombstone without owner and title, so that no late commit can revive the
/// conversation.
pub(super) async fn erase(store: &DynamoStore, id: &ConversationKey, now: Timestamp) -> Result<(), StoreError> {
    let sent = store
        .client
        .update_item()
        .table_name(&store.table)
        .set_key(Some(key(keys::conversation(id), keys::HEAD)))
        // Without its index attributes the head leaves the list at once. The title quotes the prompt.
        .update_expression(format!("SET {ERASED_AT} = :now REMOVE {INDEX_PARTITION}, {INDEX_SORT}, {TITLE}"))
        .condition_expression(format!("{INDEX_PARTITION} = :owner AND attribute_not_exists({ERASED_AT})"))
        // The time identifies the erasure, so that a repeated call can be recognized.
        .expression_attribute_values(":now", number(now.millis()))
        .expression_attribute_values(":owner", text(keys::owner(&id.tenant, &id.owner)))
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
                // This erasure was done before, and its answer was lost.
                Some(StoredHead::Erased { at }) if at == now => Ok(()),
                _ => Err(StoreError::NotFound),
            }
        }
        Err(error) => Err(failure::store_error(&error)),
    }
}

/// Finds the keys of a page with one request and deletes each 25 of them with another.
pub(super) async fn purge(store: &DynamoStore, id: &ConversationKey) -> Result<bool, StoreError> {
    let page = store
        .client
        .query()
        .table_name(&store.table)
        .key_condition_expression(format!("{PARTITION} = :partition"))
        .expression_attribute_values(":partition", text(keys::conversation(id)))
        // Content is not transferred, since the deletion needs keys alone.
        .projection_expression(format!("{PARTITION}, {SORT}, {ERASED_AT}"))
        // Backwards, so that the head is in the first page and a conversation in use is noticed.
        .scan_index_forward(false)
        // Consistent, so that the tombstone that was just written is seen.
        .consistent_read(true)
        // The head and 100 items, which are four full batches.
        .limit(PAGE)
        .send()
        .await
        .map_err(|error| failure::store_error(&error))?;
    let (heads, rest): (Vec<Item>, Vec<Item>) =
        page.items.unwrap_or_default().into_iter().partition(|item| sort_key(item) == keys::HEAD);
    // Protects the messages of a conversation that was not erased.
    if heads.iter().any(|head| !head.contains_key(ERASED_AT)) {
        return Err(StoreError::NotFound);
    }
    let mut remaining = page.last_evaluated_key.is_some();
    for batch in rest.chunks(BATCH) {
        remaining |= delete(store, batch).await?;
    }
    Ok(!remaining)
}

/// Deletes items; returns whether some remain, which the next call finds again.
async fn delete(store: &DynamoStore, items: &[Item]) -> Result<bool, StoreError> {
    let requests = items.iter().map(delete_request).collect::<Result<Vec<_>, _>>()?;
    let requested = requests.len();
    let answer = store
        .client
        .batch_write_item()
        .request_items(&store.table, requests)
        .send()
        .await
        .map_err(|error| failure::store_error(&error))?;
    let unprocessed = answer.unprocessed_items.unwrap_or_default().values().map(Vec::len).sum::<usize>();
    // DynamoDB processes none of the items when it throttles.
    if unprocessed >= requested { Err(StoreError::Throttled) } else { Ok(unprocessed > 0) }
}

fn delete_request(item: &Item) -> Result<WriteRequest, StoreError> {
    let keys = item.iter().filter(|(name, _)| [PARTITION, SORT].contains(&name.as_str()));
    let request = DeleteRequest::builder()
        .set_key(Some(keys.map(|(name, value)| (name.clone(), value.clone())).collect()))
        .build()
        .map_err(|_| StoreError::Refused("the deletion could not be built".to_owned()))?;
    Ok(WriteRequest::builder().delete_request(request).build())
}
