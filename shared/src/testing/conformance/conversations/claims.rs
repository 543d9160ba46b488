//! Idempotency keys.

use std::sync::Arc;

use futures_util::future::join_all;

use super::check::{Check, Store};
use super::world::{ALL, World, assert_not_found, at, facts, panic_with, receipt, run, turn};
use crate::domain::{RunId, Timestamp};
use crate::store::{Base, Claim, ClaimRequest, IdempotencyKey, ReplayPointer, StoreError, TurnCommit};

pub(super) const CHECKS: &[Check] = &[
    Check::new("a key is claimed once", |store| Box::pin(claimed_once(store))),
    Check::new("one of twenty concurrent claims is fresh", |store| Box::pin(one_is_fresh(store))),
    Check::new("a completed key points to its run", |store| Box::pin(completed(store))),
    Check::new("a claim can be taken over when its run has ended", |store| Box::pin(taken_over(store))),
    Check::new("a turn is not stored if its claim was lost", |store| Box::pin(claim_lost(store))),
    Check::new("a turn that lost a race completes its key behind the winner", |store| Box::pin(loser_completes(store))),
    Check::new("a released key is free", |store| Box::pin(released(store))),
    Check::new("a key is forgotten when it expires", |store| Box::pin(forgotten(store))),
    Check::new("tenants do not share keys", |store| Box::pin(own_keys(store))),
];

fn request(key: &IdempotencyKey, body: &str, run: RunId, now: Timestamp) -> ClaimRequest {
    ClaimRequest {
        key: key.clone(),
        body_digest: body.to_owned(),
        run,
        now,
        running_until: now.plus(std::time::Duration::from_mins(1)),
        expires_at: at(24 * 3600),
    }
}

async fn claim(world: &World, request: &ClaimRequest) -> Claim {
    world.store.claim(request).await.expect("a claim")
}

async fn claimed_once(store: Arc<dyn Store>) {
    let world = World::new(store);
    let (key, first) = (world.idempotency_key(), run());
    assert_eq!(claim(&world, &request(&key, "body", first, at(0))).await, Claim::Fresh);
    assert_eq!(claim(&world, &request(&key, "body", run(), at(1))).await, Claim::Running { until: at(60) });
    assert_eq!(claim(&world, &request(&key, "other", run(), at(1))).await, Claim::OtherBody);
    // The run's own claim, whose answer was lost.
    assert_eq!(claim(&world, &request(&key, "body", first, at(0))).await, Claim::Fresh);
}

async fn one_is_fresh(store: Arc<dyn Store>) {
    let world = World::new(store);
    let key = world.idempotency_key();
    let requests: Vec<ClaimRequest> = (0..20).map(|_| request(&key, "body", run(), at(0))).collect();
    let claims = join_all(requests.iter().map(|request| claim(&world, request))).await;
    assert_eq!(claims.iter().filter(|claim| **claim == Claim::Fresh).count(), 1, "{claims:?}");
    assert_eq!(claims.iter().filter(|claim| matches!(claim, Claim::Running { .. })).count(), 19);
}

async fn completed(store: Arc<dyn Store>) {
    let world = World::new(store);
    let (key, conversation) = (world.idempotency_key(), world.key());
    let mut turn = turn(&conversation, Base::New, "1", at(0));
    assert_eq!(claim(&world, &request(&key, "body", turn.run, at(0))).await, Claim::Fresh);
    turn.receipt = Some(receipt(&key, "body", turn.run));
    let head = world.store.commit(&turn).await.expect("a turn");
    let done = Claim::Done(Box::new(ReplayPointer {
        conversation: conversation.conversation,
        output_sequence: 2,
        facts: facts(turn.run),
    }));
    assert_eq!(claim(&world, &request(&key, "body", run(), at(1))).await, done);
    assert_eq!(claim(&world, &request(&key, "other", run(), at(1))).await, Claim::OtherBody);
    // Neither the end of the run's time nor a release changes that.
    world.store.release(&key, turn.run).await.expect("a release");
    assert_eq!(claim(&world, &request(&key, "body", run(), at(3_600))).await, done);
    assert_eq!(world.store.commit(&turn).await.expect("the same turn"), head);
    assert_eq!(world.texts(&conversation).await.len(), 2);
}

async fn taken_over(store: Arc<dyn Store>) {
    let world = World::new(store);
    let key = world.idempotency_key();
    assert_eq!(claim(&world, &request(&key, "body", run(), at(0))).await, Claim::Fresh);
    let second = run();
    assert_eq!(claim(&world, &request(&key, "body", second, at(59))).await, Claim::Running { until: at(60) });
    assert_eq!(claim(&world, &request(&key, "other", second, at(60))).await, Claim::OtherBody);
    assert_eq!(claim(&world, &request(&key, "body", second, at(60))).await, Claim::Fresh);
    assert_eq!(claim(&world, &request(&key, "body", run(), at(61))).await, Claim::Running { until: at(120) });
}

async fn claim_lost(store: Arc<dyn Store>) {
    let world = World::new(store);
    let (key, conversation) = (world.idempotency_key(), world.key());
    let mut late = turn(&conversation, Base::New, "late", at(0));
    late.receipt = Some(receipt(&key, "body", late.run));
    let unclaimed = world.store.commit(&late).await;
    assert!(matches!(unclaimed, Err(StoreError::ClaimLost)), "{unclaimed:?}");
    claim(&world, &request(&key, "body", late.run, at(0))).await;
    assert_eq!(claim(&world, &request(&key, "body", run(), at(100))).await, Claim::Fresh);
    let lost = world.store.commit(&late).await;
    assert!(matches!(lost, Err(StoreError::ClaimLost)), "{lost:?}");
    assert_not_found(&world.store.load(&conversation, ALL).await);
}

async fn loser_completes(store: Arc<dyn Store>) {
    let world = World::new(store);
    let key = world.idempotency_key();
    let (conversation, head) = world.create("1", at(0)).await;
    let mut late = turn(&conversation, Base::After(head.clone()), "late", at(0));
    late.receipt = Some(receipt(&key, "body", late.run));
    claim(&world, &request(&key, "body", late.run, at(0))).await;
    let winner = world.append(&conversation, &head, "2").await;
    let lost = world.store.commit(&late).await;
    assert!(matches!(lost, Err(StoreError::Contention { head: Some(_) })), "{lost:?}");
    let rebased = TurnCommit { attempt: 1, base: Base::After(winner), ..late };
    world.store.commit(&rebased).await.expect("the loser's turn");
    match claim(&world, &request(&key, "body", run(), at(1))).await {
        Claim::Done(pointer) => assert_eq!(pointer.output_sequence, 6),
        other => panic_with("a completed key", &other),
    }
}

async fn released(store: Arc<dyn Store>) {
    let world = World::new(store);
    let (key, first, second) = (world.idempotency_key(), run(), run());
    claim(&world, &request(&key, "body", first, at(0))).await;
    world.store.release(&key, second).await.expect("a release that changes nothing");
    assert_eq!(claim(&world, &request(&key, "body", second, at(1))).await, Claim::Running { until: at(60) });
    world.store.release(&key, first).await.expect("a release");
    assert_eq!(claim(&world, &request(&key, "other", second, at(1))).await, Claim::Fresh);
    world.store.release(&world.idempotency_key(), first).await.expect("a release of nothing");
}

async fn forgotten(store: Arc<dyn Store>) {
    let world = World::new(store);
    let key = world.idempotency_key();
    claim(&world, &request(&key, "body", run(), at(0))).await;
    let mut late = request(&key, "other", run(), at(24 * 3600 - 1));
    assert_eq!(claim(&world, &late).await, Claim::OtherBody);
    late.now = at(24 * 3600);
    assert_eq!(claim(&world, &late).await, Claim::Fresh);
}

async fn own_keys(store: Arc<dyn Store>) {
    let (one, other) = (World::new(Arc::clone(&store)), World::new(store));
    let key = one.idempotency_key();
    let twin = IdempotencyKey { tenant: other.tenant.clone(), digest: key.digest.clone() };
    assert_eq!(claim(&one, &request(&key, "body", run(), at(0))).await, Claim::Fresh);
    assert_eq!(claim(&one, &request(&twin, "other", run(), at(0))).await, Claim::Fresh);
}
