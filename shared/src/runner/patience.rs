//! Asking a store that is busy, or that another turn has changed, again.

use std::time::Duration;

use super::{Deadline, TurnError, TurnPorts};
use crate::store::{Base, Head, StoreError, TurnCommit};

/// How often a busy store is asked.
const BUSY_ATTEMPTS: u32 = 5;

/// The first bound of a wait.
const FIRST_WAIT: Duration = Duration::from_millis(20);

/// The longest wait before a turn that lost is committed again; the wait is random below a doubling bound.
const LONGEST_WAIT: Duration = Duration::from_millis(800);

/// Commits, and where another turn came first, appends behind it; without asking the model again.
pub(super) async fn store(ports: TurnPorts<'_>, deadline: Deadline, mut turn: TurnCommit) -> Result<Head, TurnError> {
    let (mut lost, mut busy, mut trouble) = (0, 0, None);
    let committing = async {
        loop {
            match ports.store.commit(&turn).await {
                Ok(head) => return Ok(head),
                Err(StoreError::Contention { head }) => {
                    lost += 1;
                    pause(ports, lost).await;
                    if let Some(head) = head {
                        turn.base = Base::After(*head);
                        turn.attempt += 1;
                    }
                }
                // The same run and attempt again is the same turn, so an answer lost on the wire cannot double it.
                Err(error @ (StoreError::Throttled | StoreError::Unavailable(_))) if busy < BUSY_ATTEMPTS => {
                    busy += 1;
                    trouble = Some(error);
                    pause(ports, busy).await;
                }
                Err(error) => return Err(TurnError::from(error)),
            }
        }
    };
    match tokio::time::timeout_at(deadline.instant(), committing).await {
        Ok(stored) => stored,
        Err(_elapsed) if lost > 0 => Err(TurnError::Contention),
        Err(_elapsed) => Err(trouble.map_or(TurnError::DeadlineExceeded, TurnError::from)),
    }
}

/// Asks again while the store is busy, a few times; once where it does not answer, since it was asked several times
/// already and the caller should know.
pub(super) async fn again_while_busy<T, F>(ports: TurnPorts<'_>, mut read: impl FnMut() -> F) -> Result<T, StoreError>
where
    F: Future<Output = Result<T, StoreError>>,
{
    let mut attempt = 1;
    loop {
        match read().await {
            Err(error) if error.is_transient() && attempt < BUSY_ATTEMPTS => {
                pause(ports, attempt).await;
                attempt = if matches!(error, StoreError::Unavailable(_)) { BUSY_ATTEMPTS } else { attempt + 1 };
            }
            result => return result,
        }
    }
}

/// Full jitter: anywhere from now to a bound that doubles.
async fn pause(ports: TurnPorts<'_>, attempt: u32) {
    let bound = FIRST_WAIT.saturating_mul(1 << attempt.min(10)).min(LONGEST_WAIT);
    tokio::time::sleep(bound.mul_f64(ports.random.fraction())).await;
}
