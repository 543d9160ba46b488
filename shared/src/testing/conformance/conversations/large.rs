//! Content that does not fit one item or one page.

use std::sync::Arc;

use serde_json::json;

use super::check::{Check, Store};
use super::world::{ALL, World, at, turn};
use crate::domain::{Content, Message, Role, ToolCall, ToolCallId, ToolName};
use crate::store::{Base, StoredMessage, TurnCommit, Window};

pub(super) const CHECKS: &[Check] = &[
    Check::new("content over 350 KB is read back", |store| Box::pin(long_content(store))),
    Check::new("a turn over 1 MB is read back", |store| Box::pin(large_turn(store))),
    Check::new("a window smaller than the newest messages returns whole ones", |store| Box::pin(small_window(store))),
    Check::new("a long conversation is read back whole", |store| Box::pin(long_conversation(store))),
];

fn long(character: &str, size_bytes: usize) -> String {
    character.repeat(size_bytes / character.len())
}

fn messages(loaded: &[StoredMessage]) -> Vec<Message> {
    loaded.iter().map(|stored| stored.message.clone()).collect()
}

async fn long_content(store: Arc<dyn Store>) {
    let world = World::new(store);
    let key = world.key();
    let arguments = json!({ "text": long("\"ä", 400_000) });
    let call = ToolCall { id: ToolCallId::new("1"), name: ToolName::new("write"), arguments };
    let given = vec![
        Message::text(Role::User, long("\u{1f600}", 800_000)),
        Message::new(Role::Assistant, vec![Content::ToolCall(call)]),
    ];
    let turn = TurnCommit { messages: given.clone(), ..turn(&key, Base::New, "", at(0)) };
    let head = world.store.commit(&turn).await.expect("a turn");
    assert_eq!(messages(&world.store.load(&key, ALL).await.expect("the conversation").messages), given);
    let page = world.store.transcript(&key, 0, 1, 100).await.expect("a page");
    assert_eq!((messages(&page.messages), page.next_after), (given[..1].to_vec(), Some(1)));
    let page = world.store.transcript(&key, 1, 1, 100).await.expect("a page");
    assert_eq!((messages(&page.messages), page.next_after), (given[1..].to_vec(), None));
    assert_eq!(page.head, head);
}

async fn large_turn(store: Arc<dyn Store>) {
    let world = World::new(store);
    let key = world.key();
    let given: Vec<Message> = (0..8).map(|_| Message::text(Role::User, long("u", 300_000))).collect();
    let turn = TurnCommit { messages: given.clone(), ..turn(&key, Base::New, "", at(0)) };
    world.store.commit(&turn).await.expect("a turn");
    assert_eq!(messages(&world.store.load(&key, ALL).await.expect("the conversation").messages), given);
}

async fn small_window(store: Arc<dyn Store>) {
    let world = World::new(store);
    let key = world.key();
    let given =
        vec![Message::text(Role::User, long("a", 1_500_000)), Message::text(Role::Assistant, long("b", 900_000))];
    let turn = TurnCommit { messages: given.clone(), ..turn(&key, Base::New, "", at(0)) };
    world.store.commit(&turn).await.expect("a turn");
    let window = Window { messages: 10, size_bytes: 10 };
    let loaded = world.store.load(&key, window).await.expect("the conversation");
    let loaded = messages(&loaded.messages);
    assert!(given.ends_with(&loaded), "only whole messages, the newest");
}

async fn long_conversation(store: Arc<dyn Store>) {
    let world = World::new(store);
    let (key, mut head) = world.create("first", at(0)).await;
    let mut expected = vec!["first".to_owned(), "re: first".to_owned()];
    for turn_number in 0..3 {
        let texts: Vec<String> = (0..90).map(|index| format!("{turn_number}/{index}")).collect();
        let messages = texts.iter().map(|text| Message::text(Role::User, text)).collect();
        let turn = TurnCommit { messages, ..turn(&key, Base::After(head), "", at(turn_number)) };
        head = world.store.commit(&turn).await.expect("a turn");
        expected.extend(texts);
    }
    assert_eq!(world.texts(&key).await, expected);
    let page = world.store.transcript(&key, 100, 1_000, 1_000_000).await.expect("a page");
    let read: Vec<String> = page.messages.iter().map(|stored| stored.message.plain_text()).collect();
    assert_eq!((read, page.next_after), (expected[100..].to_vec(), None));
}
