//! Keys, claims and receipts.

use crate::domain::{ConversationId, RunId, RunSummary, TenantId, Timestamp};

/// A key, already bound to caller, agent and route.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct IdempotencyKey {
    /// The tenant.
    pub tenant: TenantId,
    /// Digest (SHA-256, hexadecimal) of principal, agent, route and the client's key.
    pub digest: String,
}

/// Asks for the exclusive use of a key by one run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClaimRequest {
    /// The key.
    pub key: IdempotencyKey,
    /// Digest (SHA-256, hexadecimal) of the request's body.
    pub body_digest: String,
    /// The run.
    pub run: RunId,
    /// The current time.
    pub now: Timestamp,
    /// When the run has ended at the latest; a claim that is not completed by then may be taken over.
    pub running_until: Timestamp,
    /// When the key is forgotten.
    pub expires_at: Timestamp,
}

/// The outcome of a claim.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Claim {
    /// The key belongs to this run now.
    Fresh,
    /// Another run with the same body holds the key.
    Running {
        /// When that run has ended at the latest.
        until: Timestamp,
    },
    /// The key was used with another body.
    OtherBody,
    /// The key's run has completed.
    Done(Box<ReplayPointer>),
}

/// Where a completed run's answer is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReplayPointer {
    /// The conversation.
    pub conversation: ConversationId,
    /// The sequence number of the message that holds the output.
    pub output_sequence: u64,
    /// The run's facts, without its text.
    pub facts: RunSummary,
}

/// Completes a key within the turn's transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdempotencyReceipt {
    /// The key.
    pub key: IdempotencyKey,
    /// Digest of the request's body.
    pub body_digest: String,
    /// The index of the turn's message that holds the output, from 0.
    pub output_index: usize,
    /// The run's facts, without its text.
    pub facts: RunSummary,
    /// When the key is forgotten.
    pub expires_at: Timestamp,
}
