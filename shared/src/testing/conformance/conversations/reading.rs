//! Loading, listing and paging through transcripts, and isolation of owners.

use std::sync::Arc;

use super::check::{Check, Store};
use super::world::{ALL, World, assert_not_found, at, turn};
use crate::domain::{Message, Role, TenantId, UserId};
use crate::store::{Base, ConversationKey, ListRequest, TurnCommit, Window};

pub(super) const CHECKS: &[Check] = &[
    Check::new("a load returns the newest messages within the window", |store| Box::pin(newest(store))),
    Check::new("another user's conversation is not found", |store| Box::pin(other_owners(store))),
    Check::new("names cannot reach into another owner's keys", |store| Box::pin(hostile_names(store))),
    Check::new("a list is newest first, in pages", |store| Box::pin(list_pages(store))),
    Check::new("a list's cursor stays valid while conversations move", |store| Box::pin(list_moves(store))),
    Check::new("conversations with the same time are all listed", |store| Box::pin(list_ties(store))),
    Check::new("a transcript pages by count", |store| Box::pin(transcript_count(store))),
    Check::new("a transcript pages by size", |store| Box::pin(transcript_size(store))),
    Check::new("the store passes its check", |store| Box::pin(check(store))),
];

async fn newest(store: Arc<dyn Store>) {
    let world = World::new(store);
    let (key, mut head) = world.create("1", at(0)).await;
    for prompt in ["2", "3", "4"] {
        head = world.append(&key, &head, prompt).await;
    }
    for messages in 0..10 {
        let loaded = world.store.load(&key, Window { messages, ..ALL }).await.expect("the conversation");
        assert_eq!(loaded.head, head);
        let sequences: Vec<u64> = loaded.messages.iter().map(|stored| stored.sequence).collect();
        let expected: Vec<u64> = (1..=8).skip(8_usize.saturating_sub(messages)).collect();
        assert_eq!(sequences, expected, "{messages} messages");
    }
}

async fn other_owners(store: Arc<dyn Store>) {
    let world = World::new(store);
    let (key, head) = world.create("secret", at(0)).await;
    let owner = ConversationKey { owner: UserId::new("another"), ..key.clone() };
    let tenant = ConversationKey { tenant: TenantId::new(format!("{}-b", key.tenant)), ..key.clone() };
    for other in [owner, tenant] {
        assert_not_found(&world.store.load(&other, ALL).await);
        assert_not_found(&world.store.transcript(&other, 0, 10, 1_000).await);
        assert_not_found(&world.store.erase(&other, at(1)).await);
        assert_not_found(&world.store.commit(&turn(&other, Base::After(head.clone()), "x", at(1))).await);
        let request = ListRequest { tenant: other.tenant, owner: other.owner, limit: 10, cursor: None };
        assert!(world.store.list(&request).await.expect("a list").conversations.is_empty());
    }
    let twin = ConversationKey { owner: UserId::new("another"), ..key.clone() };
    assert_not_found(&world.store.commit(&turn(&twin, Base::New, "x", at(1))).await);
    assert_eq!(world.texts(&key).await, ["secret", "re: secret"]);
}

async fn hostile_names(store: Arc<dyn Store>) {
    let world = World::new(store);
    let tenant = &world.tenant;
    let names = [
        (format!("{tenant}"), "a#b"),
        (format!("{tenant}"), "a%23b"),
        (format!("{tenant}"), "a"),
        (format!("{tenant}#U#a"), "b"),
        (format!("{tenant}#U"), "a#b"),
        (format!("{tenant}%23U%23a"), "b"),
        (format!("{tenant} ü/\\\u{1f600}"), "client:x"),
    ];
    let mut keys = Vec::new();
    for (tenant, owner) in names {
        let key = ConversationKey { tenant: TenantId::new(tenant), owner: UserId::new(owner), ..world.key() };
        world.store.commit(&turn(&key, Base::New, owner, at(0))).await.expect("a turn");
        keys.push(key);
    }
    for key in &keys {
        assert_eq!(world.texts(key).await[0], key.owner.as_str());
        let request = ListRequest { tenant: key.tenant.clone(), owner: key.owner.clone(), limit: 10, cursor: None };
        let listed = world.store.list(&request).await.expect("a list").conversations;
        let listed: Vec<_> = listed.iter().map(|head| head.conversation).collect();
        assert_eq!(listed, [key.conversation]);
    }
}

async fn list_pages(store: Arc<dyn Store>) {
    let world = World::new(store);
    let mut expected = Vec::new();
    for second in 0..7 {
        expected.insert(0, world.create("x", at(second)).await.1);
    }
    for limit in [1, 3, 6, 7, 8] {
        let (mut listed, mut cursor) = (Vec::new(), None);
        loop {
            let page = world.store.list(&world.listing(limit, cursor)).await.expect("a list");
            assert!(page.conversations.len() == limit || page.next.is_none());
            listed.extend(page.conversations);
            cursor = page.next;
            if cursor.is_none() {
                break;
            }
        }
        assert_eq!(listed, expected, "pages of {limit}");
    }
}

async fn list_moves(store: Arc<dyn Store>) {
    let world = World::new(store);
    let mut heads = Vec::new();
    for second in 0..4 {
        heads.push(world.create("x", at(second)).await);
    }
    let page = world.store.list(&world.listing(2, None)).await.expect("a list");
    assert_eq!(page.conversations, [heads[3].1.clone(), heads[2].1.clone()]);
    // The last one listed moves to the top, and a new one arrives.
    let moved = turn(&heads[2].0, Base::After(heads[2].1.clone()), "y", at(10));
    world.store.commit(&moved).await.expect("a turn");
    world.create("new", at(11)).await;
    let page = world.store.list(&world.listing(2, page.next)).await.expect("a list");
    assert_eq!(page.conversations, [heads[1].1.clone(), heads[0].1.clone()]);
    assert_eq!(page.next, None);
}

async fn list_ties(store: Arc<dyn Store>) {
    let world = World::new(store);
    let mut expected = Vec::new();
    for _ in 0..5 {
        expected.push(world.create("x", at(0)).await.1.conversation);
    }
    let (mut listed, mut cursor) = (Vec::new(), None);
    for _ in 0..3 {
        let page = world.store.list(&world.listing(2, cursor)).await.expect("a list");
        listed.extend(page.conversations.into_iter().map(|head| head.conversation));
        cursor = page.next;
    }
    assert_eq!(cursor, None);
    listed.sort();
    expected.sort();
    assert_eq!(listed, expected);
}

async fn transcript_count(store: Arc<dyn Store>) {
    let world = World::new(store);
    let (key, head) = world.create("1", at(0)).await;
    let head = world.append(&key, &head, "2").await;
    let expected = world.store.load(&key, ALL).await.expect("the conversation").messages;
    for limit in 1..6 {
        let (mut read, mut after) = (Vec::new(), 0);
        loop {
            let page = world.store.transcript(&key, after, limit, 100_000).await.expect("a page");
            assert_eq!(page.head, head);
            assert!(page.messages.len() == limit || page.next_after.is_none());
            read.extend(page.messages);
            match page.next_after {
                Some(next) => after = next,
                None => break,
            }
        }
        assert_eq!(read, expected, "pages of {limit}");
    }
    let beyond = world.store.transcript(&key, 4, 10, 100_000).await.expect("a page");
    assert_eq!((beyond.messages.len(), beyond.next_after), (0, None));
}

async fn transcript_size(store: Arc<dyn Store>) {
    let world = World::new(store);
    let key = world.key();
    let sizes = [0, 40, 60, 500, 10, 90, 1];
    let messages = sizes.iter().map(|size| Message::text(Role::User, "x".repeat(*size))).collect();
    world.store.commit(&TurnCommit { messages, ..turn(&key, Base::New, "", at(0)) }).await.expect("a turn");
    let (mut pages, mut after) = (Vec::new(), Some(0));
    while let Some(from) = after {
        let page = world.store.transcript(&key, from, 10, 100).await.expect("a page");
        pages.push(page.messages.iter().map(|stored| stored.message.size_bytes()).collect::<Vec<_>>());
        after = page.next_after;
    }
    assert_eq!(pages, [vec![0, 40, 60], vec![500], vec![10, 90], vec![1]]);
}

async fn check(store: Arc<dyn Store>) {
    store.check().await.expect("a reachable store");
}
