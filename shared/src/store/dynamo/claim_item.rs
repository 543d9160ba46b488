//! The stored shape of an idempotency record; its attributes' names are in [`super::item`]'s table.

use super::attributes::{Item, Reader, number, required, text, uuid};
use super::item::{CURRENT, REVISION, RUN, TTL, extend, started};
use super::keys;
use crate::domain::{ConversationId, RunId, Timestamp};
use crate::store::StoreError;

pub(super) const BODY_DIGEST: &str = "b";
pub(super) const RUNNING_UNTIL: &str = "u";
pub(super) const FACTS: &str = "f";
const CONVERSATION: &str = "d";
const OUTPUT: &str = "o";

/// An idempotency record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ClaimItem {
    pub(super) body_digest: String,
    pub(super) run: RunId,
    pub(super) running_until: Option<Timestamp>,
    pub(super) done: Option<DoneItem>,
    pub(super) ttl_seconds: u64,
}

/// Where a finished run's answer stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct DoneItem {
    pub(super) facts: String,
    pub(super) conversation: ConversationId,
    pub(super) output_sequence: u64,
}

impl ClaimItem {
    pub(super) fn into_item(self, partition: String) -> Item {
        let mut item = started(partition, keys::CLAIM.to_owned(), self.ttl_seconds);
        extend(&mut item, [(BODY_DIGEST, text(self.body_digest)), (RUN, uuid(self.run.uuid()))]);
        if let Some(until) = self.running_until {
            item.insert(RUNNING_UNTIL.to_owned(), number(until.millis()));
        }
        if let Some(done) = self.done {
            extend(
                &mut item,
                [
                    (FACTS, text(done.facts)),
                    (CONVERSATION, uuid(done.conversation.uuid())),
                    (OUTPUT, number(done.output_sequence)),
                ],
            );
        }
        item
    }

    pub(super) fn from_item(item: Item) -> Result<Self, StoreError> {
        let mut reader = Reader::new(item, REVISION, CURRENT)?;
        let done = match reader.text(FACTS)? {
            None => None,
            Some(facts) => Some(DoneItem {
                facts,
                conversation: ConversationId::new(required(reader.uuid(CONVERSATION)?)?),
                output_sequence: required(reader.number(OUTPUT)?)?,
            }),
        };
        Ok(Self {
            body_digest: required(reader.text(BODY_DIGEST)?)?,
            run: RunId::new(required(reader.uuid(RUN)?)?),
            running_until: reader.time(RUNNING_UNTIL)?,
            done,
            ttl_seconds: required(reader.number(TTL)?)?,
        })
    }
}
