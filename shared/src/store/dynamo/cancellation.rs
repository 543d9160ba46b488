//! Reads the reasons for which DynamoDB cancels a transaction, one for each of its actions.

use aws_sdk_dynamodb::types::CancellationReason;

use super::item::Item;
use crate::store::error::StoreError;

pub(super) const CONDITION_FAILED: &str = "ConditionalCheckFailed";

/// Returns the item at a failed condition: `None` if no condition failed, `Some(None)` if there is no item.
#[expect(clippy::option_option, reason = "a failed condition without an item is a case of its own")]
pub(super) fn item_at_failed_condition(reason: CancellationReason) -> Option<Option<Item>> {
    (reason.code.as_deref() == Some(CONDITION_FAILED)).then_some(reason.item)
}

/// Chooses the error of a transaction that other writes or throttling cancelled: a transient cause comes before a permanent
/// one. A failed condition is the caller's to explain.
pub(super) fn error_for_codes(codes: Vec<String>) -> StoreError {
    let has = |wanted: &[&str]| codes.iter().any(|code| wanted.contains(&code.as_str()));
    if has(&["TransactionConflict"]) {
        StoreError::Contention { head: None }
    } else if has(&["ProvisionedThroughputExceeded", "ThrottlingError"]) {
        StoreError::Throttled
    } else {
        // DynamoDB lists `None` for the actions that had no fault.
        let code = codes.into_iter().find(|code| code != "None");
        StoreError::Refused(code.unwrap_or_else(|| "a transaction was cancelled".to_owned()))
    }
}
