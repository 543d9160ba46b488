//! What the function `websocket` hands to the one that runs agents: a run that was asked for, checked and noted.
//!
//! Two versions of the code meet here in every deployment, so the shape has a revision and is its own.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::domain::{AgentName, ClientRequestId, ConnectionId, Principal, PrincipalKind, TenantId, UserId};
use crate::store::RunHandle;

/// The revision that this version writes and reads.
const REVISION: u32 = 1;

/// A run for a connection. Without `Debug`: it holds a prompt.
#[derive(Clone, Serialize, Deserialize)]
#[serde(try_from = "Written", into = "Written")]
pub struct RunOrder {
    /// Whose, by what name, and which of that name.
    pub(super) run: RunHandle,
    /// Who asks.
    pub(super) principal: Principal,
    /// Whom.
    pub(super) agent: AgentName,
    /// The body's members, as a request over HTTP has them; read again by the same rules.
    pub(super) body: Map<String, Value>,
}

#[derive(Serialize, Deserialize)]
struct Written {
    v: u32,
    connection: ConnectionId,
    request_id: ClientRequestId,
    order: Uuid,
    is_client: bool,
    user: UserId,
    tenant: TenantId,
    groups: BTreeSet<String>,
    agent: AgentName,
    body: Map<String, Value>,
}

impl From<RunOrder> for Written {
    fn from(order: RunOrder) -> Self {
        let Principal { kind, user, tenant, groups } = order.principal;
        Self {
            v: REVISION,
            connection: order.run.connection,
            request_id: order.run.name,
            order: order.run.order,
            is_client: kind == PrincipalKind::Client,
            user,
            tenant,
            groups,
            agent: order.agent,
            body: order.body,
        }
    }
}

impl TryFrom<Written> for RunOrder {
    type Error = &'static str;

    fn try_from(written: Written) -> Result<Self, &'static str> {
        if written.v != REVISION {
            return Err("the order is of another revision");
        }
        let kind = if written.is_client { PrincipalKind::Client } else { PrincipalKind::User };
        let Written { connection, request_id, order, user, tenant, groups, agent, body, .. } = written;
        let run = RunHandle { connection, name: request_id, order };
        Ok(Self { run, principal: Principal { kind, user, tenant, groups }, agent, body })
    }
}

/// What is read of an order that was given up, whatever its revision.
#[derive(Clone, Deserialize)]
pub(super) struct GivenUpOrder {
    connection: ConnectionId,
    request_id: ClientRequestId,
    order: Uuid,
    pub(super) agent: Option<String>,
}

impl GivenUpOrder {
    pub(super) fn ticket(&self) -> RunHandle {
        RunHandle { connection: self.connection.clone(), name: self.request_id.clone(), order: self.order }
    }
}
