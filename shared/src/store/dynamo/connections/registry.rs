//! The port's operations, one request each. A run is an entry in a map of its connection's item and is removed when it
//! ends, so the item does not grow.

use std::collections::BTreeSet;

use async_trait::async_trait;
use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::operation::update_item::builders::UpdateItemFluentBuilder;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValue, ReturnValuesOnConditionCheckFailure};
use uuid::Uuid;

use super::connection_item::{accepted_run, from_item, take_runs, to_item};
use crate::domain::{ClientRequestId, ConnectionId, Timestamp};
use crate::store::connections::{Acceptance, Connection, ConnectionRegistry, MAX_RUNS, RunHandle, RunStart, RunStatus};
use crate::store::dynamo::attributes::{CANCELLED, DELIVERY, DISPATCH, PARTITION, RUN_EXPIRES_AT, RUNS};
use crate::store::dynamo::failure;
use crate::store::dynamo::item::{Item, key};
use crate::store::dynamo::keys;
use crate::store::dynamo::store::DynamoStore;
use crate::store::dynamo::values::{number, uuid};
use crate::store::error::StoreError;

#[async_trait]
impl ConnectionRegistry for DynamoStore {
    async fn open(&self, id: &ConnectionId, connection: &Connection) -> Result<(), StoreError> {
        // Without a condition: a connection has no runs before it is open, so a repeated call overwrites nothing.
        let item = to_item(connection, keys::connection(id));
        let sent = self.client.put_item().table_name(&self.table).set_item(Some(item)).send().await;
        sent.map(drop).map_err(|error| failure::store_error(&error))
    }

    async fn find(&self, id: &ConnectionId) -> Result<Option<(Connection, BTreeSet<String>)>, StoreError> {
        let Some(mut item) = read(self, id).await? else { return Ok(None) };
        let request_ids = take_runs(&mut item)?.into_keys().collect();
        Ok(Some((from_item(item)?, request_ids)))
    }

    async fn close(&self, id: &ConnectionId) -> Result<Option<Connection>, StoreError> {
        // The runs are in the same item. Each of them finds itself unknown at its next check and ends.
        let request = self.client.delete_item().table_name(&self.table).set_key(Some(item_key(id)));
        let sent = request.return_values(ReturnValue::AllOld).send().await;
        let deleted = sent.map_err(|error| failure::store_error(&error))?;
        deleted.attributes.filter(is_current).map(from_item).transpose()
    }

    async fn accept(&self, run: &RunHandle, now: Timestamp, expires_at: Timestamp) -> Result<Acceptance, StoreError> {
        // The usual case takes one request. Where the condition fails, the returned item says why.
        let Changed::Rejected(found) = changed(accepting(self, run, now, expires_at)).await? else {
            return Ok(Acceptance::Accepted);
        };
        let Some(mut item) = found.filter(is_current) else { return Ok(Acceptance::ConnectionClosed) };
        let runs = take_runs(&mut item)?;
        if runs.contains_key(run.request_id.as_str()) {
            return Ok(Acceptance::RequestIdInUse);
        }
        // A run that has expired was never ended: its function failed.
        let expired = runs.iter().find(|(_, run)| run.expires_at <= now);
        // Removing one makes the room that this run needs.
        let Some((request_id, _)) = expired else { return Ok(Acceptance::TooManyRuns) };
        let Some(request_id) = ClientRequestId::parse(request_id) else {
            return Err(StoreError::Corrupt("the request id of a run is invalid"));
        };
        // Checked again with the removal, since a new run may have taken the name in between.
        let has_expired = format!("{RUNS}.#run.{RUN_EXPIRES_AT} <= :now");
        let removing = update(self, &run.connection, &request_id, format!("REMOVE {RUNS}.#run"), has_expired);
        // A rejected removal means that another call was faster; the next request finds out whether there is room.
        changed(removing.expression_attribute_values(":now", number(now.millis()))).await?;
        match changed(accepting(self, run, now, expires_at)).await? {
            Changed::Applied(_) => Ok(Acceptance::Accepted),
            // Another run has taken the room in the meantime.
            Changed::Rejected(_) => Ok(Acceptance::TooManyRuns),
        }
    }

    async fn start(&self, run: &RunHandle, delivery: Uuid) -> Result<RunStart, StoreError> {
        // The same delivery may claim again, since the SDK repeats a call whose answer was lost.
        let is_unclaimed = format!(
            "{RUNS}.#run.{DISPATCH} = :dispatch \
             AND (attribute_not_exists({RUNS}.#run.{DELIVERY}) OR {RUNS}.#run.{DELIVERY} = :delivery)"
        );
        let claiming = format!("SET {RUNS}.#run.{DELIVERY} = :delivery");
        let request = update(self, &run.connection, &run.request_id, claiming, is_unclaimed)
            .expression_attribute_values(":dispatch", uuid(run.dispatch_id))
            .expression_attribute_values(":delivery", uuid(delivery));
        let mut item = match changed(request).await? {
            Changed::Applied(item) => item,
            Changed::Rejected(Some(_)) => return Ok(RunStart::AlreadyClaimed),
            Changed::Rejected(None) => return Ok(RunStart::ConnectionClosed),
        };
        // The item is as it was before this request, so it shows a cancellation that came first.
        let runs = take_runs(&mut item)?;
        let is_cancelled = runs.get(run.request_id.as_str()).is_some_and(|entry| entry.is_cancelled);
        Ok(if is_cancelled { RunStart::Cancelled } else { RunStart::Started(from_item(item)?.principal) })
    }

    async fn cancel(&self, id: &ConnectionId, request_id: &ClientRequestId) -> Result<bool, StoreError> {
        // By name alone, because clients do not know dispatch ids.
        let cancelling = format!("SET {RUNS}.#run.{CANCELLED} = :true");
        let request = update(self, id, request_id, cancelling, format!("attribute_exists({RUNS}.#run)"));
        let changed = changed(request.expression_attribute_values(":true", AttributeValue::Bool(true))).await?;
        Ok(matches!(changed, Changed::Applied(_)))
    }

    async fn status(&self, run: &RunHandle) -> Result<RunStatus, StoreError> {
        let Some(mut item) = read(self, &run.connection).await? else { return Ok(RunStatus::Unknown) };
        let runs = take_runs(&mut item)?;
        // A later run may have the same request id, so the dispatch id must match as well.
        Ok(match runs.get(run.request_id.as_str()).filter(|entry| entry.dispatch_id == run.dispatch_id) {
            Some(entry) if entry.is_cancelled => RunStatus::Cancelled,
            Some(_) => RunStatus::Active,
            None => RunStatus::Unknown,
        })
    }

    async fn end(&self, run: &RunHandle) -> Result<(), StoreError> {
        // A run that is gone, or another one of the same name, is left alone, and that counts as success.
        let is_same = format!("{RUNS}.#run.{DISPATCH} = :dispatch");
        let request = update(self, &run.connection, &run.request_id, format!("REMOVE {RUNS}.#run"), is_same);
        changed(request.expression_attribute_values(":dispatch", uuid(run.dispatch_id))).await.map(drop)
    }
}

/// Makes the request that accepts a run. Its request id must be free: without a run, with one that has expired, or with
/// this dispatch itself, which was accepted before and whose answer was lost.
fn accepting(store: &DynamoStore, run: &RunHandle, now: Timestamp, expires_at: Timestamp) -> UpdateItemFluentBuilder {
    // Replacing an entry does not add one, so a full map allows it.
    let is_free = format!(
        "attribute_exists({PARTITION}) AND (size({RUNS}) < :max_runs OR attribute_exists({RUNS}.#run)) \
         AND (attribute_not_exists({RUNS}.#run) OR {RUNS}.#run.{RUN_EXPIRES_AT} <= :now \
         OR {RUNS}.#run.{DISPATCH} = :dispatch)"
    );
    update(store, &run.connection, &run.request_id, format!("SET {RUNS}.#run = :run"), is_free)
        .expression_attribute_values(":run", accepted_run(run.dispatch_id, expires_at))
        .expression_attribute_values(":dispatch", uuid(run.dispatch_id))
        .expression_attribute_values(":now", number(now.millis()))
        .expression_attribute_values(":max_runs", number(MAX_RUNS as u64))
}

fn item_key(id: &ConnectionId) -> Item {
    key(keys::connection(id), keys::CONNECTION)
}

async fn read(store: &DynamoStore, id: &ConnectionId) -> Result<Option<Item>, StoreError> {
    // Consistent: the next message of a client may arrive as soon as the item is written.
    let request = store.client.get_item().table_name(&store.table).set_key(Some(item_key(id))).consistent_read(true);
    let found = request.send().await.map_err(|error| failure::store_error(&error))?;
    Ok(found.item.filter(|item| is_current(item) && store.is_live(item)))
}

/// Returns whether an item has the attributes of this version. A connection that an earlier version opened lasts two
/// hours at most; until then it counts as closed, so that its client opens a new one.
fn is_current(item: &Item) -> bool {
    item.contains_key(RUNS)
}

/// Makes a request that changes the run `#run` of a connection.
fn update(
    store: &DynamoStore,
    id: &ConnectionId,
    request_id: &ClientRequestId,
    change: String,
    condition: String,
) -> UpdateItemFluentBuilder {
    store
        .client
        .update_item()
        .table_name(&store.table)
        .set_key(Some(item_key(id)))
        .update_expression(change)
        // Every condition requires something that exists, so that no request creates a connection.
        .condition_expression(condition)
        // A request id may contain characters that an expression may not, so it goes in by a placeholder.
        .expression_attribute_names("#run", request_id.as_str())
        .return_values(ReturnValue::AllOld)
        .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
}

/// The outcome of a conditional change, with the item as it was before.
enum Changed {
    Applied(Item),
    Rejected(Option<Item>),
}

async fn changed(request: UpdateItemFluentBuilder) -> Result<Changed, StoreError> {
    match request.send().await {
        Ok(done) => Ok(Changed::Applied(done.attributes.unwrap_or_default())),
        Err(SdkError::ServiceError(service)) if service.err().is_conditional_check_failed_exception() => {
            match service.into_err() {
                UpdateItemError::ConditionalCheckFailedException(failed) => Ok(Changed::Rejected(failed.item)),
                // The guard has ruled this out, which the compiler cannot see.
                _ => Err(StoreError::Unavailable("the call failed")),
            }
        }
        Err(error) => Err(failure::store_error(&error)),
    }
}

#[cfg(test)]
mod tests {
    use aws_sdk_dynamodb::types::AttributeValue;

    use super::*;
    use crate::domain::{Principal, PrincipalKind, TenantId, UserId};

    #[test]
    fn items_of_earlier_versions_count_as_closed() {
        let principal = Principal {
            kind: PrincipalKind::User,
            user: UserId::new("alice"),
            tenant: TenantId::default(),
            groups: BTreeSet::new(),
        };
        let at = Timestamp::from_millis(1000);
        let connection = Connection { principal, token_expires_at: at, token_origin: None, expires_at: at };
        assert!(is_current(&to_item(&connection, "W#c".to_owned())));
        let earlier = [("PK", AttributeValue::S("W#c".to_owned())), ("y", AttributeValue::M(Item::new()))];
        assert!(!is_current(&earlier.map(|(name, value)| (name.to_owned(), value)).into()));
    }
}
