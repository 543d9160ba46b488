//! Erasing conversations.

use std::sync::Arc;

use super::check::{Check, Store};
use super::world::{ALL, World, assert_not_found, at, turn};
use crate::domain::{Message, Role, UserId};
use crate::store::{Base, ConversationKey, TurnCommit};

pub(super) const CHECKS: &[Check] = &[
    Check::new("an erased conversation is unreadable at once", |store| Box::pin(unreadable(store))),
    Check::new("a late turn does not revive an erased conversation", |store| Box::pin(not_revived(store))),
    Check::new("a purge ends and leaves the tombstone", |store| Box::pin(purged(store))),
    Check::new("only an erased conversation can be purged", |store| Box::pin(only_erased(store))),
];

async fn unreadable(store: Arc<dyn Store>) {
    let world = World::new(store);
    let (kept, _) = world.create("kept", at(0)).await;
    let (key, _) = world.create("erased", at(1)).await;
    world.store.erase(&key, at(2)).await.expect("an erasure");
    assert_not_found(&world.store.load(&key, ALL).await);
    assert_not_found(&world.store.transcript(&key, 0, 1, 1_000).await);
    let listed = world.store.list(&world.listing(10, None)).await.expect("a list").conversations;
    let listed: Vec<_> = listed.iter().map(|head| head.conversation).collect();
    assert_eq!(listed, [kept.conversation]);
    // The owner may ask again, at any time and after everything was deleted.
    for time in [at(2), at(3)] {
        world.store.erase(&key, time).await.expect("the same erasure");
    }
    while !world.store.purge(&key).await.expect("a purge") {}
    world.store.erase(&key, at(4)).await.expect("the same erasure");
    let stranger = ConversationKey { owner: UserId::new("stranger"), ..key };
    assert_not_found(&world.store.erase(&stranger, at(3)).await);
    assert_not_found(&world.store.erase(&world.key(), at(3)).await);
}

async fn not_revived(store: Arc<dyn Store>) {
    let world = World::new(store);
    let (key, head) = world.create("1", at(0)).await;
    world.store.erase(&key, at(1)).await.expect("an erasure");
    for _ in 0..2 {
        assert_not_found(&world.store.commit(&turn(&key, Base::After(head.clone()), "2", at(2))).await);
        assert_not_found(&world.store.commit(&turn(&key, Base::New, "2", at(2))).await);
        assert_not_found(&world.store.load(&key, ALL).await);
        while !world.store.purge(&key).await.expect("a purge") {}
    }
}

async fn purged(store: Arc<dyn Store>) {
    let world = World::new(store);
    let (key, mut head) = world.create("1", at(0)).await;
    for _ in 0..3 {
        let messages = (0..60).map(|_| Message::text(Role::User, "x")).collect();
        let turn = TurnCommit { messages, ..turn(&key, Base::After(head), "", at(1)) };
        head = world.store.commit(&turn).await.expect("a turn");
    }
    assert_eq!(world.store.unpurged(&key.tenant, &key.owner).await.expect("a list"), []);
    world.store.erase(&key, at(2)).await.expect("an erasure");
    assert_eq!(world.store.unpurged(&key.tenant, &key.owner).await.expect("a list"), [key.conversation]);
    assert_eq!(world.store.unpurged(&key.tenant, &UserId::new("stranger")).await.expect("a list"), []);
    let mut pages = 0;
    while !world.store.purge(&key).await.expect("a purge") {
        pages += 1;
        assert!(pages < 100, "a purge comes to an end");
    }
    assert!(world.store.purge(&key).await.expect("a purge"), "nothing is left");
    assert_eq!(world.store.unpurged(&key.tenant, &key.owner).await.expect("a list"), []);
    assert_not_found(&world.store.commit(&turn(&key, Base::After(head), "late", at(3))).await);
}

async fn only_erased(store: Arc<dyn Store>) {
    let world = World::new(store);
    let (key, _) = world.create("1", at(0)).await;
    assert_not_found(&world.store.purge(&key).await);
    assert_eq!(world.texts(&key).await.len(), 2);
    assert!(world.store.purge(&world.key()).await.expect("nothing to purge"));
}
