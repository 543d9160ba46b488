//! The reference implementation of the ports, for tests.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;

use super::{
    Base, Claim, ClaimRequest, ConversationKey, ConversationPage, ConversationStore, Head, IdempotencyKey,
    IdempotencyLedger, IdempotencyReceipt, ListCursor, ListRequest, Loaded, ReplayPointer, StoreError, StoredMessage,
    Transcript, TurnCommit, Window,
};
use crate::domain::{ConversationId, RunId, TenantId, Timestamp, UserId};

/// Keeps everything in this process. Nothing expires but idempotency keys.
#[derive(Debug, Default)]
pub struct InMemoryStore {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    conversations: HashMap<(TenantId, ConversationId), Conversation>,
    claims: HashMap<IdempotencyKey, StoredClaim>,
    /// Turns by run and attempt, as a transaction's token knows them.
    committed: HashMap<(RunId, u32), TurnCommit>,
}

#[derive(Debug)]
struct Conversation {
    owner: UserId,
    head: Head,
    messages: BTreeMap<u64, StoredMessage>,
    /// The run of the last turn.
    run: RunId,
    erased_at: Option<Timestamp>,
}

#[derive(Debug)]
struct StoredClaim {
    body_digest: String,
    run: RunId,
    running_until: Timestamp,
    expires_at: Timestamp,
    done: Option<ReplayPointer>,
}

impl InMemoryStore {
    /// An empty store.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn living(&self, key: &ConversationKey) -> Result<&Conversation, StoreError> {
        self.conversations
            .get(&(key.tenant.clone(), key.conversation))
            .filter(|conversation| conversation.owner == key.owner && conversation.erased_at.is_none())
            .ok_or(StoreError::NotFound)
    }

    fn commit(&mut self, turn: &TurnCommit) -> Result<Head, StoreError> {
        match self.committed.get(&(turn.run, turn.attempt)) {
            Some(committed) if committed == turn => return Ok(turn.head_after()),
            Some(_) => return Err(StoreError::Refused("IdempotentParameterMismatchException".to_owned())),
            None => {}
        }
        let output_index = turn.receipt.as_ref().map_or(0, |receipt| receipt.output_index);
        if output_index >= turn.messages.len() {
            return Err(StoreError::Refused("the turn lacks messages".to_owned()));
        }
        if self.is_committed(turn) {
            return Ok(turn.head_after());
        }
        if let Some(receipt) = &turn.receipt {
            self.unsettled(receipt, turn.run)?;
        }
        self.check_base(turn)?;
        self.append(turn);
        self.committed.insert((turn.run, turn.attempt), turn.clone());
        Ok(turn.head_after())
    }

    /// Whether the run's turn stands at that very place, whichever attempt put it there.
    fn is_committed(&self, turn: &TurnCommit) -> bool {
        let is_last = self.living(&turn.key).is_ok_and(|conversation| {
            conversation.run == turn.run && conversation.head.version == turn.head_after().version
        });
        let claim = turn.receipt.as_ref().and_then(|receipt| self.claims.get(&receipt.key));
        let is_settled = claim.filter(|claim| claim.run == turn.run).and_then(|claim| claim.done.as_ref());
        is_last
            || is_settled.is_some_and(|done| {
                done.conversation == turn.key.conversation && Some(done.output_sequence) == turn.output_sequence()
            })
    }

    fn unsettled(&self, receipt: &IdempotencyReceipt, run: RunId) -> Result<(), StoreError> {
        let ours = self.claims.get(&receipt.key).is_some_and(|claim| claim.run == run && claim.done.is_none());
        if ours { Ok(()) } else { Err(StoreError::ClaimLost) }
    }

    fn check_base(&self, turn: &TurnCommit) -> Result<(), StoreError> {
        let is_known = self.conversations.contains_key(&(turn.key.tenant.clone(), turn.key.conversation));
        match &turn.base {
            Base::New if !is_known => Ok(()),
            base => {
                let stored = self.living(&turn.key)?;
                match base {
                    Base::After(head) if head.version == stored.head.version => Ok(()),
                    _ => Err(StoreError::Contention { head: Some(Box::new(stored.head.clone())) }),
                }
            }
        }
    }

    fn append(&mut self, turn: &TurnCommit) {
        let first = turn.first_sequence();
        let head = turn.head_after();
        let conversation =
            self.conversations.entry((turn.key.tenant.clone(), turn.key.conversation)).or_insert_with(|| {
                Conversation {
                    owner: turn.key.owner.clone(),
                    head: head.clone(),
                    messages: BTreeMap::new(),
                    run: turn.run,
                    erased_at: None,
                }
            });
        conversation.head = head;
        conversation.run = turn.run;
        conversation.messages.extend((first..).zip(&turn.messages).map(|(sequence, message)| {
            (sequence, StoredMessage { sequence, created_at: turn.now, message: message.clone() })
        }));
        if let Some(receipt) = &turn.receipt {
            let pointer = ReplayPointer {
                conversation: turn.key.conversation,
                output_sequence: turn.output_sequence().unwrap_or(first),
                facts: receipt.facts.clone(),
            };
            let settled = StoredClaim {
                body_digest: receipt.body_digest.clone(),
                run: turn.run,
                running_until: turn.now,
                expires_at: receipt.expires_at,
                done: Some(pointer),
            };
            self.claims.insert(receipt.key.clone(), settled);
        }
    }

    fn claim(&mut self, request: &ClaimRequest) -> Claim {
        if let Some(claim) = self.claims.get(&request.key)
            && claim.expires_at.seconds() > request.now.seconds()
        {
            if claim.body_digest != request.body_digest {
                return Claim::OtherBody;
            }
            if let Some(pointer) = &claim.done {
                return Claim::Done(Box::new(pointer.clone()));
            }
            if claim.running_until > request.now && claim.run != request.run {
                return Claim::Running { until: claim.running_until };
            }
        }
        let fresh = StoredClaim {
            body_digest: request.body_digest.clone(),
            run: request.run,
            running_until: request.running_until,
            expires_at: request.expires_at,
            done: None,
        };
        self.claims.insert(request.key.clone(), fresh);
        Claim::Fresh
    }

    fn list(&self, request: &ListRequest) -> ConversationPage {
        let place = |head: &Head| (head.updated_at, head.conversation);
        let mut heads: Vec<Head> = self
            .conversations
            .iter()
            .filter(|((tenant, _), conversation)| {
                *tenant == request.tenant && conversation.owner == request.owner && conversation.erased_at.is_none()
            })
            .map(|(_, conversation)| conversation.head.clone())
            .filter(|head| request.cursor.is_none_or(|cursor| place(head) < (cursor.updated_at, cursor.conversation)))
            .collect();
        heads.sort_unstable_by_key(|head| std::cmp::Reverse(place(head)));
        let more = heads.len() > request.limit;
        heads.truncate(request.limit);
        let last = heads.last().filter(|_| more);
        let next = last.map(|head| ListCursor { updated_at: head.updated_at, conversation: head.conversation });
        ConversationPage { conversations: heads, next }
    }
}

#[async_trait]
impl ConversationStore for InMemoryStore {
    async fn load(&self, key: &ConversationKey, window: Window) -> Result<Loaded, StoreError> {
        let state = self.state();
        let conversation = state.living(key)?;
        let newest = conversation.messages.values().rev().take(window.messages);
        let mut messages: Vec<StoredMessage> = newest.cloned().collect();
        messages.reverse();
        Ok(Loaded { head: conversation.head.clone(), messages })
    }

    async fn commit(&self, turn: &TurnCommit) -> Result<Head, StoreError> {
        self.state().commit(turn)
    }

    async fn list(&self, request: &ListRequest) -> Result<ConversationPage, StoreError> {
        Ok(self.state().list(request))
    }

    async fn transcript(
        &self,
        key: &ConversationKey,
        after: u64,
        limit: usize,
        limit_bytes: usize,
    ) -> Result<Transcript, StoreError> {
        let state = self.state();
        let conversation = state.living(key)?;
        let mut messages: Vec<StoredMessage> = Vec::new();
        let mut size_bytes = 0;
        for (_, stored) in conversation.messages.range(after.saturating_add(1)..).take(limit) {
            size_bytes += stored.message.size_bytes();
            if size_bytes > limit_bytes && !messages.is_empty() {
                break;
            }
            messages.push(stored.clone());
        }
        let last = messages.last().map(|stored| stored.sequence);
        let next_after = last.filter(|last| last.saturating_add(1) < conversation.head.next_sequence);
        Ok(Transcript { head: conversation.head.clone(), messages, next_after })
    }

    async fn erase(&self, key: &ConversationKey, now: Timestamp) -> Result<(), StoreError> {
        let mut state = self.state();
        let place = (key.tenant.clone(), key.conversation);
        let conversation = state.conversations.get_mut(&place).filter(|conversation| conversation.owner == key.owner);
        match conversation {
            Some(conversation) if conversation.erased_at.is_none_or(|at| at == now) => {
                conversation.erased_at = Some(now);
                Ok(())
            }
            _ => Err(StoreError::NotFound),
        }
    }

    async fn purge(&self, key: &ConversationKey) -> Result<bool, StoreError> {
        let mut state = self.state();
        match state.conversations.get_mut(&(key.tenant.clone(), key.conversation)) {
            Some(conversation) if conversation.erased_at.is_none() => Err(StoreError::NotFound),
            Some(conversation) => {
                conversation.messages.clear();
                Ok(true)
            }
            None => Ok(true),
        }
    }

    async fn check(&self) -> Result<(), StoreError> {
        Ok(())
    }
}

#[async_trait]
impl IdempotencyLedger for InMemoryStore {
    async fn claim(&self, request: &ClaimRequest) -> Result<Claim, StoreError> {
        Ok(self.state().claim(request))
    }

    async fn release(&self, key: &IdempotencyKey, run: RunId) -> Result<(), StoreError> {
        let mut state = self.state();
        if state.claims.get(key).is_some_and(|claim| claim.run == run && claim.done.is_none()) {
            state.claims.remove(key);
        }
        Ok(())
    }
}

#[cfg(test)]
#[path = "in_memory_tests.rs"]
mod tests;
