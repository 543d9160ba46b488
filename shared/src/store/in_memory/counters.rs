//! The port that counts calls.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;

use crate::domain::Timestamp;
use crate::store::counters::{CallCount, CallCounter, CounterKey};
use crate::store::error::StoreError;

const HOUR_SECONDS: u64 = 3600;
const DAY_SECONDS: u64 = 24 * HOUR_SECONDS;

/// Counts calls in this process, by hour.
#[derive(Debug, Default)]
pub struct InMemoryCounters(Mutex<BTreeMap<(CounterKey, u64), u32>>);

#[async_trait]
impl CallCounter for InMemoryCounters {
    async fn add(&self, key: &CounterKey, now: Timestamp) -> Result<CallCount, StoreError> {
        let mut hours = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (hour, first) = (now.seconds() / HOUR_SECONDS, now.seconds() / DAY_SECONDS * 24);
        let day = (first..first + 24).filter_map(|hour| hours.get(&(key.clone(), hour))).sum();
        let count = hours.entry((key.clone(), hour)).or_default();
        let before = CallCount { hour: *count, day };
        *count += 1;
        Ok(before)
    }

    async fn give_back(&self, key: &CounterKey, at: Timestamp) -> Result<(), StoreError> {
        let mut hours = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let count = hours.entry((key.clone(), at.seconds() / HOUR_SECONDS)).or_default();
        *count = count.saturating_sub(1);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::store::in_memory::InMemoryGrants;
    use crate::testing::conformance::grants::run_all;

    #[tokio::test]
    async fn grants_and_counters_in_memory_pass_their_suite() {
        let mut next = 0;
        let fresh = || {
            next += 1;
            Uuid::from_u128(next)
        };
        run_all(&InMemoryGrants::default(), &InMemoryCounters::default(), fresh).await;
    }
}
