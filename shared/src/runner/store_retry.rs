//! Retries of store operations: after throttling, and after another turn was committed first.

use std::time::Duration;

use super::{RunContext, TurnError};
use crate::domain::full_jitter;
use crate::store::{Base, ConversationStore, Head, StoreError, TurnCommit};

/// How often a commit is retried, and how often another operation is attempted, while the store throttles.
const MAX_ATTEMPTS: u32 = 5;

/// Half the upper bound of the first wait; the bound doubles with each attempt.
const FIRST_WAIT: Duration = Duration::from_millis(20);

/// The largest upper bound of a wait.
const LONGEST_WAIT: Duration = Duration::from_millis(800);

/// Commits a turn, and appends it behind the winner where another turn was committed first; the model is not called
/// again.
///
/// # Errors
/// [`TurnError::Contention`] or [`TurnError::DeadlineExceeded`] at the deadline, and the store's own errors.
pub(super) async fn commit(
    store: &dyn ConversationStore,
    context: &RunContext<'_>,
    mut turn: TurnCommit,
) -> Result<Head, TurnError> {
    // Lost races and failures are counted apart, since races may be lost until the deadline.
    let (mut lost, mut failed, mut last_error) = (0, 0, None);
    let committing = async {
        loop {
            match store.commit(&turn).await {
                Ok(head) => return Ok(head),
                Err(StoreError::Contention { head }) => {
                    lost += 1;
                    wait(context, lost).await;
                    // A conflict without a head has written nothing, so the same attempt is made again.
                    if let Some(head) = head {
                        turn.base = Base::After(*head);
                        // A new base makes another transaction, and run and attempt identify a transaction.
                        turn.attempt += 1;
                    }
                }
                // The same run and attempt again is the same turn, so an answer lost on the wire cannot double it.
                Err(error @ (StoreError::Throttled | StoreError::Unavailable(_))) if failed < MAX_ATTEMPTS => {
                    failed += 1;
                    last_error = Some(error);
                    wait(context, failed).await;
                }
                Err(error) => return Err(TurnError::from(error)),
            }
        }
    };
    match context.deadline.bound(committing).await {
        Ok(committed) => committed,
        // A lost race proves that the store answers, so the client reads a conflict and not a time-out.
        Err(_) if lost > 0 => Err(TurnError::Contention),
        // The store's own error says more than the deadline does.
        Err(_) => Err(last_error.map_or(TurnError::DeadlineExceeded, TurnError::from)),
    }
}

/// Retries `operation` while the store throttles, [`MAX_ATTEMPTS`] times in all, but only once after no answer.
pub(super) async fn retry_while_busy<T, F>(
    context: &RunContext<'_>,
    mut operation: impl FnMut() -> F,
) -> Result<T, StoreError>
where
    F: Future<Output = Result<T, StoreError>>,
{
    let mut attempt = 1;
    loop {
        match operation().await {
            Err(error) if error.is_transient() && attempt < MAX_ATTEMPTS => {
                wait(context, attempt).await;
                // The store's client has retried by itself before it reports no answer, so once more is enough.
                attempt = if matches!(error, StoreError::Unavailable(_)) { MAX_ATTEMPTS } else { attempt + 1 };
            }
            result => return result,
        }
    }
}

/// Waits with full jitter, below a bound that doubles with each attempt.
pub(super) async fn wait(context: &RunContext<'_>, attempt: u32) {
    tokio::time::sleep(full_jitter(context.random, FIRST_WAIT, LONGEST_WAIT, attempt)).await;
}
