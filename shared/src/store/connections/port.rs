//! The port itself.

use std::collections::BTreeSet;

use async_trait::async_trait;
use uuid::Uuid;

use super::connection::{Acceptance, Connection, RunHandle, RunStart, RunStatus};
use crate::domain::{ClientRequestId, ConnectionId, Timestamp};
use crate::store::error::StoreError;

/// Stores connections and their runs. Every call is idempotent, so a call whose answer was lost may be repeated.
#[async_trait]
pub trait ConnectionRegistry: Send + Sync {
    /// Stores a connection.
    ///
    /// # Errors
    /// Transient ones only.
    async fn open(&self, id: &ConnectionId, connection: &Connection) -> Result<(), StoreError>;

    /// Returns the connection and the request ids of its runs, strongly consistent; `None` if it is not open.
    ///
    /// # Errors
    /// Transient ones only.
    async fn find(&self, id: &ConnectionId) -> Result<Option<(Connection, BTreeSet<String>)>, StoreError>;

    /// Deletes a connection and its runs, which cancels them. Returns the connection, or `None` if it was not open.
    ///
    /// # Errors
    /// Transient ones only; the connection still expires by itself.
    async fn close(&self, id: &ConnectionId) -> Result<Option<Connection>, StoreError>;

    /// Records a run before it is dispatched. From `expires_at` on it no longer counts, whether it was ended or not.
    ///
    /// # Errors
    /// Transient ones only.
    async fn accept(&self, run: &RunHandle, now: Timestamp, expires_at: Timestamp) -> Result<Acceptance, StoreError>;

    /// Starts a run that was accepted. Only one of several deliveries of the same dispatch succeeds.
    ///
    /// # Errors
    /// Transient ones only.
    async fn start(&self, run: &RunHandle, delivery: Uuid) -> Result<RunStart, StoreError>;

    /// Cancels the run with this request id; returns whether there is one.
    ///
    /// # Errors
    /// Transient ones only.
    async fn cancel(&self, id: &ConnectionId, request_id: &ClientRequestId) -> Result<bool, StoreError>;

    /// Returns whether a run should continue; strongly consistent.
    ///
    /// # Errors
    /// Transient ones only.
    async fn status(&self, run: &RunHandle) -> Result<RunStatus, StoreError>;

    /// Deletes a run, which frees its request id. Succeeds if the run does not exist.
    ///
    /// # Errors
    /// Transient ones only; the request id is free again when the run expires.
    async fn end(&self, run: &RunHandle) -> Result<(), StoreError>;
}
