//! Idempotency records: one conditional request each.

use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::types::ReturnValuesOnConditionCheckFailure;

use super::attributes::{key, number, text, uuid};
use super::claim_item::ClaimItem;
use super::{DynamoStore, failure, item, keys};
use crate::domain::RunId;
use crate::store::{Claim, ClaimRequest, IdempotencyKey, ReplayPointer, StoreError};

/// Free is a key that is unknown or forgotten, and one whose run is over without having settled the same request.
const FREE: &str =
    "attribute_not_exists(PK) OR #ttl <= :now_seconds OR (attribute_not_exists(f) AND u <= :now AND b = :b)";

pub(super) async fn claim(store: &DynamoStore, request: &ClaimRequest) -> Result<Claim, StoreError> {
    let record = ClaimItem {
        body_digest: request.body_digest.clone(),
        run: request.run,
        running_until: Some(request.running_until),
        done: None,
        ttl_seconds: request.expires_at.seconds(),
    };
    let sent = store
        .client
        .put_item()
        .table_name(&store.table)
        .set_item(Some(record.into_item(keys::claim(&request.key))))
        .condition_expression(FREE)
        .expression_attribute_names("#ttl", item::TTL)
        .expression_attribute_values(":now_seconds", number(request.now.seconds()))
        .expression_attribute_values(":now", number(request.now.millis()))
        .expression_attribute_values(":b", text(&request.body_digest))
        .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
        .send()
        .await;
    match sent {
        Ok(_) => Ok(Claim::Fresh),
        Err(SdkError::ServiceError(service)) if service.err().is_conditional_check_failed_exception() => {
            let PutItemError::ConditionalCheckFailedException(failed) = service.into_err() else {
                return Err(StoreError::Unavailable("the call failed"));
            };
            let stored = failed.item.map(ClaimItem::from_item).transpose()?;
            // Without an item the claim was released in between.
            stored.map_or(Err(StoreError::Contention { head: None }), |stored| taken(request, stored))
        }
        Err(error) => Err(failure::store_error(&error)),
    }
}

fn taken(request: &ClaimRequest, stored: ClaimItem) -> Result<Claim, StoreError> {
    if stored.body_digest != request.body_digest {
        return Ok(Claim::OtherBody);
    }
    match (stored.done, stored.running_until) {
        (Some(done), _) => {
            let facts = serde_json::from_str(&done.facts)
                .map_err(|_| StoreError::Corrupt("a finished run's facts are not readable"))?;
            Ok(Claim::Done(Box::new(ReplayPointer {
                conversation: done.conversation,
                output_sequence: done.output_sequence,
                facts,
            })))
        }
        // The claim is this run's own; the answer to it was lost.
        (None, _) if stored.run == request.run => Ok(Claim::Fresh),
        (None, Some(until)) => Ok(Claim::Running { until }),
        (None, None) => Err(StoreError::Corrupt("a claim does not say until when its run goes on")),
    }
}

pub(super) async fn release(store: &DynamoStore, of: &IdempotencyKey, run: RunId) -> Result<(), StoreError> {
    let sent = store
        .client
        .delete_item()
        .table_name(&store.table)
        .set_key(Some(key(keys::claim(of), keys::CLAIM)))
        .condition_expression("g = :g AND attribute_not_exists(f)")
        .expression_attribute_values(":g", uuid(run.uuid()))
        .send()
        .await;
    match sent {
        Ok(_) => Ok(()),
        Err(SdkError::ServiceError(service)) if service.err().is_conditional_check_failed_exception() => Ok(()),
        Err(error) => Err(failure::store_error(&error)),
    }
}
