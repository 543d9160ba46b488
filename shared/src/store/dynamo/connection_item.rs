//! The stored shape of a WebSocket connection; its attributes' names are in [`super::item`]'s table.

use std::collections::{BTreeMap, HashMap};

use aws_sdk_dynamodb::types::AttributeValue;
use uuid::Uuid;

use super::attributes::{Item, Reader, number, required, text, uuid};
use super::item::{CURRENT, REVISION, extend, started};
use super::keys;
use crate::domain::{Principal, PrincipalKind, TenantId, Timestamp, UserId};
use crate::store::{Connection, StoreError};

/// Of a connection: its runs by name. A map that is always there, since DynamoDB writes into no map that is not.
const RUNS: &str = "y";
const ORDER: &str = "o";
const OVER_AT: &str = "u";
const CALLED_OFF: &str = "x";
const KIND: &str = "i";
const USER: &str = "s";
const TENANT: &str = "e";
const GROUPS: &str = "l";
const UNTIL: &str = "u";

/// A run as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct StoredRun {
    pub(super) order: Uuid,
    pub(super) over_at: Timestamp,
    pub(super) is_called_off: bool,
}

impl StoredRun {
    fn read(value: AttributeValue) -> Result<Self, StoreError> {
        let AttributeValue::M(members) = value else { return Err(StoreError::Corrupt("a run is no map")) };
        let is_called_off = members.contains_key(CALLED_OFF);
        let reader = Reader::part_of(members);
        Ok(Self { order: required(reader.uuid(ORDER)?)?, over_at: required(reader.time(OVER_AT)?)?, is_called_off })
    }
}

/// A run that waits, as it is written.
pub(super) fn waiting(order: Uuid, over_at: Timestamp) -> AttributeValue {
    let members = [(ORDER, uuid(order)), (OVER_AT, number(over_at.millis()))];
    AttributeValue::M(members.map(|(name, value)| (name.to_owned(), value)).into())
}

/// A connection as it is opened: without runs.
pub(super) fn to_item(connection: &Connection, partition: String, ttl_seconds: u64) -> Item {
    let Connection { principal, until } = connection;
    let kind = match principal.kind {
        PrincipalKind::User => "u",
        PrincipalKind::Client => "c",
    };
    let mut item = started(partition, keys::CONNECTION.to_owned(), ttl_seconds);
    extend(
        &mut item,
        [
            (KIND, text(kind)),
            (USER, text(principal.user.as_str())),
            (TENANT, text(principal.tenant.as_str())),
            (UNTIL, number(until.millis())),
            (RUNS, AttributeValue::M(HashMap::new())),
        ],
    );
    // DynamoDB has no empty sets.
    if !principal.groups.is_empty() {
        item.insert(GROUPS.to_owned(), AttributeValue::Ss(principal.groups.iter().cloned().collect()));
    }
    item
}

/// Who has opened a connection.
pub(super) fn connection(item: Item) -> Result<Connection, StoreError> {
    let mut reader = Reader::new(item, REVISION, CURRENT)?;
    let kind = match required(reader.text(KIND)?)?.as_str() {
        "u" => PrincipalKind::User,
        "c" => PrincipalKind::Client,
        _ => return Err(StoreError::Corrupt("a principal's kind is unknown")),
    };
    let principal = Principal {
        kind,
        user: UserId::new(required(reader.text(USER)?)?),
        tenant: TenantId::new(required(reader.text(TENANT)?)?),
        groups: reader.texts(GROUPS)?,
    };
    Ok(Connection { principal, until: required(reader.time(UNTIL)?)? })
}

/// Takes the runs out of an item, by name.
pub(super) fn take_runs(item: &mut Item) -> Result<BTreeMap<String, StoredRun>, StoreError> {
    match item.remove(RUNS) {
        Some(AttributeValue::M(runs)) => {
            runs.into_iter().map(|(name, run)| Ok((name, StoredRun::read(run)?))).collect()
        }
        _ => Err(StoreError::Corrupt("a connection has no map of runs")),
    }
}
