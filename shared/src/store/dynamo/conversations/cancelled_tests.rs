use std::collections::HashMap;
use std::time::Duration;

use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::error::TransactionCanceledException;
use aws_sdk_dynamodb::types::{AttributeValue, CancellationReason};
use uuid::Uuid;

use super::outcome;
use crate::domain::{ConversationId, Message, Role, RunId, TenantId, Timestamp, UserId};
use crate::store::dynamo::conversations::head_item::HeadItem;
use crate::store::dynamo::keys;
use crate::store::{Base, ConversationKey, Head, StoreError, TurnCommit};

type Item = HashMap<String, AttributeValue>;

fn turn(run: u128, base: Base) -> TurnCommit {
    let now = Timestamp::from_millis(1_700_000_000_000);
    TurnCommit {
        key: ConversationKey {
            tenant: TenantId::new("t"),
            owner: UserId::new("o"),
            conversation: ConversationId::new(Uuid::from_u128(1)),
        },
        run: RunId::new(Uuid::from_u128(run)),
        attempt: 0,
        agent: "default".parse().unwrap(),
        title: String::new(),
        base,
        messages: vec![Message::text(Role::User, "x")],
        now,
        expires_at: now.plus(Duration::from_hours(1)),
        millibytes_per_token: None,
        receipt: None,
        audit: Vec::new(),
    }
}

fn stored(turn: &TurnCommit) -> Item {
    HeadItem::new(turn, &turn.head_after()).into_item(keys::conversation(&turn.key), turn.expires_at.seconds())
}

fn cancelled(turn: &TurnCommit, reasons: Vec<(&str, Option<Item>)>) -> Result<Head, StoreError> {
    let reasons = reasons
        .into_iter()
        .map(|(code, item)| CancellationReason::builder().code(code).set_item(item).build())
        .collect();
    let error = TransactionCanceledException::builder().set_cancellation_reasons(Some(reasons)).build();
    outcome(turn, turn.head_after(), TransactWriteItemsError::TransactionCanceledException(error))
}

const FAILED: &str = "ConditionalCheckFailed";

#[test]
fn contention_carries_the_winners_head() {
    let base = turn(1, Base::New).head_after();
    let winner = turn(2, Base::After(base.clone()));
    let loser = turn(3, Base::After(base));
    let result = cancelled(&loser, vec![(FAILED, Some(stored(&winner))), (FAILED, None)]);
    assert!(matches!(&result, Err(StoreError::Contention { head: Some(head) }) if **head == winner.head_after()));
}

#[test]
fn a_turn_that_is_already_stored_is_success() {
    let base = turn(1, Base::New).head_after();
    let ours = turn(2, Base::After(base));
    assert_eq!(cancelled(&ours, vec![(FAILED, Some(stored(&ours))), (FAILED, None)]).unwrap(), ours.head_after());
    // A second turn of the same run is not mistaken for the first.
    let next = turn(2, Base::After(ours.head_after()));
    let result = cancelled(&ours, vec![(FAILED, Some(stored(&next))), (FAILED, None)]);
    assert!(matches!(result, Err(StoreError::Contention { head: Some(_) })), "{result:?}");
}

#[test]
fn erased_and_other_users_conversations_are_not_found() {
    let base = turn(1, Base::New);
    let late = turn(2, Base::After(base.head_after()));
    let anothers = TurnCommit { key: ConversationKey { owner: UserId::new("p"), ..base.key.clone() }, ..base };
    let tombstone = Item::from([
        ("v".to_owned(), AttributeValue::N("1".to_owned())),
        ("z".to_owned(), AttributeValue::N("5".to_owned())),
    ]);
    for item in [None, Some(stored(&anothers)), Some(tombstone)] {
        let result = cancelled(&late, vec![(FAILED, item), ("None", None)]);
        assert!(matches!(result, Err(StoreError::NotFound)), "{result:?}");
    }
}

#[test]
fn a_message_after_the_last_one_is_corrupt() {
    let result = cancelled(&turn(1, Base::New), vec![("None", None), (FAILED, None)]);
    assert!(matches!(result, Err(StoreError::Corrupt(_))), "{result:?}");
    // While another transaction is in progress, the message may be its own.
    let result = cancelled(&turn(1, Base::New), vec![("TransactionConflict", None), (FAILED, None)]);
    assert!(matches!(result, Err(StoreError::Contention { head: None })), "{result:?}");
}
