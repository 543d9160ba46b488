//! What is remembered of WebSocket connections: who has opened them, and which runs go on for them.

use std::collections::BTreeSet;

use async_trait::async_trait;
use uuid::Uuid;

use super::StoreError;
use crate::domain::{ClientRequestId, ConnectionId, Principal, Timestamp};

/// Runs of one connection at once, those that wait to begin included.
pub const MAX_RUNS: usize = 16;

/// An open connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Connection {
    /// Who has opened it.
    pub principal: Principal,
    /// When that caller's token ends; from then on nothing may be asked for.
    pub until: Timestamp,
}

/// A run of a connection. Names are the client's and may come again; orders never do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunHandle {
    /// Whose.
    pub connection: ConnectionId,
    /// What the client calls it.
    pub name: ClientRequestId,
    /// Which order of that name.
    pub order: Uuid,
}

/// What came of a run's acceptance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Acceptance {
    /// It may be started.
    Accepted,
    /// Another run of this name waits or goes on.
    Taken,
    /// [`MAX_RUNS`] are under way.
    Full,
    /// The connection is closed.
    Closed,
}

/// What a run finds when it begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Beginning {
    /// It goes on; no other delivery of its order can begin it.
    Begun,
    /// It was called off before.
    Cancelled,
    /// It is not waited for: another delivery has begun it, it is over, or its connection is closed.
    AlreadyClaimed,
}

/// Whether a run is to go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RunStatus {
    /// It is.
    Wanted,
    /// Its client has called it off.
    CalledOff,
    /// It is over, or its connection is closed.
    Unknown,
}

/// Connections and their runs. Each call again is the same call, so one whose answer was lost may be made again.
#[async_trait]
pub trait ConnectionRegistry: Send + Sync {
    /// Remembers a connection, until `forget_at` at the latest.
    ///
    /// # Errors
    /// Transient ones only.
    async fn open(&self, id: &ConnectionId, connection: &Connection, forget_at: Timestamp) -> Result<(), StoreError>;

    /// The connection and the names of its runs, strongly consistent; none where it is not open.
    ///
    /// # Errors
    /// Transient ones only.
    async fn find(&self, id: &ConnectionId) -> Result<Option<(Connection, BTreeSet<String>)>, StoreError>;

    /// Forgets a connection and with it its runs, which so are called off.
    ///
    /// # Errors
    /// Transient ones only; the connection is forgotten in the end.
    async fn close(&self, id: &ConnectionId) -> Result<(), StoreError>;

    /// Notes a run that is to be started. From `over_at` on it counts no more, whatever became of it.
    ///
    /// # Errors
    /// Transient ones only.
    async fn accept(&self, run: &RunHandle, now: Timestamp, over_at: Timestamp) -> Result<Acceptance, StoreError>;

    /// Begins a run that was accepted. Of several deliveries of its order one succeeds.
    ///
    /// # Errors
    /// Transient ones only.
    async fn begin(&self, run: &RunHandle, delivery: Uuid) -> Result<Beginning, StoreError>;

    /// Calls the run of a name off; whether there is one.
    ///
    /// # Errors
    /// Transient ones only.
    async fn cancel(&self, id: &ConnectionId, name: &ClientRequestId) -> Result<bool, StoreError>;

    /// Whether a run is to go on; strongly consistent.
    ///
    /// # Errors
    /// Transient ones only.
    async fn standing(&self, run: &RunHandle) -> Result<RunStatus, StoreError>;

    /// Forgets a run, whose name may then be used again. Nothing to forget is no error.
    ///
    /// # Errors
    /// Transient ones only; the name is free again when the run is over at the latest.
    async fn end(&self, run: &RunHandle) -> Result<(), StoreError>;
}
