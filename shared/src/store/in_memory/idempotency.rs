//! Idempotency keys in this process.

use async_trait::async_trait;

use super::state::{InMemoryStore, State, StoredClaim};
use crate::domain::RunId;
use crate::store::error::StoreError;
use crate::store::idempotency::{Claim, ClaimRequest, IdempotencyKey, IdempotencyLedger};

impl State {
    fn claim(&mut self, request: &ClaimRequest) -> Claim {
        if let Some(claim) = self.claims.get(&request.key)
            // In whole seconds, since the table's time to live is in seconds.
            && claim.expires_at.seconds() > request.now.seconds()
        {
            if claim.body_digest != request.body_digest {
                return Claim::OtherBody;
            }
            if let Some(pointer) = &claim.done {
                return Claim::Done(Box::new(pointer.clone()));
            }
            // A claim whose time has passed may be taken over, and a run may claim its own key again.
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
