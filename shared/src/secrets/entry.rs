//! One cached secret: its value, its age, and the fetch that callers share.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::{BoxFuture, Shared, WeakShared};
use secrecy::{ExposeSecret, SecretString};

use super::{SecretError, SecretSource};
use crate::domain::{Clock, SecretRef, Timestamp};

/// The age at which a value is fetched again.
pub(super) const KEPT: Duration = Duration::from_mins(5);

/// How long a value is used while its service cannot be reached.
pub(super) const STALE_FOR: Duration = Duration::from_hours(24);

/// The shortest time between two renewals of one secret, and between two attempts to refresh a stale value.
pub(super) const PAUSE: Duration = Duration::from_secs(30);

/// A fetch in flight. The callers that await it drive it; it is cancelled when all of them have dropped it.
pub(super) type Fetch = Shared<BoxFuture<'static, Result<(), SecretError>>>;

/// One secret.
pub(super) struct Entry {
    reference: SecretRef,
    source: Arc<dyn SecretSource>,
    clock: Arc<dyn Clock>,
    slot: Mutex<Slot>,
}

#[derive(Default)]
struct Slot {
    value: Option<SecretString>,
    /// The time at which the value was last fetched.
    fetched_at: Option<Timestamp>,
    /// The time from which on the value is fetched again.
    stale_from: Option<Timestamp>,
    /// The time at which a fetch last returned a changed value.
    changed_at: Option<Timestamp>,
    /// The time at which the last renewal began.
    renewed_at: Option<Timestamp>,
    in_flight: Option<WeakShared<BoxFuture<'static, Result<(), SecretError>>>>,
}

impl Entry {
    pub(super) fn new(reference: SecretRef, source: Arc<dyn SecretSource>, clock: Arc<dyn Clock>) -> Self {
        Self { reference, source, clock, slot: Mutex::default() }
    }

    /// Returns the value, or [`SecretError::Unavailable`] if none was fetched.
    pub(super) fn value(&self) -> Result<SecretString, SecretError> {
        let value = self.lock().value.clone();
        value.ok_or_else(|| SecretError::Unavailable { reference: self.reference.clone() })
    }

    /// Returns the fetch to await before the value may be used, or `None` if the value is fresh.
    pub(super) fn refresh(self: &Arc<Self>) -> Option<Fetch> {
        let now = self.clock.now();
        let mut slot = self.lock();
        let fresh = slot.value.is_some() && slot.stale_from.is_some_and(|from| now < from);
        if fresh { None } else { Some(self.join_or_start(&mut slot)) }
    }

    /// Returns the fetch to await after a provider refused the value, or `None` if the last renewal ended within
    /// [`PAUSE`].
    pub(super) fn renew(self: &Arc<Self>) -> Option<Fetch> {
        let now = self.clock.now();
        let mut slot = self.lock();
        if let Some(fetch) = slot.in_flight.as_ref().and_then(WeakShared::upgrade) {
            return Some(fetch);
        }
        if slot.renewed_at.is_some_and(|at| now.since(at) < PAUSE) {
            return None;
        }
        slot.renewed_at = Some(now);
        Some(self.join_or_start(&mut slot))
    }

    /// Returns whether the value changed within the last [`PAUSE`], so that a caller that was refused may have used the
    /// old one.
    pub(super) fn changed_lately(&self) -> bool {
        let now = self.clock.now();
        self.lock().changed_at.is_some_and(|at| now.since(at) < PAUSE)
    }

    fn join_or_start(self: &Arc<Self>, slot: &mut Slot) -> Fetch {
        if let Some(fetch) = slot.in_flight.as_ref().and_then(WeakShared::upgrade) {
            return fetch;
        }
        let entry = Arc::clone(self);
        let fetch = async move {
            let fetched = entry.source.fetch(&entry.reference).await;
            entry.settle(fetched)
        }
        .boxed()
        .shared();
        slot.in_flight = fetch.downgrade();
        fetch
    }

    /// Stores the outcome of a fetch. The last good value stays in use for [`STALE_FOR`] while its service cannot be reached,
    /// and to the end of [`KEPT`] if it may not be read any more; then, and after a failed first fetch, the caller gets the
    /// error.
    fn settle(&self, fetched: Result<SecretString, SecretError>) -> Result<(), SecretError> {
        let now = self.clock.now();
        let mut slot = self.lock();
        slot.in_flight = None;
        match fetched {
            Ok(value) => {
                let replaces = slot.value.as_ref().is_some_and(|old| old.expose_secret() != value.expose_secret());
                if replaces {
                    slot.changed_at = Some(now);
                }
                slot.value = Some(value);
                slot.fetched_at = Some(now);
                slot.stale_from = Some(now.plus(KEPT));
                Ok(())
            }
            Err(error) => {
                // A secret that was deleted or denied was meant to end; an outage of its service was not.
                let usable_for = if error.is_transient() { STALE_FOR } else { KEPT };
                if slot.fetched_at.is_none_or(|fetched_at| now.since(fetched_at) >= usable_for) {
                    slot.value = None;
                    return Err(error);
                }
                slot.stale_from = Some(now.plus(PAUSE));
                tracing::warn!(fault = %error, "a secret cannot be refreshed; its last value is used");
                Ok(())
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, Slot> {
        self.slot.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
