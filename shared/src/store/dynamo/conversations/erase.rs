//! Erases conversations: makes them unreadable at once and deletes their items page by page.

use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::{DeleteRequest, ReturnValuesOnConditionCheckFailure, WriteRequest};

use super::head_item::StoredHead;
use crate::domain::{ConversationId, TenantId, Timestamp, UserId};
use crate::store::conversations::ConversationKey;
use crate::store::dynamo::attributes::{ERASED_AT, INDEX_PARTITION, INDEX_SORT, OWNER_INDEX, PARTITION, SORT, TITLE};
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

/// Erases with one request. The head stays as a tombstone without title, so that no late commit can revive the conversation.
/// In place of the owner it has a digest: by it the owner can ask again, and what is left to delete is listed.
pub(super) async fn erase(store: &DynamoStore, id: &ConversationKey, now: Timestamp) -> Result<(), StoreError> {
    let erased_owner = keys::erased_owner(&id.tenant, &id.owner);
    let sent = store
        .client
        .update_item()
        .table_name(&store.table)
        .set_key(Some(key(keys::conversation(id), keys::HEAD)))
        // In another partition of the index the head leaves the list at once. The title quotes the prompt.
        .update_expression(format!("SET {ERASED_AT} = :now, {INDEX_PARTITION} = :erased_owner REMOVE {TITLE}"))
        .condition_expression(format!("{INDEX_PARTITION} = :owner AND attribute_not_exists({ERASED_AT})"))
        .expression_attribute_values(":now", number(now.millis()))
        .expression_attribute_values(":owner", text(keys::owner(&id.tenant, &id.owner)))
        .expression_attribute_values(":erased_owner", text(&erased_owner))
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
                // The owner has erased it before.
                Some(StoredHead::Erased { owner: Some(owner) }) if owner == erased_owner => Ok(()),
                _ => Err(StoreError::NotFound),
            }
        }
        Err(error) => Err(failure::store_error(&error)),
    }
}

/// Lists erased conversations of which something is left to delete, with one request.
pub(super) async fn unpurged(
    store: &DynamoStore,
    tenant: &TenantId,
    owner: &UserId,
) -> Result<Vec<ConversationId>, StoreError> {
    let page = store
        .client
        .query()
        .table_name(&store.table)
        .index_name(OWNER_INDEX)
        .key_condition_expression(format!("{INDEX_PARTITION} = :erased_owner"))
        .expression_attribute_values(":erased_owner", text(keys::erased_owner(tenant, owner)))
        .projection_expression(PARTITION)
        .limit(PAGE)
        .send()
        .await
        .map_err(|error| failure::store_error(&error))?;
    let partition = |item: Item| item.get(PARTITION)?.as_s().ok().and_then(|text| keys::conversation_in(text));
    Ok(page.items.unwrap_or_default().into_iter().filter_map(partition).collect())
}

/// Finds the keys of a page with one request and deletes each 25 of them with another; once nothing is left, one more request
/// takes the tombstone out of the index.
pub(super) async fn purge(store: &DynamoStore, id: &ConversationKey) -> Result<bool, StoreError> {
    let page = store
        .client
        .query()
        .table_name(&store.table)
        .key_condition_expression(format!("{PARTITION} = :partition"))
        .expression_attribute_values(":partition", text(keys::conversation(id)))
        // Content is not transferred, since the deletion needs keys alone.
        .projection_expression(format!("{PARTITION}, {SORT}, {ERASED_AT}, {INDEX_SORT}"))
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
    if !remaining && heads.iter().any(|head| head.contains_key(INDEX_SORT)) {
        leave_index(store, id).await?;
    }
    Ok(!remaining)
}

/// Takes a tombstone out of the list of those with something left to delete.
async fn leave_index(store: &DynamoStore, id: &ConversationKey) -> Result<(), StoreError> {
    let sent = store
        .client
        .update_item()
        .table_name(&store.table)
        .set_key(Some(key(keys::conversation(id), keys::HEAD)))
        .update_expression(format!("REMOVE {INDEX_SORT}"))
        // A tombstone that has expired meanwhile is not created again.
        .condition_expression(format!("attribute_exists({ERASED_AT})"))
        .send()
        .await;
    match sent {
        Err(SdkError::ServiceError(service)) if service.err().is_conditional_check_failed_exception() => Ok(()),
        sent => sent.map(drop).map_err(|error| failure::store_error(&error)),
    }
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
