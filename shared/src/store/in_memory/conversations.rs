//! Conversations in this process.

use std::collections::BTreeMap;

use async_trait::async_trait;

use super::state::{InMemoryStore, State, StoredClaim, StoredConversation};
use crate::domain::{ConversationId, RunId, TenantId, Timestamp, UserId};
use crate::store::conversations::{
    Base, ConversationKey, ConversationPage, ConversationStore, Head, ListCursor, ListRequest, Loaded, StoredMessage,
    Transcript, TurnCommit, Window,
};
use crate::store::error::StoreError;
use crate::store::idempotency::{IdempotencyReceipt, ReplayPointer};

impl State {
    fn active(&self, key: &ConversationKey) -> Result<&StoredConversation, StoreError> {
        self.conversations
            .get(&(key.tenant.clone(), key.conversation))
            .filter(|conversation| conversation.owner == key.owner && conversation.erased_at.is_none())
            .ok_or(StoreError::NotFound)
    }

    fn commit(&mut self, turn: &TurnCommit) -> Result<Head, StoreError> {
        // As `ClientRequestToken` does: the same turn succeeds again, another one under the same token is refused.
        match self.committed.get(&(turn.run, turn.attempt)) {
            Some(committed) if committed == turn => return Ok(turn.head_after()),
            Some(_) => return Err(StoreError::Refused("IdempotentParameterMismatchException".to_owned())),
            None => {}
        }
        let output_index = turn.receipt.as_ref().map_or(0, |receipt| receipt.output_index);
        if output_index >= turn.messages.len() {
            return Err(StoreError::Refused("the turn lacks messages".to_owned()));
        }
        // As in the table, a turn's own success is recognized before a lost claim or a lost race.
        if self.is_committed(turn) {
            return Ok(turn.head_after());
        }
        if let Some(receipt) = &turn.receipt {
            self.check_claim(receipt, turn.run)?;
        }
        self.check_base(turn)?;
        self.append(turn);
        self.committed.insert((turn.run, turn.attempt), turn.clone());
        Ok(turn.head_after())
    }

    /// Returns whether the run's turn is already stored behind the same base, whichever attempt stored it.
    fn is_committed(&self, turn: &TurnCommit) -> bool {
        let is_last = self.active(&turn.key).is_ok_and(|conversation| {
            conversation.run == turn.run && conversation.head.version == turn.head_after().version
        });
        let claim = turn.receipt.as_ref().and_then(|receipt| self.claims.get(&receipt.key));
        let completed = claim.filter(|claim| claim.run == turn.run).and_then(|claim| claim.done.as_ref());
        is_last
            || completed.is_some_and(|done| {
                done.conversation == turn.key.conversation && Some(done.output_sequence) == turn.output_sequence()
            })
    }

    fn check_claim(&self, receipt: &IdempotencyReceipt, run: RunId) -> Result<(), StoreError> {
        let ours = self.claims.get(&receipt.key).is_some_and(|claim| claim.run == run && claim.done.is_none());
        if ours { Ok(()) } else { Err(StoreError::ClaimLost) }
    }

    fn check_base(&self, turn: &TurnCommit) -> Result<(), StoreError> {
        let is_known = self.conversations.contains_key(&(turn.key.tenant.clone(), turn.key.conversation));
        match &turn.base {
            Base::New if !is_known => Ok(()),
            base => {
                let stored = self.active(&turn.key)?;
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
                StoredConversation {
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
            let completed = StoredClaim {
                body_digest: receipt.body_digest.clone(),
                run: turn.run,
                running_until: turn.now,
                expires_at: receipt.expires_at,
                done: Some(pointer),
            };
            self.claims.insert(receipt.key.clone(), completed);
        }
    }

    fn list(&self, request: &ListRequest) -> ConversationPage {
        let position = |head: &Head| (head.updated_at, head.conversation);
        let mut heads: Vec<Head> = self
            .conversations
            .iter()
            .filter(|((tenant, _), conversation)| {
                *tenant == request.tenant && conversation.owner == request.owner && conversation.erased_at.is_none()
            })
            .map(|(_, conversation)| conversation.head.clone())
            .filter(|head| {
                request.cursor.is_none_or(|cursor| position(head) < (cursor.updated_at, cursor.conversation))
            })
            .collect();
        heads.sort_unstable_by_key(|head| std::cmp::Reverse(position(head)));
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
        let conversation = state.active(key)?;
        let newest = conversation.messages.values().rev().take(window.messages);
        let mut messages: Vec<StoredMessage> = newest.cloned().collect();
        messages.reverse();
        Ok(Loaded { head: conversation.head.clone(), messages })
    }

    async fn commit(&self, turn: &TurnCommit) -> Result<Head, StoreError> {
        let head = self.state().commit(turn)?;
        turn.audit.iter().for_each(|item| self.outbox.store(item.clone()));
        Ok(head)
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
        let conversation = state.active(key)?;
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
        let id = (key.tenant.clone(), key.conversation);
        let conversation = state.conversations.get_mut(&id).filter(|conversation| conversation.owner == key.owner);
        match conversation {
            Some(conversation) => {
                conversation.erased_at.get_or_insert(now);
                Ok(())
            }
            None => Err(StoreError::NotFound),
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

    async fn unpurged(&self, tenant: &TenantId, owner: &UserId) -> Result<Vec<ConversationId>, StoreError> {
        let state = self.state();
        let left = state.conversations.iter().filter(|((of, _), conversation)| {
            of == tenant
                && conversation.owner == *owner
                && conversation.erased_at.is_some()
                && !conversation.messages.is_empty()
        });
        Ok(left.map(|((_, id), _)| *id).collect())
    }

    async fn check(&self) -> Result<(), StoreError> {
        Ok(())
    }
}

#[cfg(test)]
#[path = "conversations_tests.rs"]
mod tests;
