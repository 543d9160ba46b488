//! The ledger of idempotency keys. It points to a run's messages and never holds an answer.

use async_trait::async_trait;

use super::StoreError;
use crate::domain::{AnswerFacts, ConversationId, RunId, TenantId, Timestamp};

/// A key, already bound to caller, agent and route.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct IdempotencyKey {
    /// The tenant.
    pub tenant: TenantId,
    /// Digest (SHA-256, hexadecimal) of principal, agent, route and the client's key.
    pub digest: String,
}

/// A run that wants to be the only one of its key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClaimRequest {
    /// The key.
    pub key: IdempotencyKey,
    /// Digest (SHA-256, hexadecimal) of the request's body.
    pub body_digest: String,
    /// The run.
    pub run: RunId,
    /// Now.
    pub now: Timestamp,
    /// When the run is certainly over; a claim not settled by then may be taken over.
    pub running_until: Timestamp,
    /// When the key is forgotten.
    pub expires_at: Timestamp,
}

/// What came of a claim.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Claim {
    /// The run may go on.
    Fresh,
    /// A twin is running.
    Running {
        /// When it is over at the latest.
        until: Timestamp,
    },
    /// The key was used with another body.
    OtherBody,
    /// The key's run is done.
    Done(Box<ReplayPointer>),
}

/// Where a finished run's answer stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReplayPointer {
    /// The conversation.
    pub conversation: ConversationId,
    /// The sequence number of the message that holds the output.
    pub output_sequence: u64,
    /// The run's facts, less its text.
    pub facts: AnswerFacts,
}

/// A key to be marked as done, within the turn's transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdempotencyReceipt {
    /// The key.
    pub key: IdempotencyKey,
    /// Digest of the request's body.
    pub body_digest: String,
    /// Which of the turn's messages holds the output, from 0.
    pub output_index: usize,
    /// The run's facts, less its text.
    pub facts: AnswerFacts,
    /// When the key is forgotten.
    pub expires_at: Timestamp,
}

/// Claims keys. A claim is settled by [`super::ConversationStore::commit`] with a receipt.
#[async_trait]
pub trait IdempotencyLedger: Send + Sync {
    /// Claims a key, with one request. A run's own claim again is fresh again. Forgotten is a key in the second in which
    /// it expires; a claim whose run is over is taken over for the same body only.
    ///
    /// # Errors
    /// Transient ones only.
    async fn claim(&self, request: &ClaimRequest) -> Result<Claim, StoreError>;

    /// Gives an unsettled claim up, so that the client may try again at once. Another run's claim stays.
    ///
    /// # Errors
    /// Transient ones only; an unreleased claim ends by itself.
    async fn release(&self, key: &IdempotencyKey, run: RunId) -> Result<(), StoreError>;
}
