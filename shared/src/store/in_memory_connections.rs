//! The reference implementation of [`ConnectionRegistry`], for tests.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use uuid::Uuid;

use super::{Acceptance, Beginning, Connection, ConnectionRegistry, MAX_RUNS, RunHandle, RunStatus, StoreError};
use crate::domain::{ClientRequestId, ConnectionId, Timestamp};

/// Keeps connections in this process. None expires.
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
    order: Uuid,
    delivery: Option<Uuid>,
    over_at: Timestamp,
    is_called_off: bool,
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
        self.open().insert(id.clone(), Open { connection: connection.clone(), runs: BTreeMap::new() });
        Ok(())
    }

    async fn find(&self, id: &ConnectionId) -> Result<Option<(Connection, BTreeSet<String>)>, StoreError> {
        let all = self.open();
        Ok(all.get(id).map(|open| (open.connection.clone(), open.runs.keys().cloned().collect())))
    }

    async fn close(&self, id: &ConnectionId) -> Result<(), StoreError> {
        self.open().remove(id);
        Ok(())
    }

    async fn accept(&self, run: &RunHandle, now: Timestamp, over_at: Timestamp) -> Result<Acceptance, StoreError> {
        let mut all = self.open();
        let Some(open) = all.get_mut(&run.connection) else { return Ok(Acceptance::Closed) };
        open.runs.retain(|_, run| run.over_at > now);
        if let Some(known) = open.runs.get(run.name.as_str()) {
            return Ok(if known.order == run.order { Acceptance::Accepted } else { Acceptance::Taken });
        }
        if open.runs.len() >= MAX_RUNS {
            return Ok(Acceptance::Full);
        }
        let waiting = Run { order: run.order, delivery: None, over_at, is_called_off: false };
        open.runs.insert(run.name.to_string(), waiting);
        Ok(Acceptance::Accepted)
    }

    async fn begin(&self, run: &RunHandle, delivery: Uuid) -> Result<Beginning, StoreError> {
        let mut all = self.open();
        let known = all.get_mut(&run.connection).and_then(|open| open.runs.get_mut(run.name.as_str()));
        let Some(known) = known.filter(|known| known.order == run.order) else { return Ok(Beginning::AlreadyClaimed) };
        if *known.delivery.get_or_insert(delivery) != delivery {
            return Ok(Beginning::AlreadyClaimed);
        }
        Ok(if known.is_called_off { Beginning::Cancelled } else { Beginning::Begun })
    }

    async fn cancel(&self, id: &ConnectionId, name: &ClientRequestId) -> Result<bool, StoreError> {
        let mut all = self.open();
        let known = all.get_mut(id).and_then(|open| open.runs.get_mut(name.as_str()));
        Ok(known.map(|known| known.is_called_off = true).is_some())
    }

    async fn standing(&self, run: &RunHandle) -> Result<RunStatus, StoreError> {
        let all = self.open();
        let known = all.get(&run.connection).and_then(|open| open.runs.get(run.name.as_str()));
        Ok(match known.filter(|known| known.order == run.order) {
            Some(known) if known.is_called_off => RunStatus::CalledOff,
            Some(_) => RunStatus::Wanted,
            None => RunStatus::Unknown,
        })
    }

    async fn end(&self, run: &RunHandle) -> Result<(), StoreError> {
        if let Some(open) = self.open().get_mut(&run.connection) {
            open.runs.retain(|_, known| known.order != run.order);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::conformance::connections::run_all;

    #[tokio::test]
    async fn it_conforms() {
        let mut number = 0;
        let fresh = || {
            number += 1;
            Uuid::from_u128(number)
        };
        run_all(&InMemoryConnections::new(), fresh).await;
    }
}
