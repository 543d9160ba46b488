//! WebSocket connections: one item each, one request each call. A connection's runs are in sets of its item, from which
//! they are taken again, so it does not grow.

use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::operation::update_item::builders::UpdateItemFluentBuilder;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValue, ReturnValuesOnConditionCheckFailure};
use aws_smithy_types::retry::RetryConfig;

use super::attributes::{Item, key, number, text};
use super::connection_item::{CANCELLED, GOING, WAITING, from_item, runs, to_item};
use super::{DynamoStore, failure, keys};
use crate::domain::{ClientRequestId, ConnectionId, Timestamp};
use crate::memory::{Acceptance, Beginning, Connection, MAX_RUNS, StoreError};

pub(super) async fn open(
    store: &DynamoStore,
    id: &ConnectionId,
    connection: &Connection,
    forget_at: Timestamp,
) -> Result<(), StoreError> {
    let item = to_item(connection, keys::connection(id), forget_at.seconds());
    let sent = store.client.put_item().table_name(&store.table).set_item(Some(item)).send().await;
    sent.map(drop).map_err(|error| failure::store_error(&error))
}

pub(super) async fn find(store: &DynamoStore, id: &ConnectionId) -> Result<Option<Connection>, StoreError> {
    read(store, id).await?.map(from_item).transpose()
}

pub(super) async fn close(store: &DynamoStore, id: &ConnectionId) -> Result<(), StoreError> {
    let sent = store.client.delete_item().table_name(&store.table).set_key(Some(place(id))).send().await;
    sent.map(drop).map_err(|error| failure::store_error(&error))
}

/// Free is a name that neither waits nor goes on, where there is room.
const FREE: &str = "attribute_exists(PK) AND NOT contains(w, :run) AND NOT contains(y, :run) \
     AND (attribute_not_exists(w) OR size(w) < :max) AND (attribute_not_exists(y) OR size(y) < :max)";

pub(super) async fn accept(
    store: &DynamoStore,
    id: &ConnectionId,
    run: &ClientRequestId,
) -> Result<Acceptance, StoreError> {
    let asked = update(store, id, run, "ADD w :set", FREE).expression_attribute_values(":max", number(MAX_RUNS as u64));
    match changed(asked.expression_attribute_values(":run", text(run.as_str()))).await? {
        Changed::Yes(_) => Ok(Acceptance::Accepted),
        Changed::No(None) => Ok(Acceptance::Closed),
        Changed::No(Some(item)) => {
            let is_taken =
                runs(item.clone(), WAITING)?.contains(run.as_str()) || runs(item, GOING)?.contains(run.as_str());
            Ok(if is_taken { Acceptance::Taken } else { Acceptance::Full })
        }
    }
}

pub(super) async fn begin(
    store: &DynamoStore,
    id: &ConnectionId,
    run: &ClientRequestId,
) -> Result<Beginning, StoreError> {
    let asked = update(store, id, run, "DELETE w :set ADD y :set", "contains(w, :run)");
    match changed(asked.expression_attribute_values(":run", text(run.as_str()))).await? {
        Changed::No(_) => Ok(Beginning::NotWaiting),
        Changed::Yes(item) if runs(item.clone(), CANCELLED)?.contains(run.as_str()) => Ok(Beginning::Cancelled),
        Changed::Yes(_) => Ok(Beginning::Begun),
    }
}

pub(super) async fn cancel(store: &DynamoStore, id: &ConnectionId, run: &ClientRequestId) -> Result<bool, StoreError> {
    let asked = update(store, id, run, "ADD x :set", "contains(w, :run) OR contains(y, :run)");
    let changed = changed(asked.expression_attribute_values(":run", text(run.as_str()))).await?;
    Ok(matches!(changed, Changed::Yes(_)))
}

pub(super) async fn is_wanted(
    store: &DynamoStore,
    id: &ConnectionId,
    run: &ClientRequestId,
) -> Result<bool, StoreError> {
    let Some(item) = read(store, id).await? else { return Ok(false) };
    Ok(!runs(item, CANCELLED)?.contains(run.as_str()))
}

pub(super) async fn end(store: &DynamoStore, id: &ConnectionId, run: &ClientRequestId) -> Result<(), StoreError> {
    // Without the condition a closed connection would come to be again.
    let asked = update(store, id, run, "DELETE w :set, y :set, x :set", "attribute_exists(PK)");
    changed(asked).await.map(drop)
}

fn place(id: &ConnectionId) -> Item {
    key(keys::connection(id), keys::CONNECTION)
}

async fn read(store: &DynamoStore, id: &ConnectionId) -> Result<Option<Item>, StoreError> {
    let asked = store.client.get_item().table_name(&store.table).set_key(Some(place(id))).consistent_read(true);
    asked.send().await.map(|found| found.item).map_err(|error| failure::store_error(&error))
}

/// A change of a connection's sets; `:set` is the set of this run alone.
fn update(
    store: &DynamoStore,
    id: &ConnectionId,
    run: &ClientRequestId,
    change: &str,
    condition: &str,
) -> UpdateItemFluentBuilder {
    store
        .client
        .update_item()
        .table_name(&store.table)
        .set_key(Some(place(id)))
        .update_expression(change)
        .condition_expression(condition)
        .expression_attribute_values(":set", AttributeValue::Ss(vec![run.as_str().to_owned()]))
        .return_values(ReturnValue::AllOld)
        .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
}

/// What came of a change; with the item as it was.
enum Changed {
    Yes(Item),
    No(Option<Item>),
}

/// Sends a change once: asked again after an answer that was lost, it would find itself done by somebody else.
async fn changed(asked: UpdateItemFluentBuilder) -> Result<Changed, StoreError> {
    let once = aws_sdk_dynamodb::config::Builder::default().retry_config(RetryConfig::disabled());
    match asked.customize().config_override(once).send().await {
        Ok(done) => Ok(Changed::Yes(done.attributes.unwrap_or_default())),
        Err(SdkError::ServiceError(service)) if service.err().is_conditional_check_failed_exception() => {
            match service.into_err() {
                UpdateItemError::ConditionalCheckFailedException(failed) => Ok(Changed::No(failed.item)),
                _ => Err(StoreError::Unavailable("the call failed")),
            }
        }
        Err(error) => Err(failure::store_error(&error)),
    }
}
