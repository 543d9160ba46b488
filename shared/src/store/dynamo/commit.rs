//! A turn is one transaction.

use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::types::{Put, ReturnValuesOnConditionCheckFailure, TransactWriteItem, Update};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::attributes::{Item, key, number, text, uuid};
use super::claim_item::{ClaimItem, DoneItem};
use super::{DynamoStore, cancelled, convert, failure, item, keys};
use crate::domain::RunId;
use crate::store::{Base, Head, IdempotencyReceipt, StoreError, TurnCommit};

/// Actions in a transaction at most (API reference, `TransactWriteItems`).
const MAX_ACTIONS: usize = 100;

/// A transaction's actions, in this order: the head, the claim where there is one, the messages.
pub(super) struct Transaction {
    pub(super) actions: Vec<TransactWriteItem>,
    pub(super) head: Head,
}

pub(super) async fn commit(store: &DynamoStore, turn: &TurnCommit) -> Result<Head, StoreError> {
    let Transaction { actions, head } = transaction(&store.table, turn)?;
    let sent = store
        .client
        .transact_write_items()
        .set_transact_items(Some(actions))
        .client_request_token(token(turn.run, turn.attempt))
        .send()
        .await;
    match sent {
        Ok(_) => Ok(head),
        Err(SdkError::ServiceError(service)) if service.err().is_transaction_canceled_exception() => {
            cancelled::outcome(turn, head, service.into_err())
        }
        Err(error) => Err(failure::store_error(&error)),
    }
}

/// Identifies the transaction for ten minutes: 22 characters of the run and at most 11 of the attempt, 36 being the
/// limit.
pub(super) fn token(run: RunId, attempt: u32) -> String {
    format!("{}-{attempt}", URL_SAFE_NO_PAD.encode(run.uuid().as_bytes()))
}

pub(super) fn transaction(table: &str, turn: &TurnCommit) -> Result<Transaction, StoreError> {
    let head = turn.head_after();
    let mut actions = vec![head_action(table, turn, &head)?];
    if let Some(receipt) = &turn.receipt {
        actions.push(receipt_action(table, turn, receipt)?);
    }
    let partition = keys::conversation(&turn.key);
    for (sequence, message) in (turn.first_sequence()..).zip(&turn.messages) {
        let items = convert::to_items(&partition, sequence, message, turn.now, turn.expires_at.seconds())?;
        for item in items {
            actions.push(message_action(table, item)?);
        }
    }
    if turn.messages.is_empty() || actions.len() > MAX_ACTIONS {
        return Err(StoreError::Refused(format!("a turn of {} items", actions.len())));
    }
    Ok(Transaction { actions, head })
}

/// A new head is put; a known one is updated, so that attributes of a newer version stay.
fn head_action(table: &str, turn: &TurnCommit, head: &Head) -> Result<TransactWriteItem, StoreError> {
    let partition = keys::conversation(&turn.key);
    match &turn.base {
        Base::New => put(Put::builder()
            .table_name(table)
            .set_item(Some(convert::to_head_item(turn, head).into_item(partition)))
            .condition_expression("attribute_not_exists(PK)")
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)),
        Base::After(base) => {
            let mut set = "SET v = :v, n = :n, q = :q, g = :g, GSI1SK = :updated, #ttl = :ttl".to_owned();
            let mut update = Update::builder()
                .table_name(table)
                .set_key(Some(key(partition, keys::HEAD)))
                .condition_expression("n = :read AND GSI1PK = :owner AND attribute_not_exists(z)")
                .expression_attribute_names("#ttl", item::TTL)
                .expression_attribute_values(":v", number(item::CURRENT))
                .expression_attribute_values(":n", number(head.version.0))
                .expression_attribute_values(":q", number(head.next_sequence))
                .expression_attribute_values(":g", uuid(turn.run.uuid()))
                .expression_attribute_values(":updated", text(keys::sortable(head.updated_at)))
                .expression_attribute_values(":ttl", number(turn.expires_at.seconds()))
                .expression_attribute_values(":read", number(base.version.0))
                .expression_attribute_values(":owner", text(keys::owner(&turn.key.tenant, &turn.key.owner)))
                .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
            if let Some(millibytes) = head.millibytes_per_token {
                set.push_str(", k = :k");
                update = update.expression_attribute_values(":k", number(millibytes.into()));
            }
            let update = update.update_expression(set).build().map_err(|_| unbuildable())?;
            Ok(TransactWriteItem::builder().update(update).build())
        }
    }
}

fn receipt_action(
    table: &str,
    turn: &TurnCommit,
    receipt: &IdempotencyReceipt,
) -> Result<TransactWriteItem, StoreError> {
    if receipt.output_index >= turn.messages.len() {
        return Err(StoreError::Refused("the receipt's output is not in the turn".to_owned()));
    }
    let facts = serde_json::to_string(&receipt.facts)
        .map_err(|_| StoreError::Refused("the run's facts cannot be written as JSON".to_owned()))?;
    let record = ClaimItem {
        body_digest: receipt.body_digest.clone(),
        run: turn.run,
        running_until: None,
        done: Some(DoneItem {
            facts,
            conversation: turn.key.conversation,
            output_sequence: turn.output_sequence().unwrap_or(turn.first_sequence()),
        }),
        ttl_seconds: receipt.expires_at.seconds(),
    };
    put(Put::builder()
        .table_name(table)
        .set_item(Some(record.into_item(keys::claim(&receipt.key))))
        .condition_expression("g = :g AND attribute_not_exists(f)")
        .expression_attribute_values(":g", uuid(turn.run.uuid()))
        .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld))
}

fn message_action(table: &str, item: Item) -> Result<TransactWriteItem, StoreError> {
    put(Put::builder().table_name(table).set_item(Some(item)).condition_expression("attribute_not_exists(PK)"))
}

fn put(builder: aws_sdk_dynamodb::types::builders::PutBuilder) -> Result<TransactWriteItem, StoreError> {
    let put = builder.build().map_err(|_| unbuildable())?;
    Ok(TransactWriteItem::builder().put(put).build())
}

fn unbuildable() -> StoreError {
    StoreError::Refused("the transaction cannot be built".to_owned())
}

#[cfg(test)]
#[path = "commit_tests.rs"]
mod tests;
