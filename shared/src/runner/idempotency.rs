//! One run per idempotency key.

use std::time::Duration;

use super::store_retry::retry_while_busy;
use super::{IdempotencyRequest, RunContext, TurnError, TurnOutcome, TurnPorts, TurnRequest};
use crate::domain::Role;
use crate::store::{Claim, ClaimRequest, ConversationKey, ReplayPointer};

/// How long a key is kept.
pub(super) const RETENTION: Duration = Duration::from_hours(24);

/// How much longer than the deadline a claim is held, so that a run that is just being stored is not run again.
const CLAIM_MARGIN: Duration = Duration::from_secs(5);

/// Claims the key for the context's run. Returns the earlier run's outcome where that has finished, else `None`.
pub(super) async fn claim(
    ports: &TurnPorts<'_>,
    context: &RunContext<'_>,
    request: &TurnRequest,
    idempotency: &IdempotencyRequest,
) -> Result<Option<TurnOutcome>, TurnError> {
    let now = context.clock.now();
    let claim = ClaimRequest {
        key: idempotency.key.clone(),
        body_digest: idempotency.body_digest.clone(),
        run: context.run,
        now,
        running_until: now.plus(context.deadline.remaining() + CLAIM_MARGIN),
        expires_at: now.plus(RETENTION),
    };
    // Claiming again for the same run is idempotent.
    match retry_while_busy(context, || ports.ledger.claim(&claim)).await? {
        Claim::Fresh => Ok(None),
        Claim::OtherBody => Err(TurnError::IdempotencyConflict),
        Claim::Running { until } => Err(TurnError::IdempotencyRunning { retry_after: until.since(now) }),
        Claim::Done(pointer) => replay(ports, context, request, *pointer).await.map(Some),
    }
}

/// Reads the earlier run's output from its conversation.
async fn replay(
    ports: &TurnPorts<'_>,
    context: &RunContext<'_>,
    request: &TurnRequest,
    pointer: ReplayPointer,
) -> Result<TurnOutcome, TurnError> {
    // The receipt names the conversation, but tenant and owner are the caller's, so it opens nobody else's.
    let key = ConversationKey { conversation: pointer.conversation, ..context.conversation_key() };
    // `transcript` begins after a sequence number.
    let before = pointer.output_sequence.saturating_sub(1);
    // No limit in bytes: the replay must return all that the first request returned.
    let page = ports.store.transcript(&key, before, 1, usize::MAX).await?;
    // A conversation that was erased or has expired since then has no answer to repeat.
    let message = page.messages.into_iter().next().filter(|one| one.message.role == Role::Assistant);
    let message = message.ok_or(TurnError::NotFound)?.message;
    Ok(TurnOutcome {
        agent: request.agent.name.clone(),
        conversation: pointer.conversation,
        output: message.plain_text(),
        facts: pointer.facts,
    })
}
