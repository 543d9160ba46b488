//! What a cancelled transaction means for its turn.

use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::CancellationReason;

use super::claim_item::ClaimItem;
use super::item::StoredHead;
use super::{convert, keys};
use crate::store::{Head, StoreError, TurnCommit, Version};

const CONDITION: &str = "ConditionalCheckFailed";

/// Reads the reasons, which stand in the order of the transaction's actions.
pub(super) fn outcome(turn: &TurnCommit, head: Head, error: TransactWriteItemsError) -> Result<Head, StoreError> {
    let TransactWriteItemsError::TransactionCanceledException(cancelled) = error else {
        return Err(StoreError::Unavailable("the call failed"));
    };
    let mut reasons = cancelled.cancellation_reasons.unwrap_or_default().into_iter();
    let (Some(at_head), at_claim) = (reasons.next(), turn.receipt.as_ref().and_then(|_| reasons.next())) else {
        return Err(StoreError::Unavailable("a transaction was cancelled without a reason"));
    };
    let others = reasons.collect::<Vec<_>>();
    let codes =
        [&at_head].into_iter().chain(&at_claim).chain(&others).filter_map(|reason| reason.code.clone()).collect();

    let stored = failed(at_head).map(|item| item.map(StoredHead::from_item).transpose()).transpose()?;
    let claim = at_claim.and_then(failed).map(|item| item.map(ClaimItem::from_item).transpose()).transpose()?;
    if is_ours(turn, &head, stored.as_ref(), claim.as_ref()) {
        return Ok(head);
    }
    match (stored, claim) {
        (_, Some(_)) => Err(StoreError::ClaimLost),
        (Some(stored), None) => Err(lost_to(turn, stored)),
        (None, None) => Err(by_codes(codes)),
    }
}

/// The item at a failed condition; `None` where no condition failed, `Some(None)` where there is no item.
#[expect(clippy::option_option, reason = "a failed condition without an item is a case of its own")]
fn failed(reason: CancellationReason) -> Option<Option<super::attributes::Item>> {
    (reason.code.as_deref() == Some(CONDITION)).then_some(reason.item)
}

/// Whether this very turn is what stands there: its answer was lost, and the token no longer known.
fn is_ours(
    turn: &TurnCommit,
    head: &Head,
    stored: Option<&Option<StoredHead>>,
    claim: Option<&Option<ClaimItem>>,
) -> bool {
    let is_last = matches!(stored, Some(Some(StoredHead::Living(stored)))
        if Version(stored.version) == head.version
            && stored.run == Some(turn.run.uuid())
            && stored.owner == keys::owner(&turn.key.tenant, &turn.key.owner));
    let is_settled = matches!(claim, Some(Some(ClaimItem { run, done: Some(done), .. }))
        if *run == turn.run
            && done.conversation == turn.key.conversation
            && Some(done.output_sequence) == turn.output_sequence());
    is_last || is_settled
}

fn lost_to(turn: &TurnCommit, stored: Option<StoredHead>) -> StoreError {
    match stored {
        Some(StoredHead::Living(stored)) if stored.owner == keys::owner(&turn.key.tenant, &turn.key.owner) => {
            match convert::from_head_item(stored) {
                Ok(winner) => StoreError::Contention { head: Some(Box::new(winner)) },
                Err(error) => error,
            }
        }
        Some(StoredHead::Living(_) | StoredHead::Erased { .. }) | None => StoreError::NotFound,
    }
}

/// Where no condition of head or claim failed: from the worst to the mildest.
fn by_codes(codes: Vec<String>) -> StoreError {
    let has = |wanted: &[&str]| codes.iter().any(|code| wanted.contains(&code.as_str()));
    if has(&["TransactionConflict"]) {
        StoreError::Contention { head: None }
    } else if has(&["ProvisionedThroughputExceeded", "ThrottlingError"]) {
        StoreError::Throttled
    } else if has(&[CONDITION]) {
        StoreError::Corrupt("a message stands where the head says there is none")
    } else {
        let code = codes.into_iter().find(|code| code != "None");
        StoreError::Refused(code.unwrap_or_else(|| "a transaction was cancelled".to_owned()))
    }
}

#[cfg(test)]
#[path = "cancelled_tests.rs"]
mod tests;
