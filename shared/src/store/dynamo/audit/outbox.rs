//! The outbox, one request for each item.

use std::fmt;
use std::time::Duration;

use async_trait::async_trait;
use aws_sdk_dynamodb::Client;

use crate::audit::{AuditError, AuditItem, AuditOutbox, OutboxRecord, SHARDS};
use crate::store::dynamo::attributes::{CREATED_AT, ENTRIES, PARTITION, SORT};
use crate::store::dynamo::failure;
use crate::store::dynamo::item::{Item, base_item, extend};
use crate::store::dynamo::values::{number, text};
use crate::store::error::StoreError;

/// How long entries stay in the table; its stream keeps them for a day.
const RETENTION: Duration = Duration::from_hours(7 * 24);

/// Prefix of the partition key of entries, which the trigger of `archive` filters by.
const PARTITION_PREFIX: &str = "A#";

/// The audit's table.
#[derive(Clone)]
pub struct DynamoAudit {
    pub(super) client: Client,
    pub(super) table: String,
}

impl DynamoAudit {
    /// Creates a client of the table. Does no I/O.
    #[must_use]
    pub fn new(client: Client, table: impl Into<String>) -> Self {
        Self { client, table: table.into() }
    }
}

impl fmt::Debug for DynamoAudit {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("DynamoAudit").field("table", &self.table).finish_non_exhaustive()
    }
}

#[async_trait]
impl AuditOutbox for DynamoAudit {
    async fn append(&self, item: &AuditItem) -> Result<(), AuditError> {
        let put = self.client.put_item().table_name(&self.table).set_item(Some(to_item(item)));
        match put.send().await {
            Ok(_) => Ok(()),
            Err(error) => Err(match failure::store_error(&error) {
                StoreError::Refused(code) => AuditError::Refused(code),
                _ => AuditError::Unavailable,
            }),
        }
    }
}

/// Returns the item of entries.
pub(in crate::store::dynamo) fn to_item(item: &AuditItem) -> Item {
    let mut attributes = base_item(partition(item.shard), item.id.clone(), item.at.plus(RETENTION).seconds());
    extend(&mut attributes, [(ENTRIES, text(item.entries.clone())), (CREATED_AT, number(item.at.millis()))]);
    attributes
}

pub(super) fn partition(shard: u8) -> String {
    format!("{PARTITION_PREFIX}{shard}")
}

/// Reads a record of the table's stream, given the texts of its attributes; `None` if it is not one of entries.
#[must_use]
pub fn outbox_record<'a>(attribute: impl Fn(&str) -> Option<&'a str>) -> Option<OutboxRecord> {
    let shard = attribute(PARTITION)?.strip_prefix(PARTITION_PREFIX)?.parse().ok().filter(|shard| *shard < SHARDS)?;
    let (id, entries) = (attribute(SORT)?.to_owned(), attribute(ENTRIES).map(str::to_owned));
    Some(OutboxRecord { shard, id, entries })
}
