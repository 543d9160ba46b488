use proptest::prelude::*;
use serde_json::json;

use super::{MessageParts, PIECE_BYTES, newest_unbroken, pieces, to_items};
use crate::domain::{Content, Message, ResultSource, Role, Timestamp, ToolCall, ToolCallId, ToolName, ToolResult};
use crate::store::StoredMessage;

const NOW: Timestamp = Timestamp::from_millis(1_700_000_000_123);

fn stored(sequence: u64, message: &Message) -> StoredMessage {
    StoredMessage { sequence, created_at: NOW, message: message.clone() }
}

fn long() -> Message {
    Message::text(Role::User, "ä".repeat(PIECE_BYTES))
}

#[test]
fn long_content_is_cut_between_characters() {
    let content = format!("x{}", "ä".repeat(PIECE_BYTES));
    let cut = pieces(content.clone());
    assert_eq!(cut.len(), 3);
    assert!(cut.iter().all(|piece| piece.len() <= PIECE_BYTES));
    assert_eq!(cut.concat(), content);
    assert_eq!(pieces("x".repeat(PIECE_BYTES)).len(), 1);
    assert_eq!(pieces(String::new()), [""]);
}

#[test]
fn an_incomplete_message_is_left_out() {
    let items = to_items("p", 7, &long(), NOW, 1).unwrap();
    assert_eq!(items.len(), 2);
    for missing in 0..items.len() {
        let mut parts = MessageParts::default();
        for item in to_items("p", 6, &Message::text(Role::User, "a"), NOW, 1).unwrap() {
            parts.push(item).unwrap();
        }
        for (index, item) in items.clone().into_iter().enumerate() {
            if index != missing {
                parts.push(item).unwrap();
            }
        }
        for item in to_items("p", 8, &Message::text(Role::User, "b"), NOW, 1).unwrap() {
            parts.push(item).unwrap();
        }
        let sequences: Vec<u64> = parts.assemble().unwrap().iter().map(|stored| stored.sequence).collect();
        assert_eq!(sequences, [6, 8]);
    }
}

#[test]
fn reports_when_a_message_is_complete() {
    let mut parts = MessageParts::default();
    assert!(!parts.has_complete_message());
    let mut items = to_items("p", 7, &long(), NOW, 1).unwrap().into_iter();
    parts.push(items.next().unwrap()).unwrap();
    assert!(!parts.has_complete_message());
    parts.push(items.next().unwrap()).unwrap();
    assert!(parts.has_complete_message());
    assert_eq!((parts.messages(), parts.size_bytes()), (1, 2 * PIECE_BYTES));
}

#[test]
fn the_newest_messages_end_at_a_gap() {
    let messages = |sequences: &[u64]| -> Vec<StoredMessage> {
        sequences.iter().map(|sequence| stored(*sequence, &Message::text(Role::User, "x"))).collect()
    };
    let cases: [(&[u64], usize, &[u64]); 6] = [
        (&[1, 2, 3], 9, &[1, 2, 3]),
        (&[1, 2, 3], 2, &[2, 3]),
        (&[1, 2, 4, 5], 9, &[4, 5]),
        (&[1, 3, 5], 9, &[5]),
        (&[1, 3, 4, 5], 2, &[4, 5]),
        (&[], 3, &[]),
    ];
    for (given, limit, expected) in cases {
        assert_eq!(newest_unbroken(messages(given), limit), messages(expected), "{given:?}");
    }
}

fn source() -> impl Strategy<Value = ResultSource> {
    prop_oneof![Just(ResultSource::Gateway), Just(ResultSource::Trusted), Just(ResultSource::Untrusted)]
}

fn content() -> impl Strategy<Value = Content> {
    prop_oneof![
        "\\PC{0,20}".prop_map(Content::Text),
        ("\\PC{0,8}", "[a-z]{1,8}", "\\PC{0,8}", any::<i32>()).prop_map(|(id, name, key, value)| {
            let arguments = json!({ key: [value, null, { "deep": "\u{0}" }] });
            Content::ToolCall(ToolCall { id: ToolCallId::new(id), name: ToolName::new(name), arguments })
        }),
        ("\\PC{0,8}", "\\PC{0,20}", any::<bool>(), source()).prop_map(|(call, text, is_error, source)| {
            Content::ToolResult(ToolResult { call: ToolCallId::new(call), text, is_error, source })
        }),
    ]
}

proptest! {
    #[test]
    fn every_message_is_read_back_unchanged(
        content in prop::collection::vec(content(), 0..4),
        role in prop::sample::select(vec![Role::User, Role::Assistant]),
        sequence in 0_u64..9_999_999_999,
    ) {
        let message = Message::new(role, content);
        let mut parts = MessageParts::default();
        for item in to_items("p", sequence, &message, NOW, 1).unwrap() {
            parts.push(item).unwrap();
        }
        prop_assert_eq!(parts.assemble().unwrap(), [stored(sequence, &message)]);
    }
}
