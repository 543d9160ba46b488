//! The port's operations.

use async_trait::async_trait;
use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::types::ReturnValuesOnConditionCheckFailure;

use super::claim_item::ClaimItem;
use crate::domain::RunId;
use crate::store::dynamo::attributes::{BODY_DIGEST, FACTS, PARTITION, RUN, RUN_EXPIRES_AT, TTL};
use crate::store::dynamo::failure;
use crate::store::dynamo::item::key;
use crate::store::dynamo::keys;
use crate::store::dynamo::store::DynamoStore;
use crate::store::dynamo::values::{number, text, uuid};
use crate::store::error::StoreError;
use crate::store::idempotency::{Claim, ClaimRequest, IdempotencyKey, IdempotencyLedger, ReplayPointer};

#[async_trait]
impl IdempotencyLedger for DynamoStore {
    async fn claim(&self, request: &ClaimRequest) -> Result<Claim, StoreError> {
        let record = ClaimItem {
            body_digest: request.body_digest.clone(),
            run: request.run,
            running_until: Some(request.running_until),
            done: None,
        };
        // A key is free if it is unknown or forgotten, or if its run has ended without completing the same request.
        // DynamoDB may delete an expired item days later, so its time is compared here.
        let is_free = format!(
            "attribute_not_exists({PARTITION}) OR #ttl <= :now_seconds \
             OR (attribute_not_exists({FACTS}) AND {RUN_EXPIRES_AT} <= :now AND {BODY_DIGEST} = :body_digest)"
        );
        let sent = self
            .client
            .put_item()
            .table_name(&self.table)
            .set_item(Some(record.into_item(keys::claim(&request.key), request.expires_at.seconds())))
            .condition_expression(is_free)
            .expression_attribute_names("#ttl", TTL)
            .expression_attribute_values(":now_seconds", number(request.now.seconds()))
            .expression_attribute_values(":now", number(request.now.millis()))
            .expression_attribute_values(":body_digest", text(&request.body_digest))
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
                stored.map_or(Err(StoreError::Contention { head: None }), |stored| existing_claim(request, stored))
            }
            Err(error) => Err(failure::store_error(&error)),
        }
    }

    async fn release(&self, claimed: &IdempotencyKey, run: RunId) -> Result<(), StoreError> {
        let sent = self
            .client
            .delete_item()
            .table_name(&self.table)
            .set_key(Some(key(keys::claim(claimed), keys::CLAIM)))
            // A completed claim is a receipt and must stay; another run's claim is not this run's to remove.
            .condition_expression(format!("{RUN} = :run AND attribute_not_exists({FACTS})"))
            .expression_attribute_values(":run", uuid(run.uuid()))
            .send()
            .await;
        match sent {
            Ok(_) => Ok(()),
            // Nothing is left to release: the claim is completed, has expired, or belongs to another run.
            Err(SdkError::ServiceError(service)) if service.err().is_conditional_check_failed_exception() => Ok(()),
            Err(error) => Err(failure::store_error(&error)),
        }
    }
}

fn existing_claim(request: &ClaimRequest, stored: ClaimItem) -> Result<Claim, StoreError> {
    // Before its state: another body is a conflict, whether the first run has ended or not.
    if stored.body_digest != request.body_digest {
        return Ok(Claim::OtherBody);
    }
    match (stored.done, stored.running_until) {
        (Some(done), _) => {
            let facts = serde_json::from_str(&done.facts)
                .map_err(|_| StoreError::Corrupt("the facts of a completed run cannot be read"))?;
            Ok(Claim::Done(Box::new(ReplayPointer {
                conversation: done.conversation,
                output_sequence: done.output_sequence,
                facts,
            })))
        }
        // The claim is this run's own, and the answer to it was lost.
        (None, _) if stored.run == request.run => Ok(Claim::Fresh),
        (None, Some(until)) => Ok(Claim::Running { until }),
        (None, None) => Err(StoreError::Corrupt("a claim lacks the time at which its run has ended")),
    }
}
