//! One run per idempotency key.

use std::time::Duration;

use super::patience::again_while_busy;
use super::{TurnError, TurnOutcome, TurnPorts, TurnRequest};
use crate::domain::{Role, RunId};
use crate::store::{Claim, ClaimRequest, ConversationKey, IdempotencyKey, ReplayPointer};

/// How long a key is remembered.
pub(super) const KEPT: Duration = Duration::from_hours(24);

/// After the deadline a claim is held this much longer, so that a run that is just being stored is not doubled.
const CLAIM_MARGIN: Duration = Duration::from_secs(5);

/// A client's wish that its request be one run, however often it is sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdempotencyRequest {
    /// The key.
    pub key: IdempotencyKey,
    /// Digest of the request's body.
    pub body_digest: String,
}

/// Claims the key: none when the run may go on, the earlier run's answer when it is done.
pub(super) async fn claim(
    ports: &TurnPorts<'_>,
    request: &TurnRequest,
    wish: &IdempotencyRequest,
    run: RunId,
) -> Result<Option<TurnOutcome>, TurnError> {
    let now = ports.clock.now();
    let claim = ClaimRequest {
        key: wish.key.clone(),
        body_digest: wish.body_digest.clone(),
        run,
        now,
        running_until: now.plus(request.deadline.remaining() + CLAIM_MARGIN),
        expires_at: now.plus(KEPT),
    };
    // The same run's claim again is the same claim.
    match again_while_busy(*ports, || ports.ledger.claim(&claim)).await? {
        Claim::Fresh => Ok(None),
        Claim::OtherBody => Err(TurnError::IdempotencyConflict),
        Claim::Running { until } => Err(TurnError::IdempotencyRunning { retry_after: until.since(now) }),
        Claim::Done(pointer) => replay(ports, request, *pointer).await.map(Some),
    }
}

/// Reads the earlier run's answer back from the conversation.
async fn replay(
    ports: &TurnPorts<'_>,
    request: &TurnRequest,
    pointer: ReplayPointer,
) -> Result<TurnOutcome, TurnError> {
    let key = ConversationKey {
        tenant: request.principal.tenant.clone(),
        owner: request.principal.user.clone(),
        conversation: pointer.conversation,
    };
    let before = pointer.output_sequence.saturating_sub(1);
    let page = ports.store.transcript(&key, before, 1, usize::MAX).await?;
    let message = page.messages.into_iter().next().filter(|one| one.message.role == Role::Assistant);
    let message = message.ok_or(TurnError::NotFound)?.message;
    Ok(TurnOutcome {
        agent: request.agent.name.clone(),
        conversation: pointer.conversation,
        output: message.plain_text(),
        facts: pointer.facts,
    })
}
