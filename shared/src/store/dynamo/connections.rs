//! WebSocket connections: one item each, one request each call. A connection's runs are in a map of its item, from which
//! each is taken again, so it does not grow.

use std::collections::BTreeSet;

use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::operation::update_item::builders::UpdateItemFluentBuilder;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValue, ReturnValuesOnConditionCheckFailure};
use uuid::Uuid;

use super::attributes::{Item, key, number, uuid};
use super::connection_item::{connection, take_runs, to_item, waiting};
use super::{DynamoStore, failure, keys};
use crate::domain::{ClientRequestId, ConnectionId, Timestamp};
use crate::store::{Acceptance, Beginning, Connection, MAX_RUNS, RunHandle, RunStatus, StoreError};

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

pub(super) async fn find(
    store: &DynamoStore,
    id: &ConnectionId,
) -> Result<Option<(Connection, BTreeSet<String>)>, StoreError> {
    let Some(mut item) = read(store, id).await? else { return Ok(None) };
    let names = take_runs(&mut item)?.into_keys().collect();
    Ok(Some((connection(item)?, names)))
}

pub(super) async fn close(store: &DynamoStore, id: &ConnectionId) -> Result<(), StoreError> {
    let sent = store.client.delete_item().table_name(&store.table).set_key(Some(place(id))).send().await;
    sent.map(drop).map_err(|error| failure::store_error(&error))
}

/// Free is a name that has no run, or one that is over; and this very order's, whose answer was lost.
const FREE: &str = "attribute_exists(PK) AND (size(y) < :max OR attribute_exists(y.#run)) \
     AND (attribute_not_exists(y.#run) OR y.#run.u <= :now OR y.#run.o = :order)";

pub(super) async fn accept(
    store: &DynamoStore,
    run: &RunHandle,
    now: Timestamp,
    over_at: Timestamp,
) -> Result<Acceptance, StoreError> {
    let accepting = || {
        update(store, &run.connection, &run.name, "SET y.#run = :waiting", FREE)
            .expression_attribute_values(":waiting", waiting(run.order, over_at))
            .expression_attribute_values(":order", uuid(run.order))
            .expression_attribute_values(":now", number(now.millis()))
            .expression_attribute_values(":max", number(MAX_RUNS as u64))
    };
    let Changed::No(found) = changed(accepting()).await? else { return Ok(Acceptance::Accepted) };
    let Some(mut item) = found else { return Ok(Acceptance::Closed) };
    let runs = take_runs(&mut item)?;
    if runs.contains_key(run.name.as_str()) {
        return Ok(Acceptance::Taken);
    }
    // Nobody has ended these: their functions broke off.
    let over: Vec<&String> = runs.iter().filter(|(_, run)| run.over_at <= now).map(|(name, _)| name).collect();
    let Some(oldest) = over.first() else { return Ok(Acceptance::Full) };
    let Some(name) = ClientRequestId::parse(oldest) else { return Err(StoreError::Corrupt("a run's name")) };
    let removing = update(store, &run.connection, &name, "REMOVE y.#run", "y.#run.u <= :now");
    changed(removing.expression_attribute_values(":now", number(now.millis()))).await?;
    match changed(accepting()).await? {
        Changed::Yes(_) => Ok(Acceptance::Accepted),
        Changed::No(_) => Ok(Acceptance::Full),
    }
}

pub(super) async fn begin(store: &DynamoStore, run: &RunHandle, delivery: Uuid) -> Result<Beginning, StoreError> {
    let unbegun = "y.#run.o = :order AND (attribute_not_exists(y.#run.d) OR y.#run.d = :delivery)";
    let asked = update(store, &run.connection, &run.name, "SET y.#run.d = :delivery", unbegun)
        .expression_attribute_values(":order", uuid(run.order))
        .expression_attribute_values(":delivery", uuid(delivery));
    let Changed::Yes(mut item) = changed(asked).await? else { return Ok(Beginning::AlreadyClaimed) };
    let is_called_off = take_runs(&mut item)?.get(run.name.as_str()).is_some_and(|stored| stored.is_called_off);
    Ok(if is_called_off { Beginning::Cancelled } else { Beginning::Begun })
}

pub(super) async fn cancel(store: &DynamoStore, id: &ConnectionId, run: &ClientRequestId) -> Result<bool, StoreError> {
    let asked = update(store, id, run, "SET y.#run.x = :yes", "attribute_exists(y.#run)");
    let changed = changed(asked.expression_attribute_values(":yes", AttributeValue::Bool(true))).await?;
    Ok(matches!(changed, Changed::Yes(_)))
}

pub(super) async fn standing(store: &DynamoStore, run: &RunHandle) -> Result<RunStatus, StoreError> {
    let Some(mut item) = read(store, &run.connection).await? else { return Ok(RunStatus::Unknown) };
    let runs = take_runs(&mut item)?;
    Ok(match runs.get(run.name.as_str()).filter(|stored| stored.order == run.order) {
        Some(stored) if stored.is_called_off => RunStatus::CalledOff,
        Some(_) => RunStatus::Wanted,
        None => RunStatus::Unknown,
    })
}

pub(super) async fn end(store: &DynamoStore, run: &RunHandle) -> Result<(), StoreError> {
    let asked = update(store, &run.connection, &run.name, "REMOVE y.#run", "y.#run.o = :order");
    changed(asked.expression_attribute_values(":order", uuid(run.order))).await.map(drop)
}

fn place(id: &ConnectionId) -> Item {
    key(keys::connection(id), keys::CONNECTION)
}

async fn read(store: &DynamoStore, id: &ConnectionId) -> Result<Option<Item>, StoreError> {
    let asked = store.client.get_item().table_name(&store.table).set_key(Some(place(id))).consistent_read(true);
    asked.send().await.map(|found| found.item).map_err(|error| failure::store_error(&error))
}

/// A change of a connection's run `#run`. Each condition asks for something that is there, so none makes a connection
/// anew.
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
        .expression_attribute_names("#run", run.as_str())
        .return_values(ReturnValue::AllOld)
        .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
}

/// What came of a change; with the item as it was.
enum Changed {
    Yes(Item),
    No(Option<Item>),
}

async fn changed(asked: UpdateItemFluentBuilder) -> Result<Changed, StoreError> {
    match asked.send().await {
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
