//! WebSocket connections in this process.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use uuid::Uuid;

use crate::domain::{ClientRequestId, ConnectionId, Timestamp};
use crate::store::connections::{Acceptance, Connection, ConnectionRegistry, MAX_RUNS, RunHandle, RunStart, RunStatus};
use crate::store::error::StoreError;

/// Keeps connections in this process. Connections never expire.
#[derive(Debug, Default)]
pub struct InMemoryConnections {
    open: Mutex<HashMap<ConnectionId, Open>>,
}

#[derive(Debug)]
struct Open {
    connection: Connection,
    runs: BTreeMap<String, Run>,
}

#[derive(Debug)]
struct Run {
    dispatch_id: Uuid,
    delivery: Option<Uuid>,
    expires_at: Timestamp,
    is_cancelled: bool,
}

impl InMemoryConnections {
    /// Creates a registry without connections.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    fn open(&self) -> MutexGuard<'_, HashMap<ConnectionId, Open>> {
        // A test that panics poisons the lock, but no call leaves the map half changed.
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl ConnectionRegistry for InMemoryConnections {
    async fn open(&self, id: &ConnectionId, connection: &Connection) -> Result<(), StoreError> {
        self.open().insert(id.clone(), Open { connection: connection.clone(), runs: BTreeMap::new() });
        Ok(())
    }

    async fn find(&self, id: &ConnectionId) -> Result<Option<(Connection, BTreeSet<String>)>, StoreError> {
        let all = self.open();
        Ok(all.get(id).map(|open| (open.connection.clone(), open.runs.keys().cloned().collect())))
    }

    async fn close(&self, id: &ConnectionId) -> Result<Option<Connection>, StoreError> {
        Ok(self.open().remove(id).map(|open| open.connection))
    }

    async fn accept(&self, run: &RunHandle, now: Timestamp, expires_at: Timestamp) -> Result<Acceptance, StoreError> {
        let mut all = self.open();
        let Some(open) = all.get_mut(&run.connection) else { return Ok(Acceptance::ConnectionClosed) };
        open.runs.retain(|_, run| run.expires_at > now);
        if let Some(known) = open.runs.get(run.request_id.as_str()) {
            // The same dispatch again: its answer was lost.
            return Ok(if known.dispatch_id == run.dispatch_id {
                Acceptance::Accepted
            } else {
                Acceptance::RequestIdInUse
            });
        }
        if open.runs.len() >= MAX_RUNS {
            return Ok(Acceptance::TooManyRuns);
        }
        let accepted = Run { dispatch_id: run.dispatch_id, delivery: None, expires_at, is_cancelled: false };
        open.runs.insert(run.request_id.to_string(), accepted);
        Ok(Acceptance::Accepted)
    }

    async fn start(&self, run: &RunHandle, delivery: Uuid) -> Result<RunStart, StoreError> {
        let mut all = self.open();
        let Some(open) = all.get_mut(&run.connection) else { return Ok(RunStart::ConnectionClosed) };
        let known = open.runs.get_mut(run.request_id.as_str());
        let Some(known) = known.filter(|known| known.dispatch_id == run.dispatch_id) else {
            return Ok(RunStart::AlreadyClaimed);
        };
        if *known.delivery.get_or_insert(delivery) != delivery {
            return Ok(RunStart::AlreadyClaimed);
        }
        Ok(if known.is_cancelled { RunStart::Cancelled } else { RunStart::Started(open.connection.principal.clone()) })
    }

    async fn cancel(&self, id: &ConnectionId, request_id: &ClientRequestId) -> Result<bool, StoreError> {
        let mut all = self.open();
        let known = all.get_mut(id).and_then(|open| open.runs.get_mut(request_id.as_str()));
        Ok(known.map(|known| known.is_cancelled = true).is_some())
    }

    async fn status(&self, run: &RunHandle) -> Result<RunStatus, StoreError> {
        let all = self.open();
        let known = all.get(&run.connection).and_then(|open| open.runs.get(run.request_id.as_str()));
        Ok(match known.filter(|known| known.dispatch_id == run.dispatch_id) {
            Some(known) if known.is_cancelled => RunStatus::Cancelled,
            Some(_) => RunStatus::Active,
            None => RunStatus::Unknown,
        })
    }

    async fn end(&self, run: &RunHandle) -> Result<(), StoreError> {
        if let Some(open) = self.open().get_mut(&run.connection) {
            open.runs.retain(|_, known| known.dispatch_id != run.dispatch_id);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::conformance::connections::run_all;

    #[tokio::test]
    async fn it_passes_the_conformance_suite() {
        let mut number = 0;
        let fresh = || {
            number += 1;
            Uuid::from_u128(number)
        };
        run_all(&InMemoryConnections::new(), fresh).await;
    }
}
