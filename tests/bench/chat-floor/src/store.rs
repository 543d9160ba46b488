//! The conversation in DynamoDB: one strongly consistent `Query` to load, one `TransactWriteItems` to store.

use crate::{client, optional, setting};
use aws_credential_types::Credentials;
use aws_sdk_dynamodb::{
    Client,
    config::{BehaviorVersion, IdentityCache, Region, StalledStreamProtectionConfig, retry::RetryConfig},
    error::DisplayErrorContext,
    types::{AttributeValue, Put, ReturnValuesOnConditionCheckFailure, TransactWriteItem},
};
use lambda_http::Error;
use serde::Serialize;
use std::{
    collections::HashMap,
    time::{SystemTime, UNIX_EPOCH},
};

type Item = HashMap<String, AttributeValue>;

/// The model sees this many messages.
const WINDOW: i32 = 20;
const KEPT_SECONDS: u64 = 30 * 24 * 3600;

#[derive(Serialize)]
pub(crate) struct Message {
    pub(crate) role: String,
    pub(crate) content: String,
}

/// The facts about the conversation that the next commit needs.
#[derive(Clone, Copy, Default)]
pub(crate) struct Head {
    version: u64,
    next_sequence: u64,
}

pub(crate) struct Loaded {
    pub(crate) head: Head,
    pub(crate) messages: Vec<Message>,
}

pub(crate) struct Store {
    client: Client,
    table: String,
}

impl Store {
    pub(crate) fn from_environment(http: reqwest::Client) -> Result<Self, Error> {
        let credentials = Credentials::new(
            setting("AWS_ACCESS_KEY_ID")?,
            setting("AWS_SECRET_ACCESS_KEY")?,
            optional("AWS_SESSION_TOKEN"),
            None,
            "environment",
        );
        // A Lambda function's credentials are in its environment and never change, so there is nothing to resolve or cache.
        let mut config = aws_sdk_dynamodb::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new(setting("AWS_REGION")?))
            .credentials_provider(credentials)
            .identity_cache(IdentityCache::no_cache())
            .retry_config(RetryConfig::standard())
            .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
            .http_client(client::for_sdk(http));
        if let Some(endpoint) = optional("AWS_ENDPOINT_URL") {
            config = config.endpoint_url(endpoint);
        }
        Ok(Self { client: Client::from_conf(config.build()), table: setting("TABLE")? })
    }

    pub(crate) async fn load(&self, conversation: &str, owner: &str) -> Result<Loaded, Error> {
        let answer = self
            .client
            .query()
            .table_name(&self.table)
            .key_condition_expression("PK = :pk AND SK >= :from")
            .expression_attribute_values(":pk", text(partition(conversation)))
            .expression_attribute_values(":from", text("M#"))
            .scan_index_forward(false)
            .consistent_read(true)
            .limit(WINDOW + 1)
            .send()
            .await
            .map_err(explained)?;
        let mut items = answer.items.unwrap_or_default().into_iter();
        let Some(first) = items.next() else {
            return Ok(Loaded { head: Head::default(), messages: Vec::new() });
        };
        if first.get("owner").and_then(|value| value.as_s().ok()).is_none_or(|found| found != owner) {
            return Err("another user's conversation".into());
        }
        let head = Head { version: number(&first, "version")?, next_sequence: number(&first, "next_sequence")? };
        let mut messages = items.map(message).collect::<Result<Vec<_>, _>>()?;
        messages.reverse();
        Ok(Loaded { head, messages })
    }

    pub(crate) async fn commit(
        &self,
        conversation: &str,
        owner: &str,
        head: Head,
        new: &[Message],
    ) -> Result<(), Error> {
        let partition = partition(conversation);
        let now = seconds_since_epoch()?;
        let mut writes = Vec::with_capacity(new.len() + 1);
        for (sequence, message) in (head.next_sequence..).zip(new) {
            let put = Put::builder()
                .table_name(&self.table)
                .item("PK", text(&partition))
                .item("SK", text(format!("M#{sequence:010}")))
                .item("role", text(&message.role))
                .item("text", text(&message.content))
                .item("created_at", integer(now))
                .item("expires_at", integer(now + KEPT_SECONDS));
            writes.push(TransactWriteItem::builder().put(put.build()?).build());
        }
        let mut put = Put::builder()
            .table_name(&self.table)
            .item("PK", text(&partition))
            .item("SK", text("Z#HEAD"))
            .item("version", integer(head.version + 1))
            .item("next_sequence", integer(head.next_sequence + new.len() as u64))
            .item("agent", text("default"))
            .item("owner", text(owner))
            .item("GSI1PK", text(format!("T#default#U#{owner}")))
            .item("GSI1SK", text(now.to_string()))
            .item("expires_at", integer(now + KEPT_SECONDS))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        put = if head.version == 0 {
            put.condition_expression("attribute_not_exists(PK)")
        } else {
            put.condition_expression("version = :read").expression_attribute_values(":read", integer(head.version))
        };
        writes.push(TransactWriteItem::builder().put(put.build()?).build());
        self.client.transact_write_items().set_transact_items(Some(writes)).send().await.map_err(explained)?;
        Ok(())
    }
}

#[expect(clippy::disallowed_methods, reason = "the floor is not tested with another clock")]
fn seconds_since_epoch() -> Result<u64, Error> {
    Ok(SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs())
}

/// Returns an error's text with those of its sources, since the SDK's errors name the cause only there.
fn explained(error: impl std::error::Error) -> String {
    DisplayErrorContext(error).to_string()
}

fn partition(conversation: &str) -> String {
    format!("T#default#C#{conversation}")
}

fn text(value: impl Into<String>) -> AttributeValue {
    AttributeValue::S(value.into())
}

fn integer(value: u64) -> AttributeValue {
    AttributeValue::N(value.to_string())
}

fn number(item: &Item, name: &str) -> Result<u64, Error> {
    let value = item.get(name).and_then(|value| value.as_n().ok()).ok_or_else(|| format!("no {name}"))?;
    Ok(value.parse()?)
}

fn message(mut item: Item) -> Result<Message, Error> {
    match (item.remove("role"), item.remove("text")) {
        (Some(AttributeValue::S(role)), Some(AttributeValue::S(content))) => Ok(Message { role, content }),
        _ => Err("a message without role or text".into()),
    }
}
