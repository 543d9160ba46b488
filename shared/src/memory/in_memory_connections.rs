//! The reference implementation of [`ConnectionRegistry`], for tests.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;

use super::{Acceptance, Beginning, Connection, ConnectionRegistry, MAX_RUNS, StoreError};
use crate::domain::{ClientRequestId, ConnectionId, Timestamp};

/// Keeps connections in this process. None expires.
#[derive(Debug, Default)]
pub struct InMemoryConnections {
    open: Mutex<HashMap<ConnectionId, Open>>,
}

#[derive(Debug)]
struct Open {
    connection: Connection,
    waiting: BTreeSet<ClientRequestId>,
    going: BTreeSet<ClientRequestId>,
    cancelled: BTreeSet<ClientRequestId>,
}

impl InMemoryConnections {
    /// Without a connection.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    fn open(&self) -> MutexGuard<'_, HashMap<ConnectionId, Open>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl ConnectionRegistry for InMemoryConnections {
    async fn open(&self, id: &ConnectionId, connection: &Connection, _: Timestamp) -> Result<(), StoreError> {
        let (waiting, going, cancelled) = <(BTreeSet<_>, BTreeSet<_>, BTreeSet<_>)>::default();
        self.open().insert(id.clone(), Open { connection: connection.clone(), waiting, going, cancelled });
        Ok(())
    }

    async fn find(&self, id: &ConnectionId) -> Result<Option<Connection>, StoreError> {
        Ok(self.open().get(id).map(|open| open.connection.clone()))
    }

    async fn close(&self, id: &ConnectionId) -> Result<(), StoreError> {
        self.open().remove(id);
        Ok(())
    }

    async fn accept(&self, id: &ConnectionId, run: &ClientRequestId) -> Result<Acceptance, StoreError> {
        let mut all = self.open();
        let Some(open) = all.get_mut(id) else { return Ok(Acceptance::Closed) };
        if open.waiting.contains(run) || open.going.contains(run) {
            return Ok(Acceptance::Taken);
        }
        if open.waiting.len() >= MAX_RUNS || open.going.len() >= MAX_RUNS {
            return Ok(Acceptance::Full);
        }
        open.waiting.insert(run.clone());
        Ok(Acceptance::Accepted)
    }

    async fn begin(&self, id: &ConnectionId, run: &ClientRequestId) -> Result<Beginning, StoreError> {
        let mut all = self.open();
        let Some(open) = all.get_mut(id).filter(|open| open.waiting.contains(run)) else {
            return Ok(Beginning::NotWaiting);
        };
        open.waiting.remove(run);
        open.going.insert(run.clone());
        Ok(if open.cancelled.contains(run) { Beginning::Cancelled } else { Beginning::Begun })
    }

    async fn cancel(&self, id: &ConnectionId, run: &ClientRequestId) -> Result<bool, StoreError> {
        let mut all = self.open();
        let found = all.get_mut(id).filter(|open| open.waiting.contains(run) || open.going.contains(run));
        Ok(found.map(|open| open.cancelled.insert(run.clone())).is_some())
    }

    async fn is_wanted(&self, id: &ConnectionId, run: &ClientRequestId) -> Result<bool, StoreError> {
        Ok(self.open().get(id).is_some_and(|open| !open.cancelled.contains(run)))
    }

    async fn end(&self, id: &ConnectionId, run: &ClientRequestId) -> Result<(), StoreError> {
        if let Some(open) = self.open().get_mut(id) {
            for runs in [&mut open.waiting, &mut open.going, &mut open.cancelled] {
                runs.remove(run);
            }
        }
        Ok(())
    }
}
