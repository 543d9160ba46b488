//! Committing turns.

use std::sync::Arc;

use serde_json::json;

use super::check::{Check, Store};
use super::world::{ALL, World, agent, assert_not_found, at, panic_with, turn, winner};
use crate::domain::{Content, Marks, Message, Role, ToolCall, ToolCallId, ToolName, ToolResult};
use crate::store::{Base, Head, StoreError, TurnCommit, Version};

pub(super) const CHECKS: &[Check] = &[
    Check::new("a new conversation is read back", |store| Box::pin(new_conversation(store))),
    Check::new("turns append in order", |store| Box::pin(turns_append(store))),
    Check::new("every kind of content is read back", |store| Box::pin(every_content(store))),
    Check::new("a learned ratio stays until another replaces it", |store| Box::pin(ratio_stays(store))),
    Check::new("a turn that lost a race gets the winner's head and appends behind it", |store| {
        Box::pin(loser_appends(store))
    }),
    Check::new("a conversation is created once", |store| Box::pin(created_once(store))),
    Check::new("the same turn twice is one turn", |store| Box::pin(same_turn_twice(store))),
    Check::new("the same token for another turn is rejected", |store| Box::pin(token_reused(store))),
    Check::new("a turn behind a missing conversation is not found", |store| Box::pin(behind_missing(store))),
    Check::new("a turn without messages is rejected", |store| Box::pin(no_messages(store))),
];

async fn new_conversation(store: Arc<dyn Store>) {
    let world = World::new(store);
    let key = world.key();
    let turn = TurnCommit { millibytes_per_token: Some(4_200), ..turn(&key, Base::New, "hello", at(0)) };
    let head = world.store.commit(&turn).await.expect("a new conversation");
    let expected = Head {
        conversation: key.conversation,
        version: Version(1),
        next_sequence: 3,
        agent: agent(),
        title: "a title".to_owned(),
        created_at: at(0),
        updated_at: at(0),
        millibytes_per_token: Some(4_200),
    };
    assert_eq!(head, expected);
    let loaded = world.store.load(&key, ALL).await.expect("the conversation");
    assert_eq!(loaded.head, expected);
    let messages: Vec<Message> = loaded.messages.iter().map(|stored| stored.message.clone()).collect();
    assert_eq!(messages, turn.messages);
    assert!(loaded.messages.iter().all(|stored| stored.created_at == at(0)));
}

async fn turns_append(store: Arc<dyn Store>) {
    let world = World::new(store);
    let (key, mut head) = world.create("1", at(0)).await;
    for prompt in ["2", "3"] {
        head = world.append(&key, &head, prompt).await;
    }
    assert_eq!((head.version, head.next_sequence), (Version(3), 7));
    assert_eq!((head.created_at, head.updated_at), (at(0), at(2)));
    assert_eq!(world.texts(&key).await, ["1", "re: 1", "2", "re: 2", "3", "re: 3"]);
    assert_eq!(world.store.load(&key, ALL).await.expect("the conversation").head, head);
}

async fn every_content(store: Arc<dyn Store>) {
    let world = World::new(store);
    let key = world.key();
    let call = ToolCall {
        id: ToolCallId::new("call#1"),
        name: ToolName::new("weather"),
        arguments: json!({ "place": "Zürich \u{1f327}", "deep": [1, 2.5, null, { "a": true }] }),
    };
    let result = ToolResult {
        call: call.id.clone(),
        text: "{\"rain\": \"yes\"}".to_owned(),
        is_error: true,
        source: crate::domain::ResultSource::default(),
    };
    let messages = vec![
        Message::text(Role::User, "e\u{301} \u{1f469}\u{200d}\u{1f680} \u{0} \" \\ \n \u{202e}שלום"),
        Message::new(Role::Assistant, vec![Content::Text("let me see".to_owned()), Content::ToolCall(call)])
            .with_marks(Marks { is_tainted: true, data: ["card".to_owned(), "customer".to_owned()].into() }),
        Message::new(Role::User, vec![Content::ToolResult(result)]),
        Message::text(Role::Assistant, ""),
        Message::new(Role::Assistant, Vec::new()),
        Message::new(Role::User, vec![Content::Text("a".to_owned()), Content::Text("b".to_owned())]),
    ];
    let turn = TurnCommit { messages: messages.clone(), ..turn(&key, Base::New, "", at(0)) };
    world.store.commit(&turn).await.expect("a turn");
    let loaded = world.store.load(&key, ALL).await.expect("the conversation");
    let read: Vec<Message> = loaded.messages.into_iter().map(|stored| stored.message).collect();
    assert_eq!(read, messages);
}

async fn ratio_stays(store: Arc<dyn Store>) {
    let world = World::new(store);
    let key = world.key();
    let mut base = Base::New;
    for (given, expected) in [(None, None), (Some(3_000), Some(3_000)), (None, Some(3_000)), (Some(4_000), Some(4_000))]
    {
        let turn = TurnCommit { millibytes_per_token: given, ..turn(&key, base, "a", at(0)) };
        let head = world.store.commit(&turn).await.expect("a turn");
        assert_eq!(head.millibytes_per_token, expected);
        assert_eq!(world.store.load(&key, ALL).await.expect("the conversation").head, head);
        base = Base::After(head);
    }
}

async fn loser_appends(store: Arc<dyn Store>) {
    let world = World::new(store);
    let (key, head) = world.create("1", at(0)).await;
    let won = world.append(&key, &head, "winner").await;
    let late = turn(&key, Base::After(head), "loser", at(5));
    let theirs = winner(world.store.commit(&late).await);
    assert_eq!(theirs, won);
    let rebased = TurnCommit { attempt: 1, base: Base::After(theirs), ..late };
    world.store.commit(&rebased).await.expect("the loser's turn");
    assert_eq!(world.texts(&key).await, ["1", "re: 1", "winner", "re: winner", "loser", "re: loser"]);
}

async fn created_once(store: Arc<dyn Store>) {
    let world = World::new(store);
    let (key, head) = world.create("first", at(0)).await;
    let twin = turn(&key, Base::New, "second", at(1));
    assert_eq!(winner(world.store.commit(&twin).await), head);
    assert_eq!(world.texts(&key).await, ["first", "re: first"]);
}

async fn same_turn_twice(store: Arc<dyn Store>) {
    let world = World::new(store);
    let key = world.key();
    let first = turn(&key, Base::New, "1", at(0));
    let head = world.store.commit(&first).await.expect("a turn");
    assert_eq!(world.store.commit(&first).await.expect("the same turn"), head);
    let second = turn(&key, Base::After(head), "2", at(1));
    let head = world.store.commit(&second).await.expect("a turn");
    let third = world.append(&key, &head, "3").await;
    // This holds even after another turn.
    assert_eq!(world.store.commit(&second).await.expect("the same turn"), head);
    assert_eq!(world.store.load(&key, ALL).await.expect("the conversation").head, third);
    assert_eq!(world.texts(&key).await, ["1", "re: 1", "2", "re: 2", "3", "re: 3"]);
}

async fn token_reused(store: Arc<dyn Store>) {
    let world = World::new(store);
    let first = turn(&world.key(), Base::New, "1", at(0));
    world.store.commit(&first).await.expect("a turn");
    let other = TurnCommit { key: world.key(), ..first };
    let refused = world.store.commit(&other).await;
    assert!(matches!(refused, Err(StoreError::Refused(_))), "{refused:?}");
    assert_not_found(&world.store.load(&other.key, ALL).await);
}

async fn behind_missing(store: Arc<dyn Store>) {
    let world = World::new(store);
    let (_, head) = world.create("1", at(0)).await;
    let key = world.key();
    let head = Head { conversation: key.conversation, ..head };
    assert_not_found(&world.store.commit(&turn(&key, Base::After(head), "2", at(1))).await);
    assert_not_found(&world.store.load(&key, ALL).await);
}

async fn no_messages(store: Arc<dyn Store>) {
    let world = World::new(store);
    let empty = TurnCommit { messages: Vec::new(), ..turn(&world.key(), Base::New, "", at(0)) };
    match world.store.commit(&empty).await {
        Err(StoreError::Refused(_)) => {}
        other => panic_with("a rejection", &other),
    }
}
