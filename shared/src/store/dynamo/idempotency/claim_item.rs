//! The stored shape of an idempotency record.

use crate::domain::{ConversationId, RunId, Timestamp};
use crate::store::dynamo::attributes::{BODY_DIGEST, CONVERSATION, FACTS, OUTPUT_SEQUENCE, RUN, RUN_EXPIRES_AT};
use crate::store::dynamo::item::{Item, ItemReader, base_item, extend, required};
use crate::store::dynamo::keys;
use crate::store::dynamo::values::{number, text, uuid};
use crate::store::error::StoreError;

/// An idempotency record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::store::dynamo) struct ClaimItem {
    pub(in crate::store::dynamo) body_digest: String,
    pub(in crate::store::dynamo) run: RunId,
    pub(in crate::store::dynamo) running_until: Option<Timestamp>,
    pub(in crate::store::dynamo) done: Option<DoneItem>,
}

/// Where a completed run's answer is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::store::dynamo) struct DoneItem {
    pub(in crate::store::dynamo) facts: String,
    pub(in crate::store::dynamo) conversation: ConversationId,
    pub(in crate::store::dynamo) output_sequence: u64,
}

impl ClaimItem {
    pub(in crate::store::dynamo) fn into_item(self, partition: String, ttl_seconds: u64) -> Item {
        let mut item = base_item(partition, keys::CLAIM, ttl_seconds);
        extend(&mut item, [(BODY_DIGEST, text(self.body_digest)), (RUN, uuid(self.run.uuid()))]);
        if let Some(until) = self.running_until {
            item.insert(RUN_EXPIRES_AT.to_owned(), number(until.millis()));
        }
        if let Some(done) = self.done {
            extend(
                &mut item,
                [
                    (FACTS, text(done.facts)),
                    (CONVERSATION, uuid(done.conversation.uuid())),
                    (OUTPUT_SEQUENCE, number(done.output_sequence)),
                ],
            );
        }
        item
    }

    pub(in crate::store::dynamo) fn from_item(item: Item) -> Result<Self, StoreError> {
        let mut reader = ItemReader::new(item)?;
        // The facts are written with the turn, so their presence means that the run is done.
        let done = match reader.text(FACTS)? {
            None => None,
            Some(facts) => Some(DoneItem {
                facts,
                conversation: ConversationId::new(required(reader.uuid(CONVERSATION)?)?),
                output_sequence: required(reader.number(OUTPUT_SEQUENCE)?)?,
            }),
        };
        Ok(Self {
            body_digest: required(reader.text(BODY_DIGEST)?)?,
            run: RunId::new(required(reader.uuid(RUN)?)?),
            running_until: reader.time(RUN_EXPIRES_AT)?,
            done,
        })
    }
}
