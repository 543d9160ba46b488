//! A registry of connections that can be down.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;
use uuid::Uuid;

use crate::domain::{ClientRequestId, ConnectionId, Timestamp};
use crate::store::{Acceptance, Connection, ConnectionRegistry, RunHandle, RunStart, RunStatus, StoreError};

/// Wraps a registry and fails while it is set down.
#[derive(Debug)]
pub struct FaultyRegistry<R> {
    inner: R,
    is_down: AtomicBool,
}

impl<R> FaultyRegistry<R> {
    /// Creates a registry that behaves as `inner` does, until it is set down.
    pub const fn new(inner: R) -> Self {
        Self { inner, is_down: AtomicBool::new(false) }
    }

    /// Makes all calls from now on fail, or none.
    pub fn set_down(&self, is_down: bool) {
        self.is_down.store(is_down, Ordering::SeqCst);
    }

    fn up(&self) -> Result<&R, StoreError> {
        if self.is_down.load(Ordering::SeqCst) {
            Err(StoreError::Unavailable("an injected fault"))
        } else {
            Ok(&self.inner)
        }
    }
}

#[async_trait]
impl<R: ConnectionRegistry> ConnectionRegistry for FaultyRegistry<R> {
    async fn open(&self, id: &ConnectionId, connection: &Connection) -> Result<(), StoreError> {
        self.up()?.open(id, connection).await
    }

    async fn find(&self, id: &ConnectionId) -> Result<Option<(Connection, BTreeSet<String>)>, StoreError> {
        self.up()?.find(id).await
    }

    async fn close(&self, id: &ConnectionId) -> Result<Option<Connection>, StoreError> {
        self.up()?.close(id).await
    }

    async fn accept(&self, run: &RunHandle, now: Timestamp, expires_at: Timestamp) -> Result<Acceptance, StoreError> {
        self.up()?.accept(run, now, expires_at).await
    }

    async fn start(&self, run: &RunHandle, delivery: Uuid) -> Result<RunStart, StoreError> {
        self.up()?.start(run, delivery).await
    }

    async fn cancel(&self, id: &ConnectionId, request_id: &ClientRequestId) -> Result<bool, StoreError> {
        self.up()?.cancel(id, request_id).await
    }

    async fn status(&self, run: &RunHandle) -> Result<RunStatus, StoreError> {
        self.up()?.status(run).await
    }

    async fn end(&self, run: &RunHandle) -> Result<(), StoreError> {
        self.up()?.end(run).await
    }
}
