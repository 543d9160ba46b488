//! How the store handles a busy service and an unreliable network.

use std::collections::BTreeSet;
use std::time::Duration;

use openclaw::domain::{
    ClientRequestId, ConnectionId, ModelId, Principal, PrincipalKind, Provider, RunSummary, StopReason, TenantId,
    Usage, UserId,
};
use openclaw::store::{
    Acceptance, Base, Claim, ClaimRequest, Connection, ConnectionRegistry, ConversationStore, DynamoStore,
    IdempotencyKey, IdempotencyLedger, IdempotencyReceipt, ListRequest, RunHandle, RunStart, StoreError, TurnCommit,
    Version,
};
use serde_json::json;

use super::cloud::{self, ALL, NOW, client, key, turn};
use super::proxy::{Proxy, Script};

async fn behind_proxy() -> (Proxy, DynamoStore) {
    let proxy = Proxy::start(&cloud::endpoint()).await;
    let store = DynamoStore::new(client(&proxy.url), cloud::table().await, cloud::clock());
    (proxy, store)
}

/// Checks the same fault on every operation of conversations and idempotency keys.
async fn on_every_operation(script: Script, expected: fn(&StoreError) -> bool) {
    let (proxy, store) = behind_proxy().await;
    let key = key();
    let ledger_key = IdempotencyKey { tenant: key.tenant.clone(), digest: "d".to_owned() };
    let turn = turn(&key, Base::New, "x");
    let list = ListRequest { tenant: key.tenant.clone(), owner: key.owner.clone(), limit: 1, cursor: None };
    let claim = ClaimRequest {
        key: ledger_key.clone(),
        body_digest: "b".to_owned(),
        run: turn.run,
        now: NOW,
        running_until: NOW,
        expires_at: NOW,
    };
    proxy.next(std::iter::repeat_n(script, 9));
    let errors = [
        ("load", store.load(&key, ALL).await.unwrap_err()),
        ("commit", store.commit(&turn).await.unwrap_err()),
        ("list", store.list(&list).await.unwrap_err()),
        ("transcript", store.transcript(&key, 0, 1, 1).await.unwrap_err()),
        ("erase", store.erase(&key, NOW).await.unwrap_err()),
        ("purge", store.purge(&key).await.unwrap_err()),
        ("check", store.check().await.unwrap_err()),
        ("claim", store.claim(&claim).await.unwrap_err()),
        ("release", store.release(&ledger_key, turn.run).await.unwrap_err()),
    ];
    for (operation, error) in errors {
        assert!(expected(&error), "{operation}: {error:?}");
        let said = format!("{error} {error:?}");
        assert!(!said.contains(&key.conversation.to_string()), "{operation}: {said}");
    }
}

#[tokio::test]
async fn throttling_codes_map_to_throttled() {
    for code in ["ProvisionedThroughputExceededException", "ThrottlingException", "RequestLimitExceeded"] {
        on_every_operation(Script::code(code), |error| matches!(error, StoreError::Throttled)).await;
    }
}

#[tokio::test]
async fn rejections_show_only_the_code() {
    let with_text = Script::Error(
        axum::http::StatusCode::BAD_REQUEST,
        json!({ "__type": "com.amazon.coral.service#AccessDeniedException", "message": "not authorized: secret" }),
    );
    on_every_operation(
        with_text,
        |error| matches!(error, StoreError::Refused(code) if code == "AccessDeniedException"),
    )
    .await;
}

#[tokio::test]
async fn broken_answers_and_failures_map_to_unavailable() {
    let unavailable = |error: &StoreError| matches!(error, StoreError::Unavailable(_));
    on_every_operation(Script::Error(axum::http::StatusCode::INTERNAL_SERVER_ERROR, json!({})), unavailable).await;
    on_every_operation(Script::Error(axum::http::StatusCode::SERVICE_UNAVAILABLE, json!("<html>")), unavailable).await;
    // The answer to `check` is the one to lose: on an empty table the other operations fail anyway.
    let (proxy, store) = behind_proxy().await;
    proxy.next([Script::LoseAnswer]);
    assert!(unavailable(&store.check().await.unwrap_err()));
    let nowhere = DynamoStore::new(client("http://127.0.0.1:9"), "none", cloud::clock());
    assert!(unavailable(&nowhere.check().await.unwrap_err()));
}

#[tokio::test]
async fn a_missing_table_is_rejected() {
    let store = DynamoStore::new(client(&cloud::endpoint()), "missing-table", cloud::clock());
    let refused = store.check().await;
    assert!(matches!(&refused, Err(StoreError::Refused(code)) if code == "ResourceNotFoundException"), "{refused:?}");
}

#[tokio::test]
async fn causes_of_cancelled_transactions_map_to_errors() {
    let (proxy, store) = behind_proxy().await;
    let turn = turn(&key(), Base::New, "x");
    proxy.next([
        Script::cancelled(&["TransactionConflict", "None", "None"]),
        Script::cancelled(&["None", "None", "TransactionConflict"]),
        Script::cancelled(&["None", "ThrottlingError", "None"]),
        Script::cancelled(&["ProvisionedThroughputExceeded", "None", "None"]),
        Script::cancelled(&["None", "ValidationError", "None"]),
        Script::cancelled(&["None", "ItemCollectionSizeLimitExceeded", "None"]),
        Script::cancelled(&[]),
        Script::code("TransactionInProgressException"),
        Script::code("IdempotentParameterMismatchException"),
    ]);
    let mut errors = Vec::new();
    while errors.len() < 9 {
        errors.push(store.commit(&turn).await.unwrap_err());
    }
    assert!(matches!(errors[0], StoreError::Contention { head: None }), "{:?}", errors[0]);
    assert!(matches!(errors[1], StoreError::Contention { head: None }), "{:?}", errors[1]);
    assert!(matches!(errors[2], StoreError::Throttled), "{:?}", errors[2]);
    assert!(matches!(errors[3], StoreError::Throttled), "{:?}", errors[3]);
    assert!(matches!(&errors[4], StoreError::Refused(code) if code == "ValidationError"), "{:?}", errors[4]);
    assert!(matches!(errors[5], StoreError::Refused(_)), "{:?}", errors[5]);
    assert!(matches!(errors[6], StoreError::Unavailable(_)), "{:?}", errors[6]);
    assert!(matches!(errors[7], StoreError::Unavailable(_)), "{:?}", errors[7]);
    assert!(matches!(errors[8], StoreError::Refused(_)), "{:?}", errors[8]);
    // None of these wrote anything, so the same turn can still be committed.
    assert_eq!(store.commit(&turn).await.unwrap().version, Version(1));
}

fn receipt(key: &IdempotencyKey, turn: &TurnCommit) -> IdempotencyReceipt {
    let facts = RunSummary {
        run: turn.run,
        provider: Provider::Ollama,
        model: ModelId::new("m"),
        stop_reason: StopReason::EndTurn,
        usage: Usage::default(),
        steps: Vec::new(),
        latency_ms: 1,
    };
    let expires_at = NOW.plus(Duration::from_hours(24));
    IdempotencyReceipt { key: key.clone(), body_digest: "b".to_owned(), output_index: 1, facts, expires_at }
}

async fn claim(store: &DynamoStore, key: &IdempotencyKey, turn: &TurnCommit) -> Claim {
    let request = ClaimRequest {
        key: key.clone(),
        body_digest: "b".to_owned(),
        run: turn.run,
        now: NOW,
        running_until: NOW.plus(Duration::from_mins(1)),
        expires_at: NOW.plus(Duration::from_hours(24)),
    };
    store.claim(&request).await.unwrap()
}

/// Loses the answer to every write once; repeating the same turn must succeed.
async fn lose_every_answer(proxy: &Proxy, store: &DynamoStore) {
    let key = key();
    let first = turn(&key, Base::New, "1");
    proxy.next([Script::LoseAnswer]);
    assert!(matches!(store.commit(&first).await, Err(StoreError::Unavailable(_))));
    let head = store.commit(&first).await.unwrap();
    assert_eq!(head, first.head_after());

    let second = turn(&key, Base::After(head), "2");
    proxy.next([Script::LoseAnswer]);
    assert!(matches!(store.commit(&second).await, Err(StoreError::Unavailable(_))));
    let head = store.commit(&second).await.unwrap();

    let ledger_key = IdempotencyKey { tenant: key.tenant.clone(), digest: format!("{}", key.conversation) };
    let mut third = turn(&key, Base::After(head), "3");
    third.receipt = Some(receipt(&ledger_key, &third));
    assert_eq!(claim(store, &ledger_key, &third).await, Claim::Fresh);
    proxy.next([Script::LoseAnswer]);
    assert!(matches!(store.commit(&third).await, Err(StoreError::Unavailable(_))));
    // With a receipt this holds even after another turn.
    let fourth = turn(&key, Base::After(third.head_after()), "4");
    store.commit(&fourth).await.unwrap();
    assert_eq!(store.commit(&third).await.unwrap(), third.head_after());

    let loaded = store.load(&key, ALL).await.unwrap();
    assert_eq!((loaded.head.version, loaded.messages.len()), (Version(4), 8));
    proxy.next([Script::LoseAnswer]);
    assert!(matches!(store.erase(&key, NOW).await, Err(StoreError::Unavailable(_))));
    store.erase(&key, NOW).await.unwrap();
}

#[tokio::test]
async fn a_lost_answer_stores_no_turn_twice() {
    let (proxy, store) = behind_proxy().await;
    lose_every_answer(&proxy, &store).await;
}

#[tokio::test]
async fn a_lost_answer_stores_no_turn_twice_even_without_tokens() {
    let (proxy, store) = behind_proxy().await;
    proxy.forget_tokens();
    lose_every_answer(&proxy, &store).await;
}

#[tokio::test]
async fn the_client_retries_by_itself() {
    let proxy = Proxy::start(&cloud::endpoint()).await;
    let store = DynamoStore::new(cloud::retrying_client(&proxy.url), cloud::table().await, cloud::clock());
    let turn = turn(&key(), Base::New, "x");
    proxy.next([Script::code("ThrottlingException"), Script::LoseAnswer]);
    assert_eq!(store.commit(&turn).await.unwrap().version, Version(1));
    assert_eq!(proxy.take_counts()["TransactWriteItems"], 3);
    assert_eq!(store.load(&turn.key, ALL).await.unwrap().messages.len(), 2);
}

#[tokio::test]
async fn a_lost_answer_does_not_make_a_run_compete_with_itself() {
    let proxy = Proxy::start(&cloud::endpoint()).await;
    let store = DynamoStore::new(cloud::retrying_client(&proxy.url), cloud::table().await, cloud::clock());
    let (id, request_id) = (ConnectionId::new("connection"), ClientRequestId::parse("run").unwrap());
    let (user, tenant) = (UserId::new("u"), TenantId::default());
    let principal = Principal { kind: PrincipalKind::User, user, tenant, groups: BTreeSet::default() };
    let connection = Connection {
        principal: principal.clone(),
        token_expires_at: NOW,
        token_origin: None,
        expires_at: NOW.plus(Duration::from_hours(1)),
    };
    store.open(&id, &connection).await.unwrap();
    let run = RunHandle { connection: id.clone(), request_id: request_id.clone(), dispatch_id: cloud::fresh_uuid() };
    proxy.next([Script::LoseAnswer]);
    assert_eq!(store.accept(&run, NOW, NOW.plus(Duration::from_mins(1))).await.unwrap(), Acceptance::Accepted);
    proxy.next([Script::LoseAnswer]);
    assert_eq!(store.start(&run, cloud::fresh_uuid()).await.unwrap(), RunStart::Started(principal));
    proxy.next([Script::LoseAnswer]);
    assert!(store.cancel(&id, &request_id).await.unwrap());
    proxy.next([Script::LoseAnswer]);
    store.end(&run).await.unwrap();
    assert_eq!(store.start(&run, cloud::fresh_uuid()).await.unwrap(), RunStart::AlreadyClaimed);
    assert_eq!(proxy.take_counts()["UpdateItem"], 9);
}

#[tokio::test]
async fn unprocessed_deletions_are_repeated_later() {
    let (proxy, store) = behind_proxy().await;
    let key = key();
    store.commit(&turn(&key, Base::New, "x")).await.unwrap();
    store.erase(&key, NOW).await.unwrap();
    let unprocessed = |sequence: u32| json!({ "DeleteRequest": { "Key": { "PK": { "S": "-" }, "SK": { "S": format!("M#{sequence:010}") } } } });
    let all = json!({ "UnprocessedItems": { "table": [unprocessed(1), unprocessed(2)] } });
    let some = json!({ "UnprocessedItems": { "table": [unprocessed(2)] } });
    let query = json!({ "Items": [
        { "PK": { "S": "-" }, "SK": { "S": "M#0000000002" } }, { "PK": { "S": "-" }, "SK": { "S": "M#0000000001" } },
    ] });
    proxy.next([Script::Answer(query.clone()), Script::Answer(all), Script::Answer(query), Script::Answer(some)]);
    assert!(matches!(store.purge(&key).await, Err(StoreError::Throttled)));
    assert!(!store.purge(&key).await.unwrap(), "one remains");
    assert!(store.purge(&key).await.unwrap());
}
