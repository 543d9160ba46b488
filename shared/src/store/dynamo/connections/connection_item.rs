//! The stored shape of a WebSocket connection and of its runs.

use std::collections::{BTreeMap, HashMap};

use aws_sdk_dynamodb::types::AttributeValue;
use uuid::Uuid;

use crate::domain::{Principal, PrincipalKind, TenantId, Timestamp, UserId};
use crate::store::connections::Connection;
use crate::store::dynamo::attributes::{
    CANCELLED, DISPATCH, GROUPS, PRINCIPAL_KIND, RUN_EXPIRES_AT, RUNS, TENANT, TOKEN_EXPIRES_AT, TOKEN_ORIGIN, TTL,
    USER,
};
use crate::store::dynamo::item::{Item, ItemReader, base_item, extend, required};
use crate::store::dynamo::keys;
use crate::store::dynamo::values::{number, text, uuid};
use crate::store::error::StoreError;

const USER_KIND: &str = "user";
const CLIENT_KIND: &str = "client";

/// A run of a connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct RunEntry {
    pub(super) dispatch_id: Uuid,
    pub(super) expires_at: Timestamp,
    pub(super) is_cancelled: bool,
}

impl RunEntry {
    fn read(value: AttributeValue) -> Result<Self, StoreError> {
        let AttributeValue::M(members) = value else { return Err(StoreError::Corrupt("a run is not a map")) };
        let is_cancelled = members.contains_key(CANCELLED);
        let reader = ItemReader::map(members);
        let dispatch_id = required(reader.uuid(DISPATCH)?)?;
        Ok(Self { dispatch_id, expires_at: required(reader.time(RUN_EXPIRES_AT)?)?, is_cancelled })
    }
}

/// Makes the entry of a run that was accepted and has not started.
pub(super) fn accepted_run(dispatch_id: Uuid, expires_at: Timestamp) -> AttributeValue {
    let members = [(DISPATCH, uuid(dispatch_id)), (RUN_EXPIRES_AT, number(expires_at.millis()))];
    AttributeValue::M(members.map(|(name, value)| (name.to_owned(), value)).into())
}

/// Makes the item of a new connection.
pub(super) fn to_item(connection: &Connection, partition: String) -> Item {
    let Connection { principal, token_expires_at, token_origin, expires_at } = connection;
    let kind = match principal.kind {
        PrincipalKind::User => USER_KIND,
        PrincipalKind::Client => CLIENT_KIND,
    };
    let mut item = base_item(partition, keys::CONNECTION, expires_at.seconds());
    extend(
        &mut item,
        [
            (PRINCIPAL_KIND, text(kind)),
            (USER, text(principal.user.as_str())),
            (TENANT, text(principal.tenant.as_str())),
            (TOKEN_EXPIRES_AT, number(token_expires_at.millis())),
            // DynamoDB cannot set an entry of a map that does not exist.
            (RUNS, AttributeValue::M(HashMap::new())),
        ],
    );
    item.extend(token_origin.iter().map(|origin| (TOKEN_ORIGIN.to_owned(), text(origin))));
    // DynamoDB has no empty sets.
    if !principal.groups.is_empty() {
        item.insert(GROUPS.to_owned(), AttributeValue::Ss(principal.groups.iter().cloned().collect()));
    }
    item
}

/// Reads a connection without its runs.
pub(super) fn from_item(item: Item) -> Result<Connection, StoreError> {
    let mut reader = ItemReader::new(item)?;
    let kind = match required(reader.text(PRINCIPAL_KIND)?)?.as_str() {
        USER_KIND => PrincipalKind::User,
        CLIENT_KIND => PrincipalKind::Client,
        _ => return Err(StoreError::Corrupt("the kind of a principal is unknown")),
    };
    let principal = Principal {
        kind,
        user: UserId::new(required(reader.text(USER)?)?),
        tenant: TenantId::new(required(reader.text(TENANT)?)?),
        groups: reader.texts(GROUPS)?,
    };
    let expires_at = Timestamp::from_millis(required(reader.number(TTL)?)?.saturating_mul(1000));
    let token_expires_at = required(reader.time(TOKEN_EXPIRES_AT)?)?;
    Ok(Connection { principal, token_expires_at, token_origin: reader.text(TOKEN_ORIGIN)?, expires_at })
}

/// Takes the runs out of an item, by request id.
pub(super) fn take_runs(item: &mut Item) -> Result<BTreeMap<String, RunEntry>, StoreError> {
    match item.remove(RUNS) {
        Some(AttributeValue::M(runs)) => runs.into_iter().map(|(id, run)| Ok((id, RunEntry::read(run)?))).collect(),
        _ => Err(StoreError::Corrupt("a connection has no map of runs")),
    }
}
