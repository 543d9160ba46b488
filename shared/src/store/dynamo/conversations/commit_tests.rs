use std::time::Duration;

use aws_sdk_dynamodb::types::AttributeValue;
use uuid::Uuid;

use super::{token, transaction};
use crate::domain::{ConversationId, Message, Role, RunId, TenantId, Timestamp, UserId};
use crate::store::dynamo::conversations::head_item::HeadItem;
use crate::store::dynamo::item::Item;
use crate::store::dynamo::keys;
use crate::store::{Base, ConversationKey, Head, StoreError, TurnCommit, title};

const OVERHEAD_BYTES: usize = 600;

/// Returns the size by the Developer Guide, "DynamoDB item sizes and formats".
fn size_bytes(item: &Item) -> usize {
    let value = |value: &AttributeValue| match value {
        AttributeValue::S(text) => text.len(),
        AttributeValue::N(number) => number.trim_end_matches('0').len().div_ceil(2) + 1,
        AttributeValue::B(bytes) => bytes.as_ref().len(),
        other => panic!("no rule for {other:?}"),
    };
    item.iter().map(|(name, content)| name.len() + value(content)).sum()
}

fn turn(tenant: &str, agent: &str, prompt: &str, answer: &str) -> TurnCommit {
    let now = Timestamp::from_millis(1_799_999_999_999);
    TurnCommit {
        key: ConversationKey {
            tenant: TenantId::new(tenant),
            owner: UserId::new("5f3c9d1e-0c2b-4a57-9d43-1f3a0b8c7d6e"),
            conversation: ConversationId::new(Uuid::from_u128(0x0123_4567_89ab_4def_8123_4567_89ab_cdef)),
        },
        run: RunId::new(Uuid::from_u128(u128::MAX)),
        attempt: 0,
        agent: agent.parse().unwrap(),
        title: title(prompt),
        base: Base::New,
        messages: vec![Message::text(Role::User, prompt), Message::text(Role::Assistant, answer)],
        now,
        expires_at: now.plus(Duration::from_millis(720 * 3_600_000 - 1)),
        millibytes_per_token: Some(4_321),
        receipt: None,
        audit: Vec::new(),
    }
}

/// Returns the bytes that a turn writes; an updated head counts whole.
fn written_bytes(turn: &TurnCommit) -> usize {
    let transaction = transaction(("table", None), turn).unwrap();
    let puts = transaction.actions.iter().filter_map(|action| action.put.as_ref()).map(|put| size_bytes(&put.item));
    let updated = match &turn.base {
        Base::New => 0,
        Base::After(_) => {
            let head = HeadItem::new(turn, &transaction.head);
            size_bytes(&head.into_item(keys::conversation(&turn.key), turn.expires_at.seconds()))
        }
    };
    puts.sum::<usize>() + updated
}

#[test]
fn a_turn_writes_little_more_than_its_text() {
    let long = "word ".repeat(200);
    for (tenant, agent) in [("default", "default"), ("b7e23ec2-9af1-4f0e-8b8e-36c0a1b2c3d4", "customer-support")] {
        for (prompt, answer) in [("hi", "hello"), (long.as_str(), long.as_str()), (&"語".repeat(500), "好")] {
            let text_bytes = prompt.len() + answer.len();
            let new = turn(tenant, agent, prompt, answer);
            let late = Head { next_sequence: 1_999_999, version: crate::store::Version(999_999), ..new.head_after() };
            let later = TurnCommit { base: Base::After(late), ..new.clone() };
            for turn in [new, later] {
                let written = written_bytes(&turn);
                println!("{tenant} {agent}: {text_bytes} bytes of text, {} more", written - text_bytes);
                assert!(written <= 2 * text_bytes + OVERHEAD_BYTES, "{written} bytes for {text_bytes} of text");
            }
        }
    }
}

#[test]
fn tokens_differ_by_run_and_attempt() {
    let run = RunId::new(Uuid::from_u128(u128::MAX));
    assert!(token(run, u32::MAX).len() <= 36);
    assert_ne!(token(run, 0), token(run, 1));
    assert_ne!(token(run, 0), token(RunId::new(Uuid::from_u128(1)), 0));
}

#[test]
fn a_turn_larger_than_a_transaction_is_refused() {
    let mut turn = turn("t", "a", "x", "y");
    turn.messages = (0..99).map(|_| Message::text(Role::User, "x")).collect();
    assert!(transaction(("table", None), &turn).is_ok());
    turn.messages.push(Message::text(Role::User, "x"));
    assert!(matches!(transaction(("table", None), &turn), Err(StoreError::Refused(_))));
}
