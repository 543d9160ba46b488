//! What is remembered of WebSocket connections: who has opened them, and which runs go on for them.

use async_trait::async_trait;

use super::StoreError;
use crate::domain::{ClientRequestId, ConnectionId, Principal, Timestamp};

/// Runs of one connection at once, waiting and going on each.
pub const MAX_RUNS: usize = 16;

/// An open connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Connection {
    /// Who has opened it.
    pub principal: Principal,
    /// When that caller's token ends; from then on nothing may be asked for.
    pub until: Timestamp,
}

/// What came of a run's acceptance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Acceptance {
    /// It may be started.
    Accepted,
    /// A run of this name goes on, or waits to.
    Taken,
    /// [`MAX_RUNS`] are under way.
    Full,
    /// The connection is closed.
    Closed,
}

/// What a run finds when it begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Beginning {
    /// It goes on; nobody else begins it.
    Begun,
    /// It was called off before.
    Cancelled,
    /// It does not wait: it has begun before, or its connection is closed.
    NotWaiting,
}

/// Connections and their runs. A run is named by its client, and is a connection's own.
#[async_trait]
pub trait ConnectionRegistry: Send + Sync {
    /// Remembers a connection, until `forget_at` at the latest.
    ///
    /// # Errors
    /// Transient ones only.
    async fn open(&self, id: &ConnectionId, connection: &Connection, forget_at: Timestamp) -> Result<(), StoreError>;

    /// The connection, strongly consistent; none where it is not open.
    ///
    /// # Errors
    /// Transient ones only.
    async fn find(&self, id: &ConnectionId) -> Result<Option<Connection>, StoreError>;

    /// Forgets a connection and with it its runs, which so are called off.
    ///
    /// # Errors
    /// Transient ones only; the connection is forgotten in the end.
    async fn close(&self, id: &ConnectionId) -> Result<(), StoreError>;

    /// Notes a run that is to be started.
    ///
    /// # Errors
    /// Transient ones only.
    async fn accept(&self, id: &ConnectionId, run: &ClientRequestId) -> Result<Acceptance, StoreError>;

    /// Begins a run that was accepted. Of several who try one succeeds.
    ///
    /// # Errors
    /// Transient ones only; whether it has begun is not known then.
    async fn begin(&self, id: &ConnectionId, run: &ClientRequestId) -> Result<Beginning, StoreError>;

    /// Calls a run off; whether there is such a run.
    ///
    /// # Errors
    /// Transient ones only.
    async fn cancel(&self, id: &ConnectionId, run: &ClientRequestId) -> Result<bool, StoreError>;

    /// Whether a run may go on: it was not called off and its connection is open. Strongly consistent.
    ///
    /// # Errors
    /// Transient ones only.
    async fn is_wanted(&self, id: &ConnectionId, run: &ClientRequestId) -> Result<bool, StoreError>;

    /// Forgets a run, whose name may then be used again. Nothing to forget is no error.
    ///
    /// # Errors
    /// Transient ones only.
    async fn end(&self, id: &ConnectionId, run: &ClientRequestId) -> Result<(), StoreError>;
}
