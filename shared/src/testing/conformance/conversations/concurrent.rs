//! Concurrent turns.

use std::sync::Arc;

use futures_util::future::join_all;

use super::check::{Check, Store};
use super::world::{World, at, panic_with, turn};
use crate::store::{Base, ConversationKey, Head, StoreError, TurnCommit};

pub(super) const CHECKS: &[Check] = &[
    Check::new("twenty concurrent turns are all stored, once and whole", |store| Box::pin(all_stored(store))),
    Check::new("one of twenty concurrent creations wins", |store| Box::pin(one_creates(store))),
];

/// Appends as the runner does, behind the winner, but without a deadline.
async fn append(store: Arc<dyn Store>, mut turn: TurnCommit) {
    loop {
        match store.commit(&turn).await {
            Ok(_) => return,
            Err(StoreError::Contention { head: Some(head) }) => {
                turn.attempt += 1;
                turn.base = Base::After(*head);
            }
            Err(error) if error.is_transient() => tokio::task::yield_now().await,
            Err(error) => panic_with("a turn", &error),
        }
    }
}

async fn assert_whole(world: &World, key: &ConversationKey, mut prompts: Vec<String>) {
    let texts = world.texts(key).await;
    let mut read = Vec::new();
    for pair in texts.chunks(2) {
        assert_eq!(pair[1], format!("re: {}", pair[0]), "no message is stored between prompt and answer");
        read.push(pair[0].clone());
    }
    read.sort();
    prompts.sort();
    assert_eq!(read, prompts);
}

async fn all_stored(store: Arc<dyn Store>) {
    let world = World::new(store);
    let (key, head) = world.create("first", at(0)).await;
    let turn_of = |index: u64| turn(&key, Base::After(head.clone()), &format!("prompt {index}"), at(index));
    join_all((0..20).map(|index| append(Arc::clone(&world.store), turn_of(index)))).await;
    let mut prompts: Vec<String> = (0..20).map(|index| format!("prompt {index}")).collect();
    prompts.push("first".to_owned());
    assert_whole(&world, &key, prompts).await;
}

async fn one_creates(store: Arc<dyn Store>) {
    let world = World::new(store);
    let key = world.key();
    let turns: Vec<TurnCommit> =
        (0..20).map(|index| turn(&key, Base::New, &format!("prompt {index}"), at(index))).collect();
    let results: Vec<Result<Head, StoreError>> = join_all(turns.iter().map(|turn| world.store.commit(turn))).await;
    let created = results.iter().filter(|result| result.is_ok()).count();
    assert_eq!(created, 1, "{results:?}");
    assert_eq!(world.texts(&key).await.len(), 2);
}
