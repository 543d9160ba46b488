//! The audit's table and buckets against the local cloud.

use openclaw::audit::{
    Archive, AuditError, AuditItem, AuditOutbox, AuditReader, EntryKind, S3Bucket, day_of, pack, verify_day,
};
use openclaw::aws::{AwsRequest, AwsService, CallLimits, local_context};
use openclaw::domain::Timestamp;
use openclaw::store::{Base, ConversationStore, DynamoAudit, DynamoStore, outbox_record};
use openclaw::testing::conformance::audit;
use serde_json::json;

use super::cloud;

async fn bucket() -> S3Bucket {
    let client = local_context(&cloud::endpoint()).unwrap().client(AwsService::S3, CallLimits::QUICK);
    let name = format!("audit-{}", cloud::fresh_uuid());
    client.send(&AwsRequest::of(http::Method::PUT, &[&name], "")).await.unwrap();
    S3Bucket::new(client, name)
}

fn item(shard: u8, id: &str) -> AuditItem {
    let entry = json!({
        "time": "2026-05-01T12:00:00.000Z", "id": id, "kind": EntryKind::Invocation, "request_id": "r", "tenant": "acme",
        "subject": "s", "agent": "default"
    });
    pack(shard, &[serde_json::from_value(entry).unwrap()], cloud::NOW).unwrap().remove(0)
}

#[tokio::test]
async fn the_table_and_the_buckets_pass_the_suite() {
    let table = DynamoAudit::new(cloud::client(&cloud::endpoint()), cloud::table().await);
    audit::heads(&table, 3).await;
    audit::objects(&bucket().await).await;
    let texts = bucket().await;
    audit::texts(&texts, async || texts.list("").await.unwrap()).await;
}

#[tokio::test]
async fn entries_ride_in_the_transaction_of_their_turn() {
    let client = cloud::client(&cloud::endpoint());
    let (table, audit_table) = (cloud::table().await, cloud::table().await);
    let store = DynamoStore::new(client.clone(), &table, cloud::clock()).with_audit_table(&audit_table);
    let mut turn = cloud::turn(&cloud::key(), Base::New, "hello");
    turn.audit = vec![item(5, "one")];
    store.commit(&turn).await.unwrap();
    let stored = client.scan().table_name(&audit_table).send().await.unwrap().items.unwrap();
    assert_eq!(stored.len(), 1);
    let text = |name: &str| stored[0].get(name)?.as_s().ok().map(String::as_str);
    let record = outbox_record(text).unwrap();
    assert_eq!((record.shard, record.id.as_str(), record.entries), (5, "one", Some(turn.audit[0].entries.clone())));
    // Without its table the turn is not stored.
    let without = DynamoStore::new(client.clone(), &table, cloud::clock());
    let mut other = cloud::turn(&cloud::key(), Base::New, "hello");
    other.audit = vec![item(5, "two")];
    assert!(without.commit(&other).await.is_err());
    assert!(without.load(&other.key, cloud::ALL).await.is_err());
}

#[tokio::test]
async fn a_table_that_is_not_there_refuses() {
    let outbox = DynamoAudit::new(cloud::client(&cloud::endpoint()), "nowhere");
    assert!(matches!(outbox.append(&item(0, "x")).await, Err(AuditError::Refused(_))));
}

#[tokio::test]
async fn a_day_is_archived_closed_and_verified() {
    let table = DynamoAudit::new(cloud::client(&cloud::endpoint()), cloud::table().await);
    let (objects, texts) = (bucket().await, bucket().await);
    let archive = Archive { heads: &table, objects: &objects, texts: &texts };
    let records = |items: &[AuditItem]| {
        let record = |item: &AuditItem| openclaw::audit::OutboxRecord {
            shard: item.shard,
            id: item.id.clone(),
            entries: Some(item.entries.clone()),
        };
        items.iter().map(record).collect::<Vec<_>>()
    };
    let noon = Timestamp::from_millis(1_777_636_800_000);
    let first = records(&[item(0, "a"), item(4, "b")]);
    assert_eq!(archive.archive(first.clone(), noon).await.unwrap().entries, 2);
    let again = archive.archive(first, noon).await.unwrap();
    assert_eq!((again.entries, again.repeated), (0, 2));
    archive.archive(records(&[item(0, "c")]), noon).await.unwrap();
    let next = noon.plus(std::time::Duration::from_hours(24));
    assert_eq!(archive.write_manifests(next).await.unwrap(), ["2026-05-01"]);
    let verified = verify_day(&objects, "2026-05-01", &day_of(next)).await.unwrap();
    assert_eq!((verified.entries, verified.objects, verified.is_closed), (3, 3, true));
}
