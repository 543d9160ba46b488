//! The run that the function `websocket` dispatches to the function `stream`: requested, checked and recorded.
//!
//! Two versions of the code meet here in every deployment, so the shape is a type of its own with a revision.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::api::{AuditFacts, RefusalAudit, RefusedRun, ServerContext, check_body};
use crate::domain::{AgentName, ClientRequestId, ConnectionId, Principal, PrincipalKind, Random, TenantId, UserId};
use crate::http::Problem;
use crate::store::RunHandle;

/// The revision that this version writes and reads.
const REVISION: u32 = 1;

/// A run for a connection. Without `Debug`, since it contains a prompt.
#[derive(Clone, Serialize, Deserialize)]
#[serde(try_from = "Wire", into = "Wire")]
pub struct DispatchedRun {
    /// The run within its connection.
    pub(super) run: RunHandle,
    /// The caller, for earlier versions of the function `stream`; this one reads the caller from the connection.
    pub(super) principal: Principal,
    /// The agent.
    pub(super) agent: AgentName,
    /// The members of the body, as in a request over HTTP; checked again by the same rules.
    pub(super) body: Map<String, Value>,
    /// The client's network address, for the audit.
    pub(super) source: Option<String>,
    /// The origin of the token that opened the connection, for the audit.
    pub(super) token: Option<String>,
}

impl DispatchedRun {
    /// Stores the entry about a run that could not audit itself, since it never began or broke off.
    ///
    /// # Errors
    /// 503 if it cannot be stored.
    pub(super) async fn audit_end(
        &self,
        (audit, request_id): (&RefusalAudit, &str),
        status: &str,
        server: &ServerContext,
        random: &dyn Random,
    ) -> Result<(), Problem> {
        let Self { principal, agent, body, source, token, .. } = self;
        // The function that dispatched the run has checked it.
        let Ok(body) = check_body(body.clone(), "", Vec::new()) else { return Ok(()) };
        let digest_key = server.digest_keys.key().await;
        let facts = AuditFacts { digest_key: digest_key.as_ref(), token: token.as_deref(), source: source.as_deref() };
        let refused = RefusedRun { request_id, principal, agent, body: &body, status };
        audit.record(&refused, &facts, server.clock.now(), random).await
    }
}

/// The event of the asynchronous invocation.
#[derive(Serialize, Deserialize)]
pub(super) struct RunEnvelope<T> {
    pub(super) websocket_run: T,
}

#[derive(Serialize, Deserialize)]
struct Wire {
    v: u32,
    connection: ConnectionId,
    request_id: ClientRequestId,
    // The name that other versions of the functions read and write.
    #[serde(rename = "order")]
    dispatch_id: Uuid,
    is_client: bool,
    user: UserId,
    tenant: TenantId,
    groups: BTreeSet<String>,
    agent: AgentName,
    body: Map<String, Value>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    source: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    token: Option<String>,
}

impl From<DispatchedRun> for Wire {
    fn from(dispatched: DispatchedRun) -> Self {
        let Principal { kind, user, tenant, groups } = dispatched.principal;
        Self {
            v: REVISION,
            connection: dispatched.run.connection,
            request_id: dispatched.run.request_id,
            dispatch_id: dispatched.run.dispatch_id,
            is_client: kind == PrincipalKind::Client,
            user,
            tenant,
            groups,
            agent: dispatched.agent,
            body: dispatched.body,
            source: dispatched.source,
            token: dispatched.token,
        }
    }
}

impl TryFrom<Wire> for DispatchedRun {
    type Error = &'static str;

    fn try_from(wire: Wire) -> Result<Self, &'static str> {
        // In another revision the same members may mean something else.
        if wire.v != REVISION {
            return Err("the run has another revision");
        }
        let kind = if wire.is_client { PrincipalKind::Client } else { PrincipalKind::User };
        let Wire { connection, request_id, dispatch_id, user, tenant, groups, agent, body, source, token, .. } = wire;
        let run = RunHandle { connection, request_id, dispatch_id };
        Ok(Self { run, principal: Principal { kind, user, tenant, groups }, agent, body, source, token })
    }
}

/// What is read of a dispatched run that failed, whatever its revision.
#[derive(Clone, Deserialize)]
pub(super) struct FailedRun {
    connection: ConnectionId,
    request_id: ClientRequestId,
    #[serde(rename = "order")]
    dispatch_id: Uuid,
    pub(super) agent: Option<String>,
}

impl FailedRun {
    /// Returns the run within its connection.
    pub(super) fn handle(&self) -> RunHandle {
        RunHandle {
            connection: self.connection.clone(),
            request_id: self.request_id.clone(),
            dispatch_id: self.dispatch_id,
        }
    }
}
