//! The heads of the chains.

use async_trait::async_trait;
use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_dynamodb::types::{Put, TransactWriteItem};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;

use super::outbox::{DynamoAudit, partition};
use crate::audit::{ChainHead, ChainHeads, ObjectError};
use crate::store::dynamo::attributes::{CHAIN_HEAD, LAST_OBJECT, PARTITION, REVISION, SORT};
use crate::store::dynamo::failure;
use crate::store::dynamo::item::{CURRENT_REVISION, Item, ItemReader, extend, key};
use crate::store::dynamo::values::{number, text};

/// The sort key of a chain's last head.
const HEAD: &str = "HEAD";

/// The prefix of the sort key of a day's head.
const DAY_PREFIX: &str = "D#";

#[async_trait]
impl ChainHeads for DynamoAudit {
    async fn at(&self, shard: u8, day: &str) -> Result<Option<ChainHead>, ObjectError> {
        let found = self
            .client
            .query()
            .table_name(&self.table)
            .consistent_read(true)
            .key_condition_expression(format!("{PARTITION} = :chain AND {SORT} BETWEEN :first AND :day"))
            .expression_attribute_values(":chain", text(chain(shard)))
            .expression_attribute_values(":first", text(DAY_PREFIX))
            .expression_attribute_values(":day", text(format!("{DAY_PREFIX}{day}")))
            .scan_index_forward(false)
            .limit(1)
            .send()
            .await
            .map_err(|error| failed(&error))?;
        let Some(item) = found.items.unwrap_or_default().into_iter().next() else { return Ok(None) };
        let unreadable = || ObjectError::Unavailable(format!("the head of shard {shard} cannot be read"));
        let mut reader = ItemReader::new(item).map_err(|_| unreadable())?;
        let head = reader.text(CHAIN_HEAD).ok().flatten().ok_or_else(unreadable)?;
        serde_json::from_str(&head).map(Some).map_err(|_| unreadable())
    }

    async fn advance(&self, shard: u8, from: Option<&ChainHead>, to: &ChainHead) -> Result<(), ObjectError> {
        let unwritable = || ObjectError::Unavailable("the head of a chain cannot be written".to_owned());
        let head = serde_json::to_string(to).map_err(|_| unwritable())?;
        let item = |sort: String| -> Item {
            let mut item = key(chain(shard), sort);
            let last = number(to.last_object);
            extend(
                &mut item,
                [(REVISION, number(CURRENT_REVISION)), (CHAIN_HEAD, text(head.clone())), (LAST_OBJECT, last)],
            );
            item
        };
        let last = Put::builder().table_name(&self.table).set_item(Some(item(HEAD.to_owned())));
        let last = match from {
            Some(from) => last
                .condition_expression(format!("{LAST_OBJECT} = :before"))
                .expression_attribute_values(":before", number(from.last_object)),
            None => last.condition_expression(format!("attribute_not_exists({PARTITION})")),
        };
        let of_day = Put::builder().table_name(&self.table).set_item(Some(item(format!("{DAY_PREFIX}{}", to.day))));
        let mut actions = Vec::new();
        for put in [last, of_day] {
            actions.push(TransactWriteItem::builder().put(put.build().map_err(|_| unwritable())?).build());
        }
        match self.client.transact_write_items().set_transact_items(Some(actions)).send().await {
            Ok(_) => Ok(()),
            Err(SdkError::ServiceError(service)) if service.err().is_transaction_canceled_exception() => {
                Err(ObjectError::Moved)
            }
            Err(error) => Err(failed(&error)),
        }
    }

    async fn forget(&self, shard: u8, item: &str) -> Result<(), ObjectError> {
        let delete = self.client.delete_item().table_name(&self.table);
        let sent = delete.set_key(Some(key(partition(shard), item))).send().await;
        sent.map(drop).map_err(|error| failed(&error))
    }
}

fn chain(shard: u8) -> String {
    format!("H#{shard}")
}

fn failed<E: ProvideErrorMetadata>(error: &SdkError<E, HttpResponse>) -> ObjectError {
    ObjectError::Unavailable(format!("DynamoDB: {}", failure::store_error(error)))
}
