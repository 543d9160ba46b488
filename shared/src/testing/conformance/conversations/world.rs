//! Helpers that the checks share: a tenant of their own, and turns.

use std::sync::Arc;
use std::time::Duration;

use uuid::Uuid;

use super::check::Store;
use crate::domain::{
    AgentName, ConversationId, Message, ModelId, Provider, Role, RunId, RunSummary, Step, StepKind, StopReason,
    TenantId, Timestamp, Usage, UserId,
};
use crate::store::{
    Base, ConversationKey, Head, IdempotencyKey, IdempotencyReceipt, ListCursor, ListRequest, StoreError, TurnCommit,
    Window,
};

/// Far in the future, so that no store deletes what a check has written.
pub(super) const START: Timestamp = Timestamp::from_millis(4_000_000_000_000);
const KEPT: Duration = Duration::from_hours(24 * 30);

/// A window that holds every conversation of these checks.
pub(super) const ALL: Window = Window { messages: 1_000, size_bytes: 64 * 1024 * 1024 };

#[expect(clippy::disallowed_methods, reason = "checks that share a store need unique ids")]
pub(super) fn fresh_uuid() -> Uuid {
    Uuid::new_v4()
}

pub(super) fn run() -> RunId {
    RunId::new(fresh_uuid())
}

pub(super) fn at(seconds: u64) -> Timestamp {
    START.plus(Duration::from_secs(seconds))
}

/// A store and a tenant that no other check uses.
pub(super) struct World {
    pub(super) store: Arc<dyn Store>,
    pub(super) tenant: TenantId,
    pub(super) owner: UserId,
}

impl World {
    pub(super) fn new(store: Arc<dyn Store>) -> Self {
        let tenant = TenantId::new(format!("tenant-{}", fresh_uuid().simple()));
        Self { store, tenant, owner: UserId::new("owner") }
    }

    pub(super) fn key(&self) -> ConversationKey {
        ConversationKey {
            tenant: self.tenant.clone(),
            owner: self.owner.clone(),
            conversation: ConversationId::new(fresh_uuid()),
        }
    }

    /// Creates a conversation of one turn.
    pub(super) async fn create(&self, prompt: &str, now: Timestamp) -> (ConversationKey, Head) {
        let key = self.key();
        let turn = turn(&key, Base::New, prompt, now);
        let head = self.store.commit(&turn).await.expect("a new conversation");
        (key, head)
    }

    pub(super) async fn append(&self, key: &ConversationKey, head: &Head, prompt: &str) -> Head {
        let now = head.updated_at.plus(Duration::from_secs(1));
        self.store.commit(&turn(key, Base::After(head.clone()), prompt, now)).await.expect("a turn")
    }

    pub(super) async fn texts(&self, key: &ConversationKey) -> Vec<String> {
        let loaded = self.store.load(key, ALL).await.expect("the conversation");
        let sequences: Vec<u64> = loaded.messages.iter().map(|stored| stored.sequence).collect();
        let expected: Vec<u64> = (1..loaded.head.next_sequence).collect();
        assert_eq!(sequences, expected, "messages have no gaps");
        loaded.messages.iter().map(|stored| stored.message.plain_text()).collect()
    }

    pub(super) fn listing(&self, limit: usize, cursor: Option<ListCursor>) -> ListRequest {
        ListRequest { tenant: self.tenant.clone(), owner: self.owner.clone(), limit, cursor }
    }

    pub(super) fn idempotency_key(&self) -> IdempotencyKey {
        IdempotencyKey { tenant: self.tenant.clone(), digest: fresh_uuid().simple().to_string() }
    }
}

/// Makes a turn of prompt and answer by a new run.
pub(super) fn turn(key: &ConversationKey, base: Base, prompt: &str, now: Timestamp) -> TurnCommit {
    TurnCommit {
        key: key.clone(),
        run: run(),
        attempt: 0,
        agent: agent(),
        title: "a title".to_owned(),
        base,
        messages: vec![Message::text(Role::User, prompt), Message::text(Role::Assistant, format!("re: {prompt}"))],
        now,
        expires_at: now.plus(KEPT),
        millibytes_per_token: None,
        receipt: None,
        audit: Vec::new(),
    }
}

pub(super) fn agent() -> AgentName {
    "default".parse().expect("a name")
}

pub(super) fn receipt(key: &IdempotencyKey, body_digest: &str, run: RunId) -> IdempotencyReceipt {
    IdempotencyReceipt {
        key: key.clone(),
        body_digest: body_digest.to_owned(),
        output_index: 1,
        facts: facts(run),
        expires_at: at(24 * 3600),
    }
}

pub(super) fn facts(run: RunId) -> RunSummary {
    let usage = Usage { input_tokens: 12, output_tokens: 34 };
    RunSummary {
        run,
        provider: Provider::Bedrock,
        model: ModelId::new("a-model"),
        stop_reason: StopReason::EndTurn,
        usage,
        steps: vec![Step {
            kind: StepKind::Generate,
            name: "generate".to_owned(),
            provider: Some(Provider::Bedrock),
            model: Some(ModelId::new("a-model")),
            latency_ms: 5,
            usage: Some(usage),
            outcome: "end_turn".to_owned(),
            policy_ids: std::collections::BTreeSet::new(),
        }],
        latency_ms: 7,
    }
}

/// Returns the winner's head.
pub(super) fn winner(result: Result<Head, StoreError>) -> Head {
    match result {
        Err(StoreError::Contention { head: Some(head) }) => *head,
        other => panic_with("contention with the winner's head", &other),
    }
}

#[track_caller]
pub(super) fn assert_not_found<T: std::fmt::Debug>(result: &Result<T, StoreError>) {
    assert!(matches!(result, Err(StoreError::NotFound)), "expected not found, got {result:?}");
}

#[track_caller]
#[expect(clippy::panic, reason = "a check fails by panicking")]
pub(super) fn panic_with<T, G: std::fmt::Debug>(expected: &str, got: &G) -> T {
    panic!("expected {expected}, got {got:?}")
}
