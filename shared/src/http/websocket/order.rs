//! What the function `websocket` hands to the one that runs agents: a run that was asked for, checked and noted.
//!
//! Two versions of the code meet here in every deployment, so the shape has a revision and is its own.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::domain::{AgentName, ClientRequestId, ConnectionId, Principal, PrincipalKind, TenantId, UserId};

/// The revision that this version writes and reads.
const REVISION: u32 = 1;

/// A run for a connection.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(try_from = "Written", into = "Written")]
pub struct RunOrder {
    /// Whose.
    pub(super) connection: ConnectionId,
    /// What the client calls it.
    pub(super) request_id: ClientRequestId,
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
            connection: order.connection,
            request_id: order.request_id,
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
        let Written { connection, request_id, user, tenant, groups, agent, body, .. } = written;
        Ok(Self { connection, request_id, principal: Principal { kind, user, tenant, groups }, agent, body })
    }
}
