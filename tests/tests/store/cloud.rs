//! Creates a table for each test.

use std::hash::{BuildHasher, Hasher, RandomState};
use std::sync::Arc;
use std::time::Duration;

use aws_sdk_dynamodb::Client;
use openclaw::aws::{AwsService, CallLimits, local_context};
use openclaw::domain::{ConversationId, Message, Role, RunId, TenantId, Timestamp, UserId};
use openclaw::store::{Base, ConversationKey, DynamoStore, TurnCommit, Window};
use openclaw::testing::{ManualClock, create_table};
use uuid::Uuid;

const ENDPOINT: &str = "OPENCLAW_TEST_AWS_ENDPOINT_URL";
const LIMITS: CallLimits = CallLimits { max_attempts: 1, attempt_timeout: Duration::from_secs(30) };

/// Far in the future, so that the local cloud's time to live deletes nothing.
pub(crate) const NOW: Timestamp = Timestamp::from_millis(4_000_000_000_000);
pub(crate) const ALL: Window = Window { messages: 1_000, size_bytes: 10_000_000 };

#[expect(clippy::disallowed_methods, reason = "the test's own setting, not the gateway's")]
pub(crate) fn endpoint() -> String {
    std::env::var(ENDPOINT).unwrap_or_else(|_| {
        panic!("{ENDPOINT} is not set: start a local cloud and set its address, or run `make test`")
    })
}

/// Creates a client that tries each request once.
pub(crate) fn client(endpoint: &str) -> Client {
    client_with(endpoint, LIMITS)
}

/// Creates a client that tries each request three times, as the functions do.
pub(crate) fn retrying_client(endpoint: &str) -> Client {
    client_with(endpoint, CallLimits { max_attempts: 3, ..LIMITS })
}

fn client_with(endpoint: &str, limits: CallLimits) -> Client {
    Client::new(&local_context(endpoint).unwrap().sdk_config(AwsService::DynamoDb, limits))
}

/// Returns a clock that stands at [`NOW`].
pub(crate) fn clock() -> Arc<ManualClock> {
    ManualClock::at(NOW.millis())
}

fn random() -> u64 {
    RandomState::new().build_hasher().finish()
}

pub(crate) fn fresh_uuid() -> Uuid {
    Uuid::from_u64_pair(random(), random())
}

/// Creates a table and returns its name.
pub(crate) async fn table() -> String {
    let table = format!("store-{:016x}", random());
    create_table(&client(&endpoint()), &table).await.unwrap();
    table
}

pub(crate) async fn store() -> DynamoStore {
    DynamoStore::new(client(&endpoint()), table().await, clock())
}

pub(crate) fn key() -> ConversationKey {
    ConversationKey {
        tenant: TenantId::new("default"),
        owner: UserId::new("5f3c9d1e-0c2b-4a57-9d43-1f3a0b8c7d6e"),
        conversation: ConversationId::new(fresh_uuid()),
    }
}

pub(crate) fn turn(key: &ConversationKey, base: Base, prompt: &str) -> TurnCommit {
    TurnCommit {
        key: key.clone(),
        run: RunId::new(fresh_uuid()),
        attempt: 0,
        agent: "default".parse().unwrap(),
        title: "a title".to_owned(),
        base,
        messages: vec![Message::text(Role::User, prompt), Message::text(Role::Assistant, format!("re: {prompt}"))],
        now: NOW,
        expires_at: NOW.plus(Duration::from_hours(720)),
        millibytes_per_token: None,
        receipt: None,
        audit: Vec::new(),
    }
}
