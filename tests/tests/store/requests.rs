//! Counts the requests of each operation.

use std::time::Duration;

use openclaw::audit::{AuditItem, AuditOutbox};
use openclaw::domain::{ClientRequestId, ConnectionId, Principal, PrincipalKind, TenantId, ToolName, UserId};
use openclaw::store::{
    Acceptance, Acquired, Base, CallCounter, ClaimRequest, Connection, ConnectionRegistry, ConversationStore,
    CounterKey, DynamoAudit, DynamoStore, GrantStore, IdempotencyKey, IdempotencyLedger, Lease, LeaseStore,
    ListRequest, Quota, RunHandle, RunStart, RunStatus, Scope, ScopeKind, TurnCommit,
};

use super::cloud::{self, ALL, NOW, client, key, retrying_client, turn};
use super::proxy::Proxy;

fn counts(proxy: &Proxy) -> Vec<(String, usize)> {
    proxy.take_counts().into_iter().collect()
}

fn one(operation: &str) -> Vec<(String, usize)> {
    vec![(operation.to_owned(), 1)]
}

#[tokio::test]
async fn every_operation_costs_what_the_documentation_says() {
    let proxy = Proxy::start(&cloud::endpoint()).await;
    let store = DynamoStore::new(client(&proxy.url), cloud::table().await, cloud::clock());
    let key = key();
    let head = store.commit(&turn(&key, Base::New, "1")).await.unwrap();
    assert_eq!(counts(&proxy), one("TransactWriteItems"));
    let late = turn(&key, Base::After(head.clone()), "late");
    store.commit(&turn(&key, Base::After(head), "2")).await.unwrap();
    assert_eq!(counts(&proxy), one("TransactWriteItems"));
    let lost = store.commit(&late).await.unwrap_err();
    let openclaw::store::StoreError::Contention { head: Some(winner) } = lost else { panic!("{lost:?}") };
    store.commit(&TurnCommit { attempt: 1, base: Base::After(*winner), ..late }).await.unwrap();
    assert_eq!(counts(&proxy), [("TransactWriteItems".to_owned(), 2)]);
    store.load(&key, ALL).await.unwrap();
    assert_eq!(counts(&proxy), one("Query"));
    let listing = ListRequest { tenant: key.tenant.clone(), owner: key.owner.clone(), limit: 10, cursor: None };
    ConversationStore::list(&store, &listing).await.unwrap();
    assert_eq!(counts(&proxy), one("Query"));
    store.transcript(&key, 0, 100, 900_000).await.unwrap();
    assert_eq!(counts(&proxy), one("Query"));
    store.transcript(&key, 0, 2, 900_000).await.unwrap();
    assert_eq!(counts(&proxy), [("GetItem".to_owned(), 1), ("Query".to_owned(), 1)]);
    store.erase(&key, NOW).await.unwrap();
    assert_eq!(counts(&proxy), one("UpdateItem"));
    assert!(store.purge(&key).await.unwrap());
    let deleted = [("BatchWriteItem", 1), ("Query", 1), ("UpdateItem", 1)];
    assert_eq!(counts(&proxy), deleted.map(|(operation, count)| (operation.to_owned(), count)));
    assert!(store.purge(&key).await.unwrap());
    assert_eq!(counts(&proxy), one("Query"));
    store.unpurged(&key.tenant, &key.owner).await.unwrap();
    assert_eq!(counts(&proxy), one("Query"));
    store.check().await.unwrap();
    assert_eq!(counts(&proxy), one("GetItem"));
    let claim = ClaimRequest {
        key: IdempotencyKey { tenant: key.tenant, digest: "d".to_owned() },
        body_digest: "b".to_owned(),
        run: late_run(),
        now: NOW,
        running_until: NOW,
        expires_at: NOW,
    };
    store.claim(&claim).await.unwrap();
    assert_eq!(counts(&proxy), one("PutItem"));
    IdempotencyLedger::release(&store, &claim.key, claim.run).await.unwrap();
    assert_eq!(counts(&proxy), one("DeleteItem"));
}

#[tokio::test]
async fn every_operation_on_a_connection_costs_one_request() {
    let proxy = Proxy::start(&cloud::endpoint()).await;
    let store = DynamoStore::new(retrying_client(&proxy.url), cloud::table().await, cloud::clock());
    let id = ConnectionId::new("connection");
    let request_id = ClientRequestId::parse("run").unwrap();
    let run = RunHandle { connection: id.clone(), request_id: request_id.clone(), dispatch_id: cloud::fresh_uuid() };
    let groups = ["user".to_owned()].into();
    let principal =
        Principal { kind: PrincipalKind::User, user: UserId::new("u"), tenant: TenantId::default(), groups };
    let connection = Connection {
        principal: principal.clone(),
        token_expires_at: NOW,
        token_origin: None,
        expires_at: NOW.plus(Duration::from_hours(1)),
    };
    store.open(&id, &connection).await.unwrap();
    assert_eq!(counts(&proxy), one("PutItem"));
    store.find(&id).await.unwrap().unwrap();
    assert_eq!(counts(&proxy), one("GetItem"));
    assert_eq!(store.accept(&run, NOW, NOW).await.unwrap(), Acceptance::Accepted);
    assert_eq!(counts(&proxy), one("UpdateItem"));
    assert_eq!(store.start(&run, cloud::fresh_uuid()).await.unwrap(), RunStart::Started(principal));
    assert_eq!(counts(&proxy), one("UpdateItem"));
    assert_eq!(store.status(&run).await.unwrap(), RunStatus::Active);
    assert_eq!(counts(&proxy), one("GetItem"));
    assert!(store.cancel(&id, &request_id).await.unwrap());
    assert_eq!(counts(&proxy), one("UpdateItem"));
    store.end(&run).await.unwrap();
    assert_eq!(counts(&proxy), one("UpdateItem"));
    store.close(&id).await.unwrap();
    assert_eq!(counts(&proxy), one("DeleteItem"));
}

#[tokio::test]
async fn a_lease_costs_one_request_to_acquire_and_one_to_release_for_all_its_scopes() {
    let proxy = Proxy::start(&cloud::endpoint()).await;
    let store = DynamoStore::new(client(&proxy.url), cloud::table().await, cloud::clock());
    let quota = |user: Option<&str>| {
        let scope =
            Scope { kind: ScopeKind::Runs, tenant: TenantId::default(), user: user.map(UserId::new), agent: None };
        Quota { scope, limit: 1 }
    };
    let quotas = [quota(Some("u")), quota(None)];
    let lease = Lease { id: "run".to_owned(), expires_at: NOW.plus(Duration::from_mins(1)) };
    assert_eq!(store.acquire(&lease, &quotas, NOW).await.unwrap(), Acquired::Granted);
    assert_eq!(counts(&proxy), one("TransactWriteItems"));
    let other = Lease { id: "other".to_owned(), ..lease.clone() };
    assert!(matches!(store.acquire(&other, &quotas, NOW).await.unwrap(), Acquired::Exhausted { .. }));
    assert_eq!(counts(&proxy), one("TransactWriteItems"));
    LeaseStore::release(&store, &lease, &quotas).await.unwrap();
    assert_eq!(counts(&proxy), one("TransactWriteItems"));
}

#[tokio::test]
async fn a_count_a_page_of_grants_and_an_entry_cost_one_request_each() {
    let proxy = Proxy::start(&cloud::endpoint()).await;
    let store = DynamoStore::new(client(&proxy.url), cloud::table().await, cloud::clock());
    let (tenant, user) = (TenantId::default(), UserId::new("u"));
    let counter = CounterKey { tenant: tenant.clone(), user, action: ToolName::new("pay") };
    store.add(&counter, NOW).await.unwrap();
    assert_eq!(counts(&proxy), one("UpdateItem"));
    store.give_back(&counter, NOW).await.unwrap();
    assert_eq!(counts(&proxy), one("UpdateItem"));
    GrantStore::list(&store, &tenant, None, 1000, NOW).await.unwrap();
    assert_eq!(counts(&proxy), one("Query"));
    let outbox = DynamoAudit::new(client(&proxy.url), cloud::table().await);
    let item = AuditItem { shard: 0, id: "intent".to_owned(), entries: "[]".to_owned(), at: NOW };
    outbox.append(&item).await.unwrap();
    assert_eq!(counts(&proxy), one("PutItem"));
}

fn late_run() -> openclaw::domain::RunId {
    openclaw::domain::RunId::new(cloud::fresh_uuid())
}
