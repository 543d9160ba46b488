//! Connections and the states of their runs.

use uuid::Uuid;

use crate::domain::{ClientRequestId, ConnectionId, Principal, Timestamp};

/// The maximum number of runs that one connection has at once, accepted or started.
pub const MAX_RUNS: usize = 16;

/// An open connection.
#[derive(derive_more::Debug, Clone, PartialEq, Eq)]
pub struct Connection {
    /// The caller who opened it.
    pub principal: Principal,
    /// When the caller's token expires; requests after that are rejected.
    pub token_expires_at: Timestamp,
    /// The id that the caller's token shares with all that were refreshed from the same sign-in, for the audit.
    #[debug("{:?}", token_origin.as_ref().map(|_| "[hidden]"))]
    pub token_origin: Option<String>,
    /// When the connection is forgotten at the latest, in whole seconds.
    pub expires_at: Timestamp,
}

/// Identifies a run of a connection. A client may use a request id again once its run has ended; a dispatch id is never
/// used again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunHandle {
    /// The connection.
    pub connection: ConnectionId,
    /// The client's name for the run.
    pub request_id: ClientRequestId,
    /// Distinguishes runs with the same request id.
    pub dispatch_id: Uuid,
}

/// The outcome of a request to accept a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Acceptance {
    /// The run may be dispatched.
    Accepted,
    /// Another run of the connection has the same request id.
    RequestIdInUse,
    /// The connection has [`MAX_RUNS`] runs.
    TooManyRuns,
    /// The connection is closed.
    ConnectionClosed,
}

/// The outcome of starting a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RunStart {
    /// The run belongs to this delivery; no other delivery of the same dispatch can start it. It acts for the caller who
    /// opened the connection.
    Started(Principal),
    /// The run was cancelled before it started.
    Cancelled,
    /// Another delivery has started the run, or the run has ended.
    AlreadyClaimed,
    /// The connection is closed.
    ConnectionClosed,
}

/// Whether a run should continue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RunStatus {
    /// The run is accepted or started, and not cancelled.
    Active,
    /// The client cancelled the run.
    Cancelled,
    /// The run has ended, or its connection is closed.
    Unknown,
}
