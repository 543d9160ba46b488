//! Commits a turn as one transaction.

use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::types::{Put, ReturnValuesOnConditionCheckFailure, TransactWriteItem, Update};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::head_item::HeadItem;
use super::{cancelled, convert};
use crate::domain::RunId;
use crate::store::conversations::{Base, Head, TurnCommit};
use crate::store::dynamo::attributes::{
    ERASED_AT, FACTS, INDEX_PARTITION, INDEX_SORT, MILLIBYTES_PER_TOKEN, NEXT_SEQUENCE, PARTITION, REVISION, RUN, TTL,
    VERSION,
};
use crate::store::dynamo::audit::outbox;
use crate::store::dynamo::failure;
use crate::store::dynamo::idempotency::claim_item::{ClaimItem, DoneItem};
use crate::store::dynamo::item::{CURRENT_REVISION, Item, key};
use crate::store::dynamo::keys;
use crate::store::dynamo::store::DynamoStore;
use crate::store::dynamo::values::{number, text, uuid};
use crate::store::error::StoreError;
use crate::store::idempotency::IdempotencyReceipt;

/// The maximum number of actions in a transaction (API reference, `TransactWriteItems`).
const MAX_ACTIONS: usize = 100;

/// A transaction's actions, in this order: the head, the claim if there is one, the messages, the audit entries.
pub(super) struct Transaction {
    pub(super) actions: Vec<TransactWriteItem>,
    pub(super) head: Head,
}

pub(super) async fn commit(store: &DynamoStore, turn: &TurnCommit) -> Result<Head, StoreError> {
    let Transaction { actions, head } = transaction((&store.table, store.audit_table.as_deref()), turn)?;
    let sent = store
        .client
        .transact_write_items()
        .set_transact_items(Some(actions))
        // A transaction that succeeded is not made again while DynamoDB remembers its token.
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

/// Makes the token that identifies the transaction for ten minutes: 22 characters for the run and at most 11 for the
/// attempt. The limit is 36.
pub(super) fn token(run: RunId, attempt: u32) -> String {
    format!("{}-{attempt}", URL_SAFE_NO_PAD.encode(run.uuid().as_bytes()))
}

pub(super) fn transaction(
    (table, audit_table): (&str, Option<&str>),
    turn: &TurnCommit,
) -> Result<Transaction, StoreError> {
    let head = turn.head_after();
    // The head comes first, because the reasons of a cancelled transaction follow the order of its actions.
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
    for item in &turn.audit {
        let table = audit_table.ok_or_else(|| StoreError::Refused("there is no table for the audit".to_owned()))?;
        // Without a condition, since the item of a run has one key and the same entries, however often it is stored.
        actions.push(put(Put::builder().table_name(table).set_item(Some(outbox::to_item(item))))?);
    }
    // A turn is never split over two transactions, since half of it could then be stored.
    if turn.messages.is_empty() || actions.len() > MAX_ACTIONS {
        return Err(StoreError::Refused(format!("a turn has {} items", actions.len())));
    }
    Ok(Transaction { actions, head })
}

/// Puts the head of a new conversation, or updates that of an existing one.
fn head_action(table: &str, turn: &TurnCommit, head: &Head) -> Result<TransactWriteItem, StoreError> {
    let partition = keys::conversation(&turn.key);
    match &turn.base {
        Base::New => put(Put::builder()
            .table_name(table)
            .set_item(Some(HeadItem::new(turn, head).into_item(partition, turn.expires_at.seconds())))
            // An item with this key is this turn itself, whose answer was lost, or a conversation of another caller.
            .condition_expression(format!("attribute_not_exists({PARTITION})"))
            // The item that breaks the condition says who was first, without another read.
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)),
        Base::After(base) => {
            // An update, so that attributes that a newer version has written stay.
            let mut set = format!(
                "SET {REVISION} = :revision, #ttl = :ttl, {VERSION} = :version, {NEXT_SEQUENCE} = :next_sequence, \
                 {RUN} = :run, {INDEX_SORT} = :updated_at"
            );
            // Owner and tombstone are checked again, because an erasure may have come in between.
            let unchanged =
                format!("{VERSION} = :base AND {INDEX_PARTITION} = :owner AND attribute_not_exists({ERASED_AT})");
            let mut update = Update::builder()
                .table_name(table)
                .set_key(Some(key(partition, keys::HEAD)))
                .condition_expression(unchanged)
                // `ttl` is a reserved word of DynamoDB, so it needs a placeholder.
                .expression_attribute_names("#ttl", TTL)
                .expression_attribute_values(":revision", number(CURRENT_REVISION))
                .expression_attribute_values(":ttl", number(turn.expires_at.seconds()))
                .expression_attribute_values(":version", number(head.version.0))
                .expression_attribute_values(":next_sequence", number(head.next_sequence))
                .expression_attribute_values(":run", uuid(turn.run.uuid()))
                .expression_attribute_values(":updated_at", text(keys::sortable(head.updated_at)))
                .expression_attribute_values(":base", number(base.version.0))
                .expression_attribute_values(":owner", text(keys::owner(&turn.key.tenant, &turn.key.owner)))
                .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
            if let Some(millibytes) = head.millibytes_per_token {
                set = format!("{set}, {MILLIBYTES_PER_TOKEN} = :millibytes");
                update = update.expression_attribute_values(":millibytes", number(millibytes.into()));
            }
            let update = update.update_expression(set).build().map_err(|_| build_error())?;
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
        return Err(StoreError::Refused("the turn lacks the message that the receipt names".to_owned()));
    }
    let facts = serde_json::to_string(&receipt.facts)
        .map_err(|_| StoreError::Refused("the facts of the run could not be written as JSON".to_owned()))?;
    let record = ClaimItem {
        body_digest: receipt.body_digest.clone(),
        run: turn.run,
        running_until: None,
        done: Some(DoneItem {
            facts,
            conversation: turn.key.conversation,
            output_sequence: turn.output_sequence().unwrap_or(turn.first_sequence()),
        }),
    };
    put(Put::builder()
        .table_name(table)
        .set_item(Some(record.into_item(keys::claim(&receipt.key), receipt.expires_at.seconds())))
        // After this run's time another request may have taken the claim over.
        .condition_expression(format!("{RUN} = :run AND attribute_not_exists({FACTS})"))
        .expression_attribute_values(":run", uuid(turn.run.uuid()))
        .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld))
}

fn message_action(table: &str, item: Item) -> Result<TransactWriteItem, StoreError> {
    // A message is never overwritten: one with this key is missing in the head's count.
    let is_new = format!("attribute_not_exists({PARTITION})");
    put(Put::builder().table_name(table).set_item(Some(item)).condition_expression(is_new))
}

fn put(builder: aws_sdk_dynamodb::types::builders::PutBuilder) -> Result<TransactWriteItem, StoreError> {
    let put = builder.build().map_err(|_| build_error())?;
    Ok(TransactWriteItem::builder().put(put).build())
}

fn build_error() -> StoreError {
    StoreError::Refused("the transaction could not be built".to_owned())
}

#[cfg(test)]
#[path = "commit_tests.rs"]
mod tests;
