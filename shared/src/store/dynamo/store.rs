//! The adapter.

use std::fmt;
use std::sync::Arc;

use aws_sdk_dynamodb::Client;

use super::item::{Item, expires_at};
use crate::domain::Clock;

/// Stores conversations, idempotency keys, connections and leases in DynamoDB. The client decides on retries and time-outs.
#[derive(Clone)]
pub struct DynamoStore {
    pub(super) client: Client,
    pub(super) table: String,
    /// The audit's table, where runs are audited.
    pub(super) audit_table: Option<String>,
    clock: Arc<dyn Clock>,
}

impl DynamoStore {
    /// Creates a store over this table. Does no I/O. The clock says which items have expired.
    #[must_use]
    pub fn new(client: Client, table: impl Into<String>, clock: Arc<dyn Clock>) -> Self {
        Self { client, table: table.into(), audit_table: None, clock }
    }

    /// Stores the audit entries of turns in this table.
    #[must_use]
    pub fn with_audit_table(self, table: impl Into<String>) -> Self {
        Self { audit_table: Some(table.into()), ..self }
    }

    /// Returns whether an item counts. DynamoDB may delete an expired item days after its time to live.
    pub(super) fn is_live(&self, item: &Item) -> bool {
        expires_at(item).is_none_or(|expires_at| self.clock.now().seconds() < expires_at)
    }
}

impl fmt::Debug for DynamoStore {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("DynamoStore").field("table", &self.table).finish_non_exhaustive()
    }
}
