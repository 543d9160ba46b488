//! The stored shape of a WebSocket connection; its attributes' names are in [`super::item`]'s table.

use std::collections::BTreeSet;

use aws_sdk_dynamodb::types::AttributeValue;

use super::attributes::{Item, Reader, number, required, text};
use super::item::{CURRENT, REVISION, extend, started};
use super::keys;
use crate::domain::{Principal, PrincipalKind, TenantId, UserId};
use crate::memory::{Connection, StoreError};

pub(super) const WAITING: &str = "w";
pub(super) const GOING: &str = "y";
pub(super) const CANCELLED: &str = "x";
const KIND: &str = "i";
const USER: &str = "s";
const TENANT: &str = "e";
const GROUPS: &str = "l";
const UNTIL: &str = "u";

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
        ],
    );
    // DynamoDB has no empty sets.
    if !principal.groups.is_empty() {
        item.insert(GROUPS.to_owned(), AttributeValue::Ss(principal.groups.iter().cloned().collect()));
    }
    item
}

pub(super) fn from_item(item: Item) -> Result<Connection, StoreError> {
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

/// The runs of an item that are waiting, going on, or called off.
pub(super) fn runs(item: Item, which: &str) -> Result<BTreeSet<String>, StoreError> {
    Reader::new(item, REVISION, CURRENT)?.texts(which)
}
