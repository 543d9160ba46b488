//! Random operations on a store and on the reference, which must give the same answers.

use std::fmt::Debug;
use std::sync::Arc;

use super::check::Store;
use super::world::{ALL, World, at, receipt, run, turn};
use crate::domain::{RunId, UserId};
use crate::store::{
    Base, ClaimRequest, ConversationKey, ConversationStore, Head, IdempotencyKey, IdempotencyLedger, InMemoryStore,
    StoreError, TurnCommit, Window,
};

/// Pseudo-random numbers, the same for the same seed (Marsaglia's xorshift).
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % bound
    }

    fn pick<T: Clone>(&mut self, from: &[T]) -> Option<T> {
        let bound = u64::try_from(from.len()).ok().filter(|length| *length > 0)?;
        from.get(usize::try_from(self.below(bound)).ok()?).cloned()
    }
}

struct Pair {
    tested: World,
    reference: InMemoryStore,
    dice: Dice,
    keys: Vec<ConversationKey>,
    claims: Vec<IdempotencyKey>,
    claimed: Vec<(IdempotencyKey, RunId)>,
    heads: Vec<(ConversationKey, Head)>,
    turns: Vec<TurnCommit>,
}

/// Performs `steps` operations and compares every answer.
///
/// # Panics
/// If an answer differs; the message has the seed and the step.
pub async fn compare_with_reference(store: Arc<dyn Store>, seed: u64, steps: u64) {
    let tested = World::new(store);
    let owners = [UserId::new("a"), UserId::new("b")];
    let keys = (0..6_usize).map(|index| ConversationKey { owner: owners[index % 2].clone(), ..tested.key() });
    let mut pair = Pair {
        keys: keys.collect(),
        claims: (0..3).map(|_| tested.idempotency_key()).collect(),
        tested,
        reference: InMemoryStore::new(),
        dice: Dice(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1),
        claimed: Vec::new(),
        heads: Vec::new(),
        turns: Vec::new(),
    };
    for step in 0..steps {
        pair.step(step, &format!("seed {seed}, step {step}")).await;
    }
}

fn same<T: Debug + PartialEq>(place: &str, tested: &Result<T, StoreError>, reference: &Result<T, StoreError>) {
    match (tested, reference) {
        (Ok(tested), Ok(reference)) => assert_eq!(tested, reference, "{place}"),
        // Errors have no equality, and their texts name all that they hold.
        (tested, reference) => assert_eq!(format!("{tested:?}"), format!("{reference:?}"), "{place}"),
    }
}

impl Pair {
    async fn step(&mut self, step: u64, place: &str) {
        let Some(key) = self.dice.pick(&self.keys) else { return };
        match self.dice.below(12) {
            0..5 => self.commit(step, key, place).await,
            5 => self.again(place).await,
            6 => self.load(&key, place).await,
            7 => self.transcript(&key, place).await,
            8 => self.list(&key, place).await,
            9 => self.claim(step, place).await,
            10 => self.release(place).await,
            _ if self.dice.below(3) == 0 => self.erase(step, &key, place).await,
            _ => {}
        }
    }

    async fn commit(&mut self, step: u64, key: ConversationKey, place: &str) {
        let known: Vec<(ConversationKey, Head)> =
            self.heads.iter().filter(|(of, _)| of.conversation == key.conversation).cloned().collect();
        let latest = known.last().map(|(_, head)| head.clone());
        // Mostly the latest head, sometimes an outdated one, sometimes none.
        let base = match self.dice.below(6) {
            0 => None,
            1 => self.dice.pick(&known).map(|(_, head)| head),
            _ => latest,
        };
        let mut key = key;
        if self.dice.below(10) == 0 {
            key.owner = UserId::new("c");
        }
        let mut turn = turn(&key, base.map_or(Base::New, Base::After), &format!("step {step}"), at(step));
        if self.dice.below(3) == 0
            && let Some((claim, run)) = self.dice.pick(&self.claimed)
        {
            turn.run = run;
            turn.attempt = u32::try_from(step).unwrap_or(u32::MAX);
            turn.receipt = Some(receipt(&claim, "body", run));
        }
        let tested = self.tested.store.commit(&turn).await;
        let reference = ConversationStore::commit(&self.reference, &turn).await;
        same(place, &tested, &reference);
        match tested {
            Ok(head) => self.heads.push((key, head)),
            Err(StoreError::Contention { head: Some(head) }) => self.heads.push((key, *head)),
            Err(_) => {}
        }
        self.turns.push(turn);
    }

    /// Commits a turn again, whatever its outcome was.
    async fn again(&mut self, place: &str) {
        if let Some(turn) = self.dice.pick(&self.turns) {
            let tested = self.tested.store.commit(&turn).await;
            same(place, &tested, &ConversationStore::commit(&self.reference, &turn).await);
            if let Ok(head) = tested {
                self.heads.insert(0, (turn.key, head));
            }
        }
    }

    async fn load(&mut self, key: &ConversationKey, place: &str) {
        let messages = usize::try_from(self.dice.below(12)).unwrap_or_default();
        let window = Window { messages, ..ALL };
        let reference = ConversationStore::load(&self.reference, key, window).await;
        same(place, &self.tested.store.load(key, window).await, &reference);
    }

    async fn transcript(&mut self, key: &ConversationKey, place: &str) {
        let after = self.dice.below(12);
        let limit = 1 + usize::try_from(self.dice.below(6)).unwrap_or_default();
        let bytes = usize::try_from(self.dice.below(60)).unwrap_or_default();
        let reference = ConversationStore::transcript(&self.reference, key, after, limit, bytes).await;
        same(place, &self.tested.store.transcript(key, after, limit, bytes).await, &reference);
    }

    async fn list(&mut self, key: &ConversationKey, place: &str) {
        let limit = 1 + usize::try_from(self.dice.below(4)).unwrap_or_default();
        let mut request = self.tested.listing(limit, None);
        request.owner = key.owner.clone();
        loop {
            let tested = self.tested.store.list(&request).await;
            let reference = ConversationStore::list(&self.reference, &request).await;
            same(place, &tested, &reference);
            request.cursor = tested.ok().and_then(|page| page.next);
            if request.cursor.is_none() {
                break;
            }
        }
    }

    async fn claim(&mut self, step: u64, place: &str) {
        let Some(key) = self.dice.pick(&self.claims) else { return };
        let run = run();
        let request = ClaimRequest {
            key: key.clone(),
            body_digest: if self.dice.below(5) == 0 { "other" } else { "body" }.to_owned(),
            run,
            now: at(step),
            running_until: at(step + 5),
            expires_at: at(step + 40),
        };
        let reference = IdempotencyLedger::claim(&self.reference, &request).await;
        same(place, &self.tested.store.claim(&request).await, &reference);
        self.claimed.push((key, run));
    }

    async fn release(&mut self, place: &str) {
        if let Some((key, run)) = self.dice.pick(&self.claimed) {
            let reference = IdempotencyLedger::release(&self.reference, &key, run).await;
            same(place, &self.tested.store.release(&key, run).await, &reference);
        }
    }

    async fn erase(&mut self, step: u64, key: &ConversationKey, place: &str) {
        let reference = ConversationStore::erase(&self.reference, key, at(step)).await;
        same(place, &self.tested.store.erase(key, at(step)).await, &reference);
        if self.dice.below(2) == 0 {
            let reference = ConversationStore::purge(&self.reference, key).await;
            same(place, &self.tested.store.purge(key).await, &reference);
        }
    }
}
