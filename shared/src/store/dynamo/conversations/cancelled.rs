//! Explains why a transaction was cancelled, and what that means for its turn.

use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;

use super::head_item::StoredHead;
use crate::store::conversations::{Head, TurnCommit, Version};
use crate::store::dynamo::cancellation::{CONDITION_FAILED, error_for_codes, item_at_failed_condition};
use crate::store::dynamo::idempotency::claim_item::ClaimItem;
use crate::store::dynamo::keys;
use crate::store::error::StoreError;

/// Reads the reasons, which DynamoDB lists in the order of the transaction's actions.
pub(super) fn outcome(turn: &TurnCommit, head: Head, error: TransactWriteItemsError) -> Result<Head, StoreError> {
    let TransactWriteItemsError::TransactionCanceledException(cancelled) = error else {
        return Err(StoreError::Unavailable("the call failed"));
    };
    let mut reasons = cancelled.cancellation_reasons.unwrap_or_default().into_iter();
    // Only a turn with a receipt has an action for the claim, and thus a reason.
    let (Some(at_head), at_claim) = (reasons.next(), turn.receipt.as_ref().and_then(|_| reasons.next())) else {
        return Err(StoreError::Unavailable("a transaction was cancelled without a reason"));
    };
    let others = reasons.collect::<Vec<_>>();
    let codes =
        [&at_head].into_iter().chain(&at_claim).chain(&others).filter_map(|reason| reason.code.clone()).collect();

    let stored =
        item_at_failed_condition(at_head).map(|item| item.map(StoredHead::from_item).transpose()).transpose()?;
    let claim = at_claim
        .and_then(item_at_failed_condition)
        .map(|item| item.map(ClaimItem::from_item).transpose())
        .transpose()?;
    // Checked first, so that a turn is not reported as beaten by itself.
    if is_this_turn(turn, &head, stored.as_ref(), claim.as_ref()) {
        return Ok(head);
    }
    match (stored, claim) {
        // Before a lost race: a retry behind the winner would lose the claim again.
        (_, Some(_)) => Err(StoreError::ClaimLost),
        (Some(stored), None) => Err(conflict_with(turn, stored)),
        (None, None) => Err(other_error(codes)),
    }
}

/// Returns whether this turn itself is already stored: its answer was lost, and DynamoDB no longer knows its token.
fn is_this_turn(
    turn: &TurnCommit,
    head: &Head,
    stored: Option<&Option<StoredHead>>,
    claim: Option<&Option<ClaimItem>>,
) -> bool {
    // Version and run together, so that another turn of the same run is not taken for this one.
    let is_last = matches!(stored, Some(Some(StoredHead::Active(stored)))
        if Version(stored.version) == head.version
            && stored.run == Some(turn.run.uuid())
            && stored.owner == keys::owner(&turn.key.tenant, &turn.key.owner));
    // Other turns may have followed, so that the head names another run; the receipt still names this one.
    let is_completed = matches!(claim, Some(Some(ClaimItem { run, done: Some(done), .. }))
        if *run == turn.run
            && done.conversation == turn.key.conversation
            && Some(done.output_sequence) == turn.output_sequence());
    is_last || is_completed
}

fn conflict_with(turn: &TurnCommit, stored: Option<StoredHead>) -> StoreError {
    match stored {
        Some(StoredHead::Active(stored)) if stored.owner == keys::owner(&turn.key.tenant, &turn.key.owner) => {
            match stored.into_head() {
                Ok(winner) => StoreError::Contention { head: Some(Box::new(winner)) },
                Err(error) => error,
            }
        }
        // A stranger's head reads as not found, so that nobody can find out which ids exist.
        Some(StoredHead::Active(_) | StoredHead::Erased { .. }) | None => StoreError::NotFound,
    }
}

/// Chooses an error if no condition of head or claim failed.
fn other_error(codes: Vec<String>) -> StoreError {
    let has_failed_condition = codes.iter().any(|code| code == CONDITION_FAILED);
    match error_for_codes(codes) {
        // Only a message's condition is left. A message that the head does not count means damaged data.
        StoreError::Refused(_) if has_failed_condition => {
            StoreError::Corrupt("there is a message after the last one of the head")
        }
        error => error,
    }
}

#[cfg(test)]
#[path = "cancelled_tests.rs"]
mod tests;
