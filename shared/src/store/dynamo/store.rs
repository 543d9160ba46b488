//! The adapter.

use aws_sdk_dynamodb::Client;

/// Stores conversations, idempotency keys, connections and leases in DynamoDB. The client decides on retries and time-outs.
#[derive(Debug, Clone)]
pub struct DynamoStore {
    pub(super) client: Client,
    pub(super) table: String,
}

impl DynamoStore {
    /// Creates a store over this table. Does no I/O.
    #[must_use]
    pub fn new(client: Client, table: impl Into<String>) -> Self {
        Self { client, table: table.into() }
    }
}
